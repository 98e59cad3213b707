/**
 * A token of `resources:read:public` that reads of a repository which is not public is answered like any other missing
 * scope: by HTTP status 403 and a challenge, which a client acts on, not by an error inside a result.
 */
import { resourceFor } from '../catalogue/index.ts';
import { requirePublic } from '../catalogue/visibility.ts';
import type { Config } from '../config.ts';
import { AppError } from '../core/errors.ts';
import type { Principal } from '../core/principal.ts';
import { allows } from '../policy/scopes.ts';
import { githubFor } from './limited.ts';
import type { RpcRequest } from './messages.ts';

/** Milliseconds for the look at the repository. */
const TIMEOUT_MS = 10_000;

interface Reader {
  readonly config: Config;
  readonly principal: Principal;
  readonly upstreamToken: string;
}

/**
 * In: the admitted requests of one body. Out: the first that needs `resources:read`, with the refusal, or undefined.
 * Whatever else is wrong with one, the read itself will say.
 */
export async function beyondPublic(
  requests: readonly RpcRequest[],
  reader: Reader,
): Promise<{ readonly request: RpcRequest; readonly error: AppError } | undefined> {
  const reads = requests.filter(({ method }) => method === 'resources/read');
  if (reads.length === 0 || allows(reader.principal.scopes, 'resources:read')) return undefined;
  const github = githubFor(reader.config, reader, AbortSignal.timeout(TIMEOUT_MS));
  for (const request of reads) {
    const { owner, repo } = resourceFor(String(request.params.uri))?.variables ?? {};
    if (owner === undefined || repo === undefined) continue;
    try {
      await requirePublic(github, owner, repo);
    } catch (error) {
      if (error instanceof AppError && error.code === 'insufficient_scope') return { request, error };
    }
  }
  return undefined;
}
