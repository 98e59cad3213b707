/** A commit as a model sees it: what was said, by whom, when. */
import * as z from 'zod';
import { cutText } from '../output/budget.ts';
import { lean } from './lean.ts';
import type { UpstreamCommit } from './upstream-repositories.ts';

/** Bytes of a message in a list; a commit alone may say more. */
const LISTED_MESSAGE = 1_500;
/** Bytes of a name, which Git lets be of any length. */
const MAX_NAME = 200;

export const commitView = z.object({
  sha: z.string(),
  message: z.string().optional(),
  message_truncated: z.boolean().optional(),
  author: z.string().optional(),
  date: z.string().optional(),
  committer: z.string().optional(),
  committed_at: z.string().optional(),
  html_url: z.string().optional(),
});
export type CommitView = z.input<typeof commitView>;

/** In: a commit as GitHub gives it, and the bytes its message may have. Out: the same, lean. */
export function viewCommit(commit: UpstreamCommit, maxMessage = LISTED_MESSAGE): CommitView {
  const { author: wrote, committer: applied } = commit.commit;
  const author = commit.author?.login ?? clipName(wrote?.name);
  const committer = commit.committer?.login ?? clipName(applied?.name);
  const { text, truncated } = cutText(commit.commit.message, maxMessage);
  return lean({
    sha: commit.sha,
    message: text,
    message_truncated: truncated || undefined,
    author,
    date: wrote?.date,
    committer: committer === author ? undefined : committer,
    committed_at: applied?.date === wrote?.date ? undefined : applied?.date,
    html_url: commit.html_url,
  });
}

/** In: a name as Git holds it. Out: its beginning. */
export function clipName(name: string | null | undefined): string | undefined {
  return name ? cutText(name, MAX_NAME).text : undefined;
}

/** Fields that GitHub's own server knows, and what of a view belongs to each. */
const MEMBERS = {
  sha: [],
  html_url: ['html_url'],
  commit: ['message', 'message_truncated', 'date', 'committed_at'],
  author: ['author'],
  committer: ['committer'],
} as const satisfies Record<string, readonly (keyof CommitView)[]>;
export type CommitField = keyof typeof MEMBERS;
export const COMMIT_FIELDS = Object.keys(MEMBERS) as [CommitField, ...CommitField[]];
/** Without `html_url`, which repeats repository and SHA. */
export const DEFAULT_COMMIT_FIELDS: readonly CommitField[] = ['commit', 'author', 'committer'];

/** In: a commit's view and the fields asked for. Out: those, and the SHA always. */
export function pickCommit(view: CommitView, fields: readonly CommitField[]): CommitView {
  const wanted = new Set<string>(['sha', ...fields.flatMap((field) => MEMBERS[field])]);
  return Object.fromEntries(Object.entries(view).filter(([name]) => wanted.has(name))) as CommitView;
}
