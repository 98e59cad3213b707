/** What the token endpoint says besides what the provider says. Pure. */
import type { RefusalReason } from '../dpop/refusal.ts';
import { refusalFor } from '../dpop/refusal.ts';
import type { TokenAnswer } from '../store/once.ts';

/** The answer to refusals without end: they would fill the log. */
export function tooManyRefusals(seconds: number): TokenAnswer {
  const error_description = `Too many requests about this grant were refused. Try again in ${seconds} seconds.`;
  return {
    status: 429,
    headers: [...invalidGrant('').headers, ['retry-after', String(seconds)]],
    body: JSON.stringify({ error: 'temporarily_unavailable', error_description }),
  };
}

/** RFC 6749 section 5.2. */
export function invalidGrant(description: string): TokenAnswer {
  return {
    status: 400,
    headers: [
      ['content-type', 'application/json'],
      ['cache-control', 'no-store'],
    ],
    body: JSON.stringify({ error: 'invalid_grant', error_description: description }),
  };
}

/** RFC 9449 section 5: a proof that was refused after it was looked at. */
export function refusedProof(reason: RefusalReason): TokenAnswer {
  const { error, description } = refusalFor(reason);
  return { ...invalidGrant(description), body: JSON.stringify({ error, error_description: description }) };
}

/** RFC 9449 section 5: the type says that the token is bound. */
export function asDpop(answer: TokenAnswer): TokenAnswer {
  const body = { ...(JSON.parse(answer.body) as object), token_type: 'DPoP' };
  return {
    ...answer,
    headers: answer.headers.filter(([name]) => name !== 'content-length'),
    body: JSON.stringify(body),
  };
}
