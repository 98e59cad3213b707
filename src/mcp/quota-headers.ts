/** RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10): what is left before a client is refused. */
import { ownResponse } from '../core/own-response.ts';
import type { Quota } from '../gate/windows.ts';

/**
 * In: an answer, and what its request found left of each limit. Out: the answer with both fields, which are Lists of
 * Strings with parameters (RFC 9651): `q` requests in `w` seconds, of which `r` remain, and `t` seconds until there is
 * room for more. Without limits, the answer as it was.
 */
export function withQuotas(response: Response, quotas: Iterable<Quota>): Response {
  const all = [...quotas];
  if (all.length === 0) return response;
  const answer = ownResponse(response);
  answer.headers.set(
    'ratelimit-policy',
    all.map(({ name, count, seconds }) => `"${name}";q=${count};w=${seconds}`).join(', '),
  );
  answer.headers.set(
    'ratelimit',
    all.map(({ name, remaining, resetSeconds }) => `"${name}";r=${remaining};t=${resetSeconds}`).join(', '),
  );
  return answer;
}
