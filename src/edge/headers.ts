/** Headers that every answer carries, whoever made it. What an inner handler said itself is kept. */

/** For answers that say nothing of their own: JSON, redirects, streams. Pages bring theirs (pages/respond.ts). */
export const BASE_CSP = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const ONE_YEAR = 31_536_000;

/**
 * `Referrer-Policy` is not `no-referrer`: Chromium then sends `Origin: null` with form posts, which the Origin check
 * refuses. There is no Cross-Origin-Opener-Policy: it would cut a client that opens the sign-in in a pop-up off from it.
 */
const ALWAYS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
};

export interface HeaderOptions {
  /** Origin of this gate; undefined while it is not set up. Decides on HSTS alone. */
  readonly publicUrl: string | undefined;
}

/**
 * In: the headers of an answer (changed in place), the options. Sets what is missing; completes a policy that an inner
 * handler set with the directives it did not name. Answers are not stored unless they said that they may be.
 */
export function addSecurityHeaders(headers: Headers, { publicUrl }: HeaderOptions): void {
  for (const [name, value] of Object.entries(ALWAYS)) {
    if (!headers.has(name)) headers.set(name, value);
  }
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
  headers.set('content-security-policy', mergeCsp(headers.get('content-security-policy'), BASE_CSP));
  if (publicUrl?.startsWith('https:') === true) headers.set('strict-transport-security', `max-age=${ONE_YEAR}`);
}

/**
 * In: the policy of an inner handler or null, and the base. Out: the inner one plus each directive of the base that it
 * does not name. Several policies in one header (joined by commas) are all enforced by browsers, so the base is one more.
 */
export function mergeCsp(inner: string | null, base: string): string {
  if (inner === null || inner.trim() === '') return base;
  if (inner.includes(',')) return `${inner}, ${base}`;
  const named = new Set(directives(inner).map(nameOf));
  return [...directives(inner), ...directives(base).filter((directive) => !named.has(nameOf(directive)))].join('; ');
}

function directives(policy: string): string[] {
  return policy
    .split(';')
    .map((directive) => directive.trim())
    .filter((directive) => directive !== '');
}

function nameOf(directive: string): string {
  return directive.split(/\s/, 1)[0]?.toLowerCase() ?? '';
}
