/** The first look at a text is a shortcut: it must never pass over what one of the shapes would find. */
import { describe, expect, it } from 'vitest';
import { SECRET_SHAPES, withoutSecrets } from '../../../src/core/secret-shapes.ts';

/** Made up. A bar stands where a scanner would take the sample for a real one, and is taken out. */
const SAMPLES = [
  ...['p', 'o', 'u', 's', 'r'].map((kind) => `gh${kind}¦_${'a1B2'.repeat(9)}`),
  `github_¦pat_11A${'b2_C'.repeat(9)}`,
  'gh¦s_123456_eyJhbGciOiJI.eyJzdWIi.c2lnbmF0dXJl',
  'gh¦_583231.abcdefghijklmn-_qrstuv:gr_nt-23:-ecret_56',
  'AK¦IAIOSFODNN7EXAMPLE',
  'AS¦IAIOSFODNN7EXAMPLE',
  `AI¦za${'aB3_-'.repeat(7)}`,
  `ya¦29.${'a0-_'.repeat(6)}`,
  `GOC¦SPX-${'a1-_'.repeat(6)}`,
  ...['o', 'p', 'r'].map((kind) => `do${kind}¦_v1_${'0123abcd'.repeat(8)}`),
  `da¦pi${'0123abcd'.repeat(4)}`,
  ...['s', 'b', 'r'].map((kind) => `hv${kind}¦.${'aB1-_x'.repeat(5)}`),
  ...['a', 'b', 'e', 'o', 'p', 'r', 's'].map((kind) => `xox${kind}¦-123456789012-abcdef`),
  'xa¦pp-1-A0123456789-abc',
  'https://hooks.sl¦ack.com/services/T0000/B0000/abcdefghijkl',
  'https://hooks.sl¦ack.com/workflows/T0000/B0000/abcdefghijkl',
  `https://discord.com/api/web¦hooks/123456789/${'a1-_'.repeat(12)}`,
  `https://discordapp.com/api/web¦hooks/123456789/${'a1-_'.repeat(12)}`,
  `123456789:A¦A${'a1-'.repeat(11)}`,
  `SG¦.${'a1-_'.repeat(5)}.${'b2-_'.repeat(9)}`,
  `SK¦${'0123abcd'.repeat(4)}`,
  ...['s', 'r', 'p'].flatMap((kind) => ['live', 'test'].map((mode) => `${kind}k¦_${mode}_0123456789abcdefABCDEF`)),
  `wh¦sec_${'aB1+/='.repeat(5)}`,
  ...['at', 'ca', 'pa', 'ss'].map((kind) => `shp${kind}¦_${'0123abcd'.repeat(4)}`),
  's¦k-proj-0123456789abcdefghijklmnop',
  `h¦f_${'aB1'.repeat(11)}`,
  `np¦m_${'a1B2'.repeat(9)}`,
  `py¦pi-${'a1-_'.repeat(13)}`,
  `ruby¦gems_${'0123abcd'.repeat(6)}`,
  `dck¦r_pat_${'a1-_'.repeat(6)}`,
  `dck¦r_oat_${'a1-_'.repeat(6)}`,
  ...['pat', 'dt', 'rt', 'cbt', 'ptt', 'ft'].map((kind) => `gl${kind}¦-0123456789.abcdefghij`),
  ...['sa', 'c'].map((kind) => `gl${kind}¦_${'a1B_'.repeat(9)}=`),
  `lin_a¦pi_${'a1B2'.repeat(10)}`,
  `ATA¦TT3${'aB1-_='.repeat(6)}`,
  `AGE-SEC¦RET-KEY-1${'QP2Z'.repeat(14)}`,
  'ey¦JhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl',
  '-----BEGIN RSA PRIV¦ATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIV¦ATE KEY-----',
  '-----BEGIN PGP PRIV¦ATE KEY BLOCK-----\nlQOYBF',
  'x://user:hunter2@host/path',
].map((sample) => sample.replaceAll('¦', ''));

/** The shortest there can be: what is shorter still is not looked at. */
const SHORTEST = ['xox¦b-0123456789', 'xa¦pp-0123456789', '://a:b@'].map((sample) => sample.replaceAll('¦', ''));

const everyShape = (text: string) => SECRET_SHAPES.reduce((kept, shape) => kept.replace(shape, () => '*'), text);

describe('the first look at a text', () => {
  it.each(SECRET_SHAPES)('has a sample of %s', (shape) => {
    expect(SAMPLES.some((sample) => new RegExp(shape.source, shape.flags).test(sample))).toBe(true);
  });

  it.each([...SAMPLES, ...SHORTEST])('finds %j wherever it stands', (sample) => {
    for (const text of [sample, `a ${sample}`, `é\n"${sample}" `, `=${sample}, b`]) {
      expect(withoutSecrets(text, () => '*')).toBe(everyShape(text));
      expect(everyShape(text)).not.toBe(text);
    }
  });

  it('leaves nothing that the shapes would find, in texts of parts of secrets', () => {
    let seed = 20_261_124;
    const below = (limit: number) => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((seed / 2 ** 32) * limit);
    };
    let found = 0;
    for (let round = 0; round < 5_000; round++) {
      const text = Array.from({ length: 1 + below(4) }, () => {
        const sample = SAMPLES[below(SAMPLES.length)] ?? '';
        const from = below(3) === 0 ? below(sample.length) : 0;
        const to = below(3) === 0 ? from + below(sample.length) : sample.length;
        return sample.slice(from, to) + ['', ' ', '_', '-', '.', ':', 'a', '\n'][below(8)];
      }).join('');
      const expected = everyShape(text);
      expect(withoutSecrets(text, () => '*')).toBe(expected);
      if (expected !== text) found += 1;
    }
    expect(found).toBeGreaterThan(1_000);
    expect(found).toBeLessThan(5_000);
  });
});
