/** Secrets by their shape. Pure. */

/**
 * Known wherever they stand, also in what a model is shown. An underscore beside one is no part of it, which `\b` would say.
 */
export const SECRET_SHAPES: readonly RegExp[] = [
  // GitHub
  /(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{16,255}(?![A-Za-z0-9])/g,
  /(?<![A-Za-z0-9])github_pat_[A-Za-z0-9_]{22,255}(?![A-Za-z0-9])/g,
  // An installation token that names its installation.
  /(?<![A-Za-z0-9])gh[su]_\d{1,20}_eyJ[\w-]{8,1024}\.[\w-]+\.[\w-]+/g,
  // A code or token of this gate: sealed user id, grant, secret.
  /(?<![A-Za-z0-9])gh_\d+\.[\w-]{22}:[\w-]+:[\w-]+/g,
  // Clouds
  /(?<![A-Za-z0-9])AKIA[A-Z0-9]{16}(?![A-Za-z0-9])/g,
  /(?<![A-Za-z0-9])ASIA[A-Z0-9]{16}(?![A-Za-z0-9])/g,
  /(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9])/g,
  /(?<![A-Za-z0-9])ya29\.[\w-]{20,}/g,
  /(?<![A-Za-z0-9])GOCSPX-[\w-]{20,}/g,
  /(?<![A-Za-z0-9])do[opr]_v1_[0-9a-f]{64}(?![A-Za-z0-9])/g,
  /(?<![A-Za-z0-9])dapi[0-9a-f]{32}(?![A-Za-z0-9])/g,
  /(?<![A-Za-z0-9])hv[sbr]\.[\w-]{24,}/g,
  // Talk
  /(?<![A-Za-z0-9])xox[abeoprs]-[A-Za-z0-9-]{10,}(?![A-Za-z0-9])/g,
  /(?<![A-Za-z0-9])xapp-[A-Za-z0-9-]{10,}(?![A-Za-z0-9])/g,
  /(?<=\bhooks\.slack\.com\/(?:services|workflows)\/)[\w/]{20,}/g,
  /(?<=\bdiscord(?:app)?\.com\/api\/webhooks\/)[\w/-]{40,}/g,
  /(?<![A-Za-z0-9])\d{8,10}:AA[\w-]{33}(?![\w-])/g,
  /(?<![A-Za-z0-9])SG\.[\w-]{16,}\.[\w-]{16,}/g,
  /(?<![A-Za-z0-9])SK[0-9a-f]{32}(?![A-Za-z0-9])/g,
  // Money, models, packages, tools
  /(?<![A-Za-z0-9])[srp]k_live_[A-Za-z0-9]{16,}(?![A-Za-z0-9])/g,
  /(?<![A-Za-z0-9])[srp]k_test_[A-Za-z0-9]{16,}(?![A-Za-z0-9])/g,
  /(?<![A-Za-z0-9])whsec_[A-Za-z0-9+/=]{24,}/g,
  /(?<![A-Za-z0-9])shp(?:at|ca|pa|ss)_[0-9a-f]{32}(?![A-Za-z0-9])/g,
  /(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{20,}(?![A-Za-z0-9])/g,
  /(?<![A-Za-z0-9])hf_[A-Za-z0-9]{30,}(?![A-Za-z0-9])/g,
  /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])/g,
  /(?<![A-Za-z0-9])pypi-[\w-]{50,}/g,
  /(?<![A-Za-z0-9])rubygems_[0-9a-f]{48}(?![A-Za-z0-9])/g,
  /(?<![A-Za-z0-9])dckr_[op]at_[\w-]{20,}/g,
  /(?<![A-Za-z0-9])gl(?:pat|dt|rt|cbt|ptt|ft)-[\w.-]{20,}/g,
  /(?<![A-Za-z0-9])gl(?:sa|c)_[\w=]{32,}/g,
  /(?<![A-Za-z0-9])lin_api_[A-Za-z0-9]{32,}(?![A-Za-z0-9])/g,
  /(?<![A-Za-z0-9])ATATT3[\w=-]{30,}/g,
  // Anywhere
  /(?<![A-Za-z0-9])AGE-SECRET-KEY-1[A-Z0-9]{50,}(?![A-Za-z0-9])/g,
  // Bounded: without a dot the first part would be read anew from each of its hyphens.
  /(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{8,1024}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|$)/g,
  /(?<=:\/\/)[^/\s:@]+:[^/\s@]+(?=@)/g,
];

/**
 * What has one of them has one of these. Most text has none, and one look says so: far cheaper than forty. Each begins at
 * a character that is rare, and looks back from there: begun at its first letter, the look takes ten times as long.
 */
const SUSPECT =
  /_(?<=(?:gh[pousr]|github_pat|whsec|shp[a-z]{2}|hf|npm|rubygems|dckr|gl[a-z]{1,3}|lin_api)_)|_(?:v1_|(?<=gh_)\d+\.|(?<=k_)(?:live|test)_)|-(?<=(?:GOCSPX|xox[a-z]|xapp|pypi|gl[a-z]{1,3})-)|-(?:(?<=sk-)[\w-]{20}|(?<=AGE-)SECRET)|\.(?:(?<=(?:ya29|hv[sbr]|SG)\.)|(?<=hooks\.)slack)|A[KS]IA[A-Z0-9]{16}|AIza|ATATT3|SK[0-9a-f]{8}|J(?<=eyJ)|p(?<=dap)i[0-9a-f]|PRIVATE KEY|\/webhooks\/|:AA|:\/\/[^/\s:@]+:[^/\s@]+@/;

/**
 * What is no secret by its shape but by what stands before it. Only for what is kept: in code, a model must be able to
 * read `password = readPassword()`, and an address that opens a log for a minute is what it asked for.
 */
export const NAMED_SHAPES: readonly RegExp[] = [
  /(?<=\bcookie:\s{0,3})[^\r\n]+/gi,
  /(?<=[?&](?:[\w.-]{0,40}(?:signature|token|secret|password|key)|sig|code|state)=)[^&\s"'<>#]{8,}/gi,
  /(?<=(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)["']?\s{0,3}[=:]\s{0,3}["']?)[^\s"'&,;<>]{8,}/gi,
];

/** Characters of the shortest secret: `xoxb-` and ten. Only one that stands in an address is shorter. */
const SHORTEST = 15;

/** In: any text. Out: whether it may hold a secret that has a shape of its own; most text does not. */
export function isSuspect(text: string): boolean {
  return (text.length >= SHORTEST || text.includes(':')) && SUSPECT.test(text);
}

/** In: any text, and what to put in the place of a secret. Out: the text without secrets that have a shape of their own. */
export function withoutSecrets(text: string, replace: (secret: string) => string): string {
  if (!isSuspect(text)) return text;
  return SECRET_SHAPES.reduce((kept, shape) => kept.replace(shape, replace), text);
}
