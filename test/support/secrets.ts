/** Forty kinds of secrets that nobody has: made up here, so that no scanner takes them for real ones. */

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** In: a number, how long, of which characters. Out: the same text each time, which looks random. */
function noise(seed: number, length: number, alphabet = LETTERS): string {
  let state = seed * 7919 + 17;
  let text = '';
  while (text.length < length) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    text += alphabet[Math.floor((state / 2_147_483_648) * alphabet.length)];
  }
  return text;
}

const HEX = '0123456789abcdef';
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const DIGITS = '0123456789';

export interface Kind {
  readonly name: string;
  /** As it would stand in a text. */
  readonly text: string;
  /** What of it must not be found anywhere: long enough to be nothing else. */
  readonly core: string;
}

const MAKERS: Readonly<Record<string, (seed: number) => readonly [before: string, core: string, after?: string]>> = {
  'GitHub token, classic': (n) => [['gh', 'p_'].join(''), noise(n, 36)],
  'GitHub token, OAuth': (n) => [['gh', 'o_'].join(''), noise(n, 36)],
  'GitHub token, of an app for a person': (n) => [['gh', 'u_'].join(''), noise(n, 36)],
  'GitHub token, of an installation': (n) => [['gh', 's_'].join(''), noise(n, 36)],
  'GitHub refresh token': (n) => [['gh', 'r_'].join(''), noise(n, 76)],
  'GitHub token, fine-grained': (n) => [['github', '_pat_'].join(''), `${noise(n, 22)}_${noise(n + 1, 59)}`],
  'AWS access key id': (n) => [['AK', 'IA'].join(''), noise(n, 16, UPPER)],
  'AWS secret access key': (n) => ['aws_secret_access_key = ', noise(n, 40)],
  'Slack bot token': (n) => [['xo', 'xb-'].join(''), `${noise(n, 12, DIGITS)}-${noise(n, 24)}`],
  'Slack app token': (n) => [['xa', 'pp-'].join(''), `1-A${noise(n, 10)}-${noise(n, 13, DIGITS)}-${noise(n, 64, HEX)}`],
  'Slack webhook': (n) => [
    'https://hooks.slack.com/services/',
    `T${noise(n, 8, UPPER)}/B${noise(n, 8, UPPER)}/${noise(n, 24)}`,
  ],
  'Discord webhook': (n) => ['https://discord.com/api/webhooks/', `${noise(n, 18, DIGITS)}/${noise(n, 68)}`],
  'Stripe secret key': (n) => [['sk', '_live_'].join(''), noise(n, 24)],
  'Stripe webhook secret': (n) => [['wh', 'sec_'].join(''), noise(n, 32)],
  'OpenAI key': (n) => [['sk', '-proj-'].join(''), noise(n, 48)],
  'Anthropic key': (n) => [['sk', '-ant-api03-'].join(''), noise(n, 80)],
  'GitLab token': (n) => [['gl', 'pat-'].join(''), noise(n, 20)],
  'npm token': (n) => [['np', 'm_'].join(''), noise(n, 36)],
  'PyPI token': (n) => [['py', 'pi-AgEIcHlwaS5vcmc'].join(''), noise(n, 80)],
  'RubyGems key': (n) => [['ruby', 'gems_'].join(''), noise(n, 48, HEX)],
  'Docker token': (n) => [['dckr', '_pat_'].join(''), noise(n, 27)],
  'Hugging Face token': (n) => [['h', 'f_'].join(''), noise(n, 34)],
  'Google API key': (n) => [['AI', 'za'].join(''), noise(n, 35)],
  'Google OAuth token': (n) => [['ya', '29.'].join(''), noise(n, 60)],
  'Google client secret': (n) => [['GOC', 'SPX-'].join(''), noise(n, 28)],
  'DigitalOcean token': (n) => [['dop', '_v1_'].join(''), noise(n, 64, HEX)],
  'Shopify token': (n) => [['shp', 'at_'].join(''), noise(n, 32, HEX)],
  'SendGrid key': (n) => [['S', 'G.'].join(''), `${noise(n, 22)}.${noise(n, 43)}`],
  'Twilio key': (n) => [['S', 'K'].join(''), noise(n, 32, HEX)],
  'Telegram bot token': (n) => [`${noise(n, 10, DIGITS)}:AA`, noise(n, 33)],
  'Vault token': (n) => [['hv', 's.'].join(''), noise(n, 90)],
  'Databricks token': (n) => [['da', 'pi'].join(''), noise(n, 32, HEX)],
  'Grafana token': (n) => [['gl', 'sa_'].join(''), `${noise(n, 32)}_${noise(n, 8, HEX)}`],
  'Linear key': (n) => [['lin', '_api_'].join(''), noise(n, 40)],
  'Atlassian token': (n) => [['ATA', 'TT3xFfGF0'].join(''), noise(n, 60)],
  'age secret key': (n) => [['AGE-SECRET', '-KEY-1'].join(''), noise(n, 58, UPPER)],
  'JSON Web Token': (n) => [['ey', 'J'].join(''), `${noise(n, 24)}.eyJ${noise(n + 1, 30)}.${noise(n + 2, 43)}`],
  'private key': (n) => ['-----BEGIN EC PRIVATE KEY-----\n', noise(n, 120), '\n-----END EC PRIVATE KEY-----'],
  'PGP private key': (n) => [
    '-----BEGIN PGP PRIVATE KEY BLOCK-----\n',
    noise(n, 120),
    '\n-----END PGP PRIVATE KEY BLOCK-----',
  ],
  'credentials in a URL': (n) => ['https://deploy:', noise(n, 20), '@db.example.com/x'],
  'signature in a URL': (n) => ['https://store.example.com/x?X-Amz-Signature=', noise(n, 64, HEX)],
  'bearer credentials': (n) => ['Authorization: Bearer ', noise(n, 40)],
  'basic credentials': (n) => ['Authorization: Basic ', noise(n, 40)],
  'password of a setting': (n) => ['password=', noise(n, 24)],
  cookie: (n) => ['Cookie: session=', noise(n, 40)],
};

/** Each kind once. */
export const KINDS: readonly Kind[] = Object.entries(MAKERS).map(([name, make], i) => {
  const [before, core, after = ''] = make((i + 1) * 100);
  return { name, text: `${before}${core}${after}`, core };
});

/** In: any text. Out: names of the kinds whose secret is in it, whole, in part, or as JSON or a URL writes it. */
export function leaksIn(text: string, kinds: readonly Kind[] = KINDS): string[] {
  return kinds
    .filter(({ core }) => {
      // Redacting half of a secret is not redacting it: neither its beginning nor its end may stand anywhere.
      const parts = [core.slice(0, 14), core.slice(-14)];
      return parts.some((part) => text.includes(part) || text.includes(encodeURIComponent(part)));
    })
    .map(({ name }) => name);
}
