import * as z from 'zod';
import { AppError } from '../../core/errors.ts';
import type { GitHub } from '../../github/client.ts';
import { unfit } from '../../github/guard.ts';
import { branch, filePath, place, sha, text } from '../arguments.ts';
import { ifDefaultBranch } from '../confirm.ts';
import { defineTool } from '../define.ts';
import { toBase64 } from '../file-content.ts';
import { type FilePlace, finderIn, kindOf, tipOf, treeOf } from '../git-tree.ts';
import { given } from '../lean.ts';
import { type TreeEntry, upstreamFileWritten } from '../upstream-repositories.ts';

export const createOrUpdateFile = defineTool({
  name: 'create_or_update_file',
  title: 'Create or update file',
  description: 'Write one file as a commit. Replacing one needs its sha from get_file_contents.',
  toolset: 'repos',
  access: 'write',
  window: 'write',
  hints: { readOnly: false, destructive: true, idempotent: false, openWorld: true },
  input: z
    .strictObject({
      ...place,
      path: filePath,
      content: z.string().describe('Plain text, not base64'),
      message: text(65_536, 1),
      branch,
      sha: sha.optional().describe('Blob SHA of the file to replace'),
      allow_symlink_write: z.boolean().optional().describe('Change a symbolic link itself; content is its target'),
    })
    .superRefine(({ allow_symlink_write, content }, context) => {
      if (!allow_symlink_write || /^[^\0\n]{1,4096}$/.test(content)) return;
      context.addIssue({ code: 'custom', path: ['content'], message: 'must be the target of a link, on one line' });
    }),
  output: z.object({
    path: z.string(),
    sha: z.string().describe('Blob SHA'),
    commit_sha: z.string(),
    created: z.boolean(),
  }),
  confirm: (args, context) =>
    ifDefaultBranch(args, `Write ${args.path}`, context, () => replaced(context.github, args)),
  async run({ content, allow_symlink_write, ...args }, { github }) {
    const there = await replaced(github, { ...args, allow_symlink_write });
    const encoded = toBase64(new TextEncoder().encode(content));
    const { data } = await github.request(
      'PUT /repos/{owner}/{repo}/contents/{path}',
      { ...given(args), content: encoded },
      upstreamFileWritten,
    );
    const written = { path: args.path, sha: data.content?.sha ?? '', commit_sha: data.commit.sha };
    return { data: { ...written, created: there === undefined } };
  },
});

/** What the write takes the place of, if anything. Throws where it would not be what the caller read, or no file. */
async function replaced(
  github: GitHub,
  args: FilePlace & { readonly sha?: string | undefined; readonly allow_symlink_write?: boolean | undefined },
): Promise<TreeEntry | undefined> {
  const there = await standing(github, args);
  if (args.allow_symlink_write) requireLink(there);
  else if (there && kindOf(there) !== 'file') throw notAFile(kindOf(there));
  if (there === undefined && args.sha === undefined) return undefined;
  if (there === undefined) throw conflict('There is no such file on the branch', 'Leave sha out to create it.');
  if (args.sha === undefined) throw conflict('The file exists already, and sha is missing', READ);
  // The whole of it: GitHub takes no shorter one here.
  if (args.sha.toLowerCase() !== there.sha) throw conflict('The file has another sha by now', READ);
  return there;
}

/**
 * What stands at the path in Git itself: GitHub's contents API follows links when it reads, and would replace the link.
 * A repository without commits has nothing anywhere, and takes its first file.
 */
async function standing(
  github: GitHub,
  { owner, repo, branch: name, path }: FilePlace,
): Promise<TreeEntry | undefined> {
  const at = { owner, repo };
  const tip = await tipOf(github, at, name).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'upstream_conflict') return undefined;
    throw error;
  });
  return tip === undefined ? undefined : await finderIn(github, at, await treeOf(github, at, tip))(path, 'path');
}

function requireLink(there: TreeEntry | undefined): void {
  if (there && kindOf(there) === 'symlink') return;
  throw unfit('allow_symlink_write', 'is only for a path where a symbolic link stands');
}

function notAFile(kind: string): AppError {
  if (kind !== 'symlink') return unfit('path', `names a ${kind}, not a file`);
  return new AppError('invalid_arguments', 'path names a symbolic link, which is not written through.', {
    hint: 'Write to the file it leads to, or set allow_symlink_write to true with the new target as content.',
    details: { fields: [{ field: 'path', rule: 'names a symbolic link' }] },
  });
}

const READ = 'Read it with get_file_contents and ref set to the branch, then call again with its sha.';

function conflict(why: string, hint: string): AppError {
  return new AppError('upstream_conflict', `${why}: nothing was written.`, { hint });
}
