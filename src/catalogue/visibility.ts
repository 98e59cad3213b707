/** Which repositories a token of `resources:read:public` may read. */
import { AppError } from '../core/errors.ts';
import type { GitHub } from '../github/client.ts';
import { upstreamRepository } from './upstream.ts';

/**
 * Throws `insufficient_scope`, naming `resources:read`, unless the repository is public. Internal repositories of an
 * enterprise are not public. A repository that the account cannot see stays `upstream_not_found`.
 */
export async function requirePublic(github: GitHub, owner: string, repo: string): Promise<void> {
  const { data } = await github.request('GET /repos/{owner}/{repo}', { owner, repo }, upstreamRepository);
  if (!data.private && (data.visibility ?? 'public') === 'public') return;
  throw new AppError(
    'insufficient_scope',
    'This repository is not public; reading it needs the scope resources:read.',
    {
      details: { scope: 'resources:read' },
    },
  );
}
