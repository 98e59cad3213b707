/** Revoked upstream means revoked here: what follows when GitHub refuses the token of a call. */
import * as z from 'zod';
import type { Config } from '../config.ts';
import { AppError } from '../core/errors.ts';
import { createGitHub } from '../github/client.ts';
import type { Caller } from './caller.ts';

/** Milliseconds for asking GitHub again. */
const VERIFY_MS = 5000;

/**
 * In: what a call failed with. Out: the same; where GitHub refused the token, and refuses it again when it is only asked
 * whose it is, the grant is ended first, so that the client's next request is answered by 401 and it signs in again.
 * One odd answer ends nothing, nor does a GitHub that cannot be reached.
 */
export async function unlessRevoked(
  config: Config,
  error: AppError,
  { upstreamToken, endGrant }: Pick<Caller, 'upstreamToken' | 'endGrant'>,
): Promise<AppError> {
  if (error.code !== 'upstream_unauthorized' || !(await isRefused(config, upstreamToken))) return error;
  try {
    await endGrant();
  } catch (failure) {
    console.error(JSON.stringify({ event: 'grant_not_ended', error: String(failure) }));
    return error;
  }
  return new AppError('upstream_unauthorized', 'The sign-in at GitHub behind this connection was revoked or ran out.', {
    hint: 'The connection is ended. The person has to reconnect this server, which asks them to sign in again.',
    details: error.details,
    cause: error,
  });
}

async function isRefused({ github }: Config, token: string): Promise<boolean> {
  const signal = AbortSignal.timeout(VERIFY_MS);
  // Without the grant's repository limit: it asks about the token, not about anything it opens.
  const client = createGitHub({ apiUrl: github.apiUrl, webUrl: github.url, token, limit: null, signal });
  return await client.request('GET /user', {}, z.unknown()).then(
    () => false,
    (failure: unknown) => failure instanceof AppError && failure.code === 'upstream_unauthorized',
  );
}
