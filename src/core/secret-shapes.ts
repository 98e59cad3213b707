/** Secrets by their shape. Pure. */

/** Known wherever they stand, also in what a model is shown. */
const SECRET_SHAPES: readonly RegExp[] = [
  // GitHub
  /\bgh[pousr]_[A-Za-z0-9]{16,255}\b/g,
  /\bgithub_pat_[A-Za-z0-9_]{22,255}\b/g,
  // A code or token of this gate: sealed user id, grant, secret.
  /\bgh_\d+\.[\w-]{22}:[\w-]+:[\w-]+/g,
  // Clouds
  /\bAKIA[A-Z0-9]{16}\b/g,
  /\bASIA[A-Z0-9]{16}\b/g,
  /\bAIza[A-Za-z0-9_-]{35}\b/g,
  /\bya29\.[\w-]{20,}/g,
  /\bGOCSPX-[\w-]{20,}/g,
  /\bdo[opr]_v1_[0-9a-f]{64}\b/g,
  /\bdapi[0-9a-f]{32}\b/g,
  /\bhv[sbr]\.[\w-]{24,}/g,
  // Talk
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}\b/g,
  /\bxapp-[A-Za-z0-9-]{10,}\b/g,
  /(?<=\bhooks\.slack\.com\/(?:services|workflows)\/)[\w/]{20,}/g,
  /(?<=\bdiscord(?:app)?\.com\/api\/webhooks\/)[\w/-]{40,}/g,
  /\b\d{8,10}:AA[\w-]{33}(?![\w-])/g,
  /\bSG\.[\w-]{16,}\.[\w-]{16,}/g,
  /\bSK[0-9a-f]{32}\b/g,
  // Money, models, packages, tools
  /\b[srp]k_live_[A-Za-z0-9]{16,}\b/g,
  /\b[srp]k_test_[A-Za-z0-9]{16,}\b/g,
  /\bwhsec_[A-Za-z0-9+/=]{24,}/g,
  /\bshp(?:at|ca|pa|ss)_[0-9a-f]{32}\b/g,
  /\bsk-[A-Za-z0-9_-]{20,}\b/g,
  /\bhf_[A-Za-z0-9]{30,}\b/g,
  /\bnpm_[A-Za-z0-9]{36}\b/g,
  /\bpypi-[\w-]{50,}/g,
  /\brubygems_[0-9a-f]{48}\b/g,
  /\bdckr_[op]at_[\w-]{20,}/g,
  /\bgl(?:pat|dt|rt|cbt|ptt|ft)-[\w.-]{20,}/g,
  /\bgl(?:sa|c)_[\w=]{32,}/g,
  /\blin_api_[A-Za-z0-9]{32,}\b/g,
  /\bATATT3[\w=-]{30,}/g,
  // Anywhere
  /\bAGE-SECRET-KEY-1[A-Z0-9]{50,}\b/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|$)/g,
  /(?<=:\/\/)[^/\s:@]+:[^/\s@]+(?=@)/g,
];

/** What has one of them has one of these. Most text has none, and one look says so: far cheaper than forty. */
const SUSPECT =
  /gh[pousr]_|github_pat_|gh_\d+\.|A[KS]IA[A-Z0-9]{16}|AIza|ya29\.|GOCSPX-|_v1_|dapi[0-9a-f]|hv[sbr]\.|xox[a-z]-|xapp-|hooks\.slack|\/webhooks\/|:AA|SG\.|SK[0-9a-f]{8}|k_(?:live|test)_|whsec_|shp[a-z]{2}_|sk-[\w-]{20}|hf_|npm_|pypi-|rubygems_|dckr_|gl[a-z]{1,3}[-_]|lin_api_|ATATT3|AGE-SECRET|eyJ|PRIVATE KEY|:\/\/[^/\s:@]+:[^/\s@]+@/;

/**
 * What is no secret by its shape but by what stands before it. Only for what is kept: in code, a model must be able to
 * read `password = readPassword()`, and an address that opens a log for a minute is what it asked for.
 */
export const NAMED_SHAPES: readonly RegExp[] = [
  /(?<=\bcookie:\s{0,3})[^\r\n]+/gi,
  /(?<=[?&](?:[\w.-]{0,40}(?:signature|token|secret|password|key)|sig|code|state)=)[^&\s"'<>#]{8,}/gi,
  /(?<=(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)["']?\s{0,3}[=:]\s{0,3}["']?)[^\s"'&,;<>]{8,}/gi,
];

/** In: any text, and what to put in the place of a secret. Out: the text without secrets that have a shape of their own. */
export function withoutSecrets(text: string, replace: (secret: string) => string): string {
  if (!SUSPECT.test(text)) return text;
  return SECRET_SHAPES.reduce((kept, shape) => kept.replace(shape, replace), text);
}
