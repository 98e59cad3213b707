/** Headers that every answer carries, whoever made it. What an inner handler said itself is kept. */
import { BASE_CSP, BASE_HEADERS } from '../core/base-headers.ts';

const ONE_YEAR = 31_536_000;

export interface HeaderOptions {
  /** Origin of this gate; undefined while it is not set up. Decides on HSTS alone. */
  readonly publicUrl: string | undefined;
}

/**
 * In: the headers of an answer (changed in place), the options, whether it was made with BASE_HEADERS. Sets what is
 * missing; completes a policy that an inner handler set with the directives it did not name. Answers are not stored
 * unless they said that they may be.
 */
export function addSecurityHeaders(headers: Headers, { publicUrl }: HeaderOptions, based = false): void {
  if (!based) {
    const policy = mergeCsp(headers.get('content-security-policy'), BASE_CSP);
    for (const [name, value] of Object.entries(BASE_HEADERS)) {
      if (!headers.has(name)) headers.set(name, value);
    }
    headers.set('content-security-policy', policy);
  }
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
