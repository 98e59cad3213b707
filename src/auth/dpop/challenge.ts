/** How both endpoints say no, and what they say of DPoP beforehand (RFC 9449 sections 5, 7.1, 8 and 9). Pure. */
import { ownResponse } from '../../core/own-response.ts';
import type { DpopPolicy } from './binding.ts';
import type { Scheme } from './credentials.ts';
import { SIGNING_ALGS } from './keys.ts';
import type { Refusal } from './refusal.ts';

export interface ChallengeFacts {
  /** URL of the RFC 9728 document. */
  readonly metadataUrl: string;
  /** Scopes to ask for. */
  readonly scopes?: readonly string[];
  /** Under which scheme the request tried; undefined where it did not, `both` where that is not clear. */
  readonly tried?: Scheme | 'both' | undefined;
  /** Why it was declined: said only under the scheme that was tried (section 7.2). */
  readonly error?: string | undefined;
  readonly description?: string | undefined;
}

/**
 * The WWW-Authenticate value: Bearer first, because clients of the 1.x SDK read the first challenge only. Scopes and
 * metadata stand in both: the 2.x SDK takes the first `scope` it finds, another parser that of its own scheme.
 */
export function challenge({ metadataUrl, scopes, tried, error, description }: ChallengeFacts): string {
  const common = [
    `resource_metadata=${quoted(metadataUrl)}`,
    ...(scopes === undefined ? [] : [`scope=${quoted(scopes.join(' '))}`]),
  ];
  const reason = [
    ...(error === undefined ? [] : [`error=${quoted(error)}`]),
    ...(error === undefined || description === undefined ? [] : [`error_description=${quoted(description)}`]),
  ];
  const under = (scheme: Scheme) => (tried === scheme || tried === 'both' ? reason : []);
  const bearer = ['realm="OAuth"', ...common, ...under('Bearer')].join(', ');
  const dpop = [`algs=${quoted(SIGNING_ALGS.join(' '))}`, ...common, ...under('DPoP')].join(', ');
  return `Bearer ${bearer}, DPoP ${dpop}`;
}

/**
 * The protected resource's refusal: 401, or 400 where the request itself is wrong (figure 19). `nonce` is a current
 * one: needed with `use_dpop_nonce` (section 9), welcome with any other refusal of a proof (section 8).
 */
export function resourceRefusal(
  refusal: Refusal,
  facts: Pick<ChallengeFacts, 'metadataUrl' | 'scopes' | 'tried'>,
  nonce: string | undefined,
): Response {
  const { error, description } = refusal;
  const response = refused(refusal, error === 'invalid_request' ? 400 : 401, nonce);
  response.headers.set('www-authenticate', challenge({ ...facts, error, description }));
  return response;
}

/** The token endpoint's refusal (RFC 6749 section 5.2), which is always 400: no scheme authenticates the client here. */
export function tokenRefusal(refusal: Refusal, nonce: string | undefined): Response {
  return refused(refusal, 400, nonce);
}

/** The answer with a nonce for the next proof. Not to be stored by anybody on the way (section 8.2). */
export function withNonce(response: Response, nonce: string | undefined): Response {
  if (nonce === undefined) return response;
  const answer = ownResponse(response);
  answer.headers.set('dpop-nonce', nonce);
  answer.headers.set('cache-control', 'no-store');
  return answer;
}

/** Response headers a browser hides from a client of another origin unless told not to (sections 7.1 and 8, and the limits). */
const EXPOSED = ['WWW-Authenticate', 'DPoP-Nonce', 'RateLimit', 'RateLimit-Policy', 'Retry-After'];

/** Adds them to what an answer already exposes. Only for answers that are shared with another origin at all. */
export function exposeToBrowsers(headers: Headers): void {
  if (!headers.has('access-control-allow-origin')) return;
  const names = (headers.get('access-control-expose-headers') ?? '').split(',').map((name) => name.trim());
  const known = new Set(names.map((name) => name.toLowerCase()));
  const all = [...names, ...EXPOSED.filter((name) => !known.has(name.toLowerCase()))];
  headers.set('access-control-expose-headers', all.filter((name) => name !== '').join(', '));
}

/** For the RFC 8414 document (RFC 9449 section 5.1). */
export function serverMetadata(): { readonly dpop_signing_alg_values_supported: readonly string[] } {
  return { dpop_signing_alg_values_supported: SIGNING_ALGS };
}

/** For the RFC 9728 document (its section 2). */
export function resourceMetadata(policy: DpopPolicy): {
  readonly dpop_signing_alg_values_supported: readonly string[];
  readonly dpop_bound_access_tokens_required: boolean;
} {
  return { ...serverMetadata(), dpop_bound_access_tokens_required: policy === 'required' };
}

function refused({ error, description }: Refusal, status: 400 | 401, nonce: string | undefined): Response {
  const headers = new Headers({ 'cache-control': 'no-store', pragma: 'no-cache' });
  if (nonce !== undefined) headers.set('dpop-nonce', nonce);
  return Response.json({ error, error_description: description }, { status, headers });
}

/** RFC 9110 section 5.6.4, without its escapes: not every client undoes them. */
function quoted(text: string): string {
  return `"${text.replace(/[^\x20-\x7e]|["\\]/g, "'")}"`;
}
