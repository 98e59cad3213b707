import * as z from 'zod';
import type { GitHub } from '../../github/client.ts';
import { unfit } from '../../github/guard.ts';
import { branch, filePath, place, text } from '../arguments.ts';
import { ifDefaultBranch } from '../confirm.ts';
import { defineTool } from '../define.ts';
import { finderIn, kindOf, PLAIN_FILE, type RepositoryPlace, tipOf, treeOf } from '../git-tree.ts';
import { withHint } from '../lean.ts';
import { type TreeEntry, upstreamRef, upstreamSha } from '../upstream-repositories.ts';

/** Files of one commit: each directory among them costs a request. */
const MAX_FILES = 200;
const EMPTY = 'A repository without commits takes its first file from create_or_update_file; push the others after it.';
const MOVED =
  'Nothing was changed: the branch moved meanwhile, or is protected. Look at list_commits; call again, or push to another branch.';

export const pushFiles = defineTool({
  name: 'push_files',
  title: 'Push files',
  description: 'Write several files as one commit on a branch: all of them or none.',
  toolset: 'repos',
  access: 'write',
  window: 'write',
  hints: { readOnly: false, destructive: true, idempotent: false, openWorld: true },
  input: z
    .strictObject({
      ...place,
      branch,
      files: z.array(z.strictObject({ path: filePath, content: z.string() })),
      message: text(65_536, 1),
    })
    .superRefine(({ files }, context) => {
      const complain = (path: (string | number)[], message: string) =>
        context.addIssue({ code: 'custom', path: ['files', ...path], message });
      if (files.length === 0) complain([], 'must have at least 1 item');
      if (files.length > MAX_FILES) complain([], `must have at most ${MAX_FILES} items`);
      const paths = new Set(files.map(({ path }) => path));
      if (paths.size < files.length) complain([], 'must name each path once');
      for (const [index, { path }] of files.entries()) {
        const above = path
          .split('/')
          .slice(0, -1)
          .map((_, depth, names) => names.slice(0, depth + 1).join('/'));
        if (above.some((parent) => paths.has(parent))) complain([index, 'path'], 'must not be below another file');
      }
    }),
  output: z.object({ branch: z.string(), commit_sha: z.string(), files: z.int().describe('How many were written') }),
  confirm: (args, context) => {
    const count = args.files.length;
    const what = count === 1 ? `Write ${args.files[0]?.path}` : `Write ${count} files`;
    return ifDefaultBranch(args, what, context, () => treeWith(context.github, args));
  },
  async run(args, { github }) {
    const { owner, repo, branch: name, files, message } = args;
    const at = { owner, repo };
    const { tip, base_tree, tree } = await treeWith(github, args);
    const made = await github.request('POST /repos/{owner}/{repo}/git/trees', { ...at, base_tree, tree }, upstreamSha);
    const commit = { ...at, message, tree: made.data.sha, parents: [tip] };
    const { data } = await github.request('POST /repos/{owner}/{repo}/git/commits', commit, upstreamSha);
    // Only this step shows: until here nothing of the branch has changed.
    const move = { ...at, ref: `heads/${name}`, sha: data.sha, force: false };
    const moved = github.request('PATCH /repos/{owner}/{repo}/git/refs/{ref}', move, upstreamRef);
    await withHint(moved, 'upstream_invalid', MOVED);
    return { data: { branch: name, commit_sha: data.sha, files: files.length } };
  },
});

interface Push extends RepositoryPlace {
  readonly branch: string;
  readonly files: readonly { readonly path: string; readonly content: string }[];
}

/** The commit to build on, its tree, and what is to change in that. Throws where something else than a file stands. */
async function treeWith(github: GitHub, { owner, repo, branch: name, files }: Push) {
  const at = { owner, repo };
  const tip = await withHint(tipOf(github, at, name), 'upstream_conflict', EMPTY);
  const base_tree = await treeOf(github, at, tip);
  const find = finderIn(github, at, base_tree);
  const tree = [];
  for (const [index, { path, content }] of files.entries()) {
    const field = `files[${index}].path`;
    const there = await find(path, field);
    const kind = there ? kindOf(there) : 'file';
    if (kind !== 'file') throw unfit(field, `names a ${kind}, not a file`);
    // A script stays one that can be run.
    tree.push({ path, content, type: 'blob' as const, mode: modeOf(there) });
  }
  return { tip, base_tree, tree };
}

function modeOf(there: TreeEntry | undefined): '100644' | '100755' {
  return there?.mode === '100755' ? '100755' : PLAIN_FILE;
}
