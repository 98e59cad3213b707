import * as z from 'zod';
import { AppError } from '../../core/errors.ts';
import type { GitHub } from '../../github/client.ts';
import { unfit } from '../../github/guard.ts';
import { branch, filePath, place, text } from '../arguments.ts';
import { ifDefaultBranch } from '../confirm.ts';
import { defineTool } from '../define.ts';
import { type FilePlace, finderIn, kindOf, tipOf, treeOf } from '../git-tree.ts';
import { upstreamFileWritten } from '../upstream-repositories.ts';

export const deleteFile = defineTool({
  name: 'delete_file',
  title: 'Delete file',
  description: 'Delete one file: makes a commit.',
  toolset: 'repos',
  access: 'write',
  window: 'write',
  hints: { readOnly: false, destructive: true, idempotent: false, openWorld: true },
  input: z.strictObject({ ...place, path: filePath, message: text(65_536, 1), branch }),
  output: z.object({ path: z.string(), commit_sha: z.string() }),
  confirm: (args, context) => ifDefaultBranch(args, `Delete ${args.path}`, context, () => shaAt(context.github, args)),
  async run(args, { github }) {
    const route = 'DELETE /repos/{owner}/{repo}/contents/{path}';
    const sha = await shaAt(github, args);
    const { data } = await github.request(route, { ...args, sha }, upstreamFileWritten);
    return { data: { path: args.path, commit_sha: data.commit.sha } };
  },
});

/** The blob to delete. Throws where there is none. */
async function shaAt(github: GitHub, { owner, repo, branch: name, path }: FilePlace): Promise<string> {
  const at = { owner, repo };
  const root = await treeOf(github, at, await tipOf(github, at, name));
  const there = await finderIn(github, at, root)(path, 'path');
  if (there?.sha == null) {
    throw new AppError('upstream_not_found', 'There is no such file on the branch.', {
      hint: 'Check path and branch; get_repository_tree lists what is there.',
    });
  }
  const kind = kindOf(there);
  if (kind === 'directory' || kind === 'submodule') throw unfit('path', `names a ${kind}, not a file`);
  return there.sha;
}
