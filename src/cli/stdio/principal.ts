/** Whose token it is: asked once, when the server starts. */
import * as z from 'zod';
import type { Config } from '../../config.ts';
import { AppError } from '../../core/errors.ts';
import type { Principal } from '../../core/principal.ts';
import { plainText } from '../../core/text.ts';
import { createGitHub } from '../../github/client.ts';
import { AUDIT_READ, SCOPE_NAMES } from '../../policy/scopes.ts';
import { UserError } from '../errors.ts';

/** Milliseconds for GitHub's answer. */
const ANSWER_MS = 15_000;
/** Rows name a tenant: what happens on a person's machine belongs to none of a deployment's. */
const LOCAL_TENANT = 'local';

const Me = z.object({ id: z.int().positive(), login: z.string().min(1) });

/** Out: who calls, with every scope but that of the log. Throws a UserError, with nothing secret in it. */
export async function principalOf({ github }: Config, token: string, signal: AbortSignal): Promise<Principal> {
  const client = createGitHub({
    apiUrl: github.apiUrl,
    webUrl: github.url,
    token,
    limit: null,
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
  });
  try {
    const { data } = await client.request('GET /user', {}, Me);
    return {
      tenant: LOCAL_TENANT,
      user: { id: `gh_${data.id}`, login: plainText(data.login, 100) },
      client: { id: 'stdio', name: 'stdio' },
      scopes: SCOPE_NAMES.filter((scope) => scope !== AUDIT_READ),
      repositories: null,
      grantId: '',
      tokenId: '',
      expiresAt: Number.MAX_SAFE_INTEGER,
    };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof AppError && error.code === 'upstream_unauthorized') {
      throw new UserError(`GitHub (${github.apiUrl}) does not accept GITHUB_TOKEN: it is wrong, revoked or ran out.`);
    }
    const why = error instanceof AppError ? error.message : 'it did not answer in time.';
    throw new UserError(`GitHub (${github.apiUrl}) could not be asked whose GITHUB_TOKEN this is: ${why}`);
  }
}
