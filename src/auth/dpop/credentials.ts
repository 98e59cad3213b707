/** The access token of a request, under either scheme (RFC 6750 section 2.1, RFC 9449 section 7.1). Pure. */
import type { Result } from '../../core/result.ts';
import { err, ok } from '../../core/result.ts';

export type Scheme = 'Bearer' | 'DPoP';

export interface Credentials {
  readonly scheme: Scheme;
  readonly token: string;
}

/** A header that cannot be read, and under which scheme to say so. */
export interface CredentialsProblem {
  /** The first is answered as RFC 9449 figure 19 has it. */
  readonly reason: 'several_methods' | 'malformed_credentials';
  readonly tried: Scheme | 'both';
}

/**
 * Scheme names compare without case (RFC 9110 section 11.1). A token is token68 (RFC 9449 figure 12) or has colons as
 * well, since those of this gate do: `user:grant:secret`.
 */
const FORM = /^(bearer|dpop) +([A-Za-z0-9\-._~+/:]+=*)$/i;

const NAMED = /(?:^|,)\s*(bearer|dpop)(?=[\s,]|$)/i;

/**
 * In: the Authorization header as `Headers` gives it, or null. Out: scheme and token; undefined where there is none, or
 * one of a scheme that is not ours; or what is wrong. Neither form has a comma, so one means that two came joined.
 */
export function parseAuthorization(header: string | null): Result<Credentials | undefined, CredentialsProblem> {
  if (header === null) return ok(undefined);
  const [, whole, token] = FORM.exec(header) ?? [];
  const name = whole ?? NAMED.exec(header)?.[1];
  if (name === undefined) return ok(undefined);
  const scheme = name.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer';
  if (token !== undefined) return ok({ scheme, token });
  if (header.includes(',')) return err({ reason: 'several_methods', tried: 'both' });
  return err({ reason: 'malformed_credentials', tried: scheme });
}
