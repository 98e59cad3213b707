import * as z from 'zod';
import type { GitHub } from '../../github/client.ts';
import { unfit } from '../../github/guard.ts';
import { countFitting, cutText, jsonBytes, RESERVE, RESULT_BUDGET } from '../../output/budget.ts';
import { sanitiseText } from '../../output/sanitise.ts';
import { after, line, owner, paged, path, ref, repo, sha, text as words } from '../arguments.ts';
import { defineTool, type ToolResult } from '../define.ts';
import {
  asText,
  type Contents,
  type FileEntry,
  type FilePlace,
  linesOfFile,
  MAX_INLINE,
  readBytes,
  readContents,
  unlessBinary,
} from '../file-content.ts';
import { lean } from '../lean.ts';
import { choose, chooseOf, rangeOf, searchIn } from '../lines.ts';
import { fileLink, mimeTypeOf } from '../uris.ts';

const ENTRY_FIELDS = ['type', 'name', 'path', 'size', 'sha', 'url', 'git_url', 'html_url', 'download_url'] as const;
type EntryField = (typeof ENTRY_FIELDS)[number];
const DEFAULT_ENTRY_FIELDS: readonly EntryField[] = ['type', 'name', 'size'];

const output = z.object({
  type: z.enum(['file', 'directory', 'symlink', 'submodule']),
  path: z.string(),
  ref: z.string().optional(),
  sha: z.string().optional().describe('Blob SHA of a file, for writing it'),
  size: z.int().optional(),
  mime_type: z.string().optional(),
  content: z.string().optional().describe('With search like grep -n'),
  matches: z.int().optional(),
  start_line: z.int().optional().describe('First line or entry in this result'),
  end_line: z.int().optional(),
  total_lines: z.int().optional(),
  line_cut: z.boolean().optional().describe('true where the last line is not whole'),
  hidden_characters_removed: z
    .int()
    .optional()
    .describe('Invisible characters that are in the file but not in content'),
  binary: z.boolean().optional().describe('true where it is not text: read the linked resource'),
  entries: z
    .array(
      z.object({
        type: z.string().optional(),
        name: z.string().optional(),
        path: z.string().optional(),
        size: z.int().optional(),
        sha: z.string().optional(),
        url: z.string().optional(),
        git_url: z.string().optional(),
        html_url: z.string().optional(),
        download_url: z.string().optional(),
      }),
    )
    .optional(),
  total_entries: z.int().optional(),
  target: z.string().optional(),
  submodule_git_url: z.string().optional(),
  ...paged,
});
type Data = z.input<typeof output>;

/** Lines or entries to return, from 1, both included. */
interface Range {
  readonly start: number;
  readonly end: number;
}

export const getFileContents = defineTool({
  name: 'get_file_contents',
  title: 'Get file or directory contents',
  description: 'Read a file, or list a directory. Long ones come in parts.',
  toolset: 'repos',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z
    .strictObject({
      owner,
      repo,
      path: path.optional().describe('The root unless given'),
      ref: ref.optional().describe('Branch, tag or refs/pull/1/head'),
      sha: sha.optional().describe('Commit, instead of ref'),
      fields: z
        .array(z.enum(ENTRY_FIELDS))
        .optional()
        .describe('Of each entry of a directory; type, name, size unless given'),
      start_line: line.optional().describe('Line, or entry of a directory'),
      end_line: line.optional(),
      search: words(200, 1).optional().describe('Only lines with this text, and some around'),
      after,
    })
    .superRefine(({ start_line: start = 1, end_line: end, fields }, context) => {
      if (fields?.length === 0)
        context.addIssue({ code: 'custom', path: ['fields'], message: 'must have at least 1 item' });
      if (end !== undefined && end < start) {
        context.addIssue({ code: 'custom', path: ['end_line'], message: 'must not be less than start_line' });
      }
    }),
  output,
  async run(args, { github }) {
    const place = { owner: args.owner, repo: args.repo, path: args.path ?? '', ref: args.sha ?? args.ref };
    const range = { start: args.start_line ?? 1, end: args.end_line ?? Number.MAX_SAFE_INTEGER };
    const contents = await readContents(github, place);
    if (Array.isArray(contents)) {
      if (args.search !== undefined) throw unfit('search', 'is for files, and path leads to a directory');
      return { data: directory(place, contents, args.fields ?? DEFAULT_ENTRY_FIELDS, range) };
    }
    const about = { path: contents.path, ref: place.ref, sha: contents.sha };
    if (contents.type === 'submodule' || contents.type === 'symlink') {
      const { type, target, submodule_git_url } = contents;
      return { data: lean({ type, ...about, target, submodule_git_url }) };
    }
    if (contents.size > MAX_INLINE) {
      const part = await unlessBinary(longFile(github, place, contents, range, args.search));
      if (part !== undefined) return part;
      return file(place, contents, undefined, range, undefined);
    }
    return file(place, contents, asText(await readBytes(github, place, contents)), range, args.search);
  },
});

function directory(
  place: FilePlace,
  entries: Extract<Contents, readonly unknown[]>,
  fields: readonly EntryField[],
  range: Range,
): ToolResult<Data>['data'] {
  const asked = entries.slice(range.start - 1, range.end).map((entry) => {
    // The query of a download URL may hold a token that opens the private file to anyone.
    const view = { ...entry, type: typeName(entry.type), download_url: entry.download_url?.split('?')[0] };
    return lean(Object.fromEntries(fields.map((field) => [field, view[field] ?? undefined])));
  });
  const keep = countFitting(asked, RESULT_BUDGET - RESERVE - jsonBytes(place));
  const last = range.start - 1 + keep;
  return {
    type: 'directory',
    path: place.path,
    ...(place.ref !== undefined && { ref: place.ref }),
    entries: asked.slice(0, keep),
    total_entries: entries.length,
    ...(range.start > 1 && { start_line: range.start }),
    ...(last < entries.length && { truncated: true, end_line: last }),
    ...(last < Math.min(range.end, entries.length) && { next: { start_line: last + 1 } }),
  };
}

function file(
  place: FilePlace,
  entry: FileEntry,
  raw: string | undefined,
  range: Range,
  search: string | undefined,
): ToolResult<Data> {
  const link = fileLink(place.owner, place.repo, place.ref, place.path);
  const about = {
    type: 'file' as const,
    path: entry.path,
    ref: place.ref,
    sha: entry.sha,
    size: entry.size,
    mime_type: mimeTypeOf(entry.path),
  };
  if (raw === undefined) return { data: lean({ ...about, binary: true }), links: [link] };
  const text = sanitiseText(raw);
  const lines = text === '' ? [] : text.split('\n');
  // A newline at the end closes the last line and does not begin another.
  const total = lines.at(-1) === '' ? lines.length - 1 : lines.length;
  if (search !== undefined) {
    const room = RESULT_BUDGET - RESERVE - jsonBytes(about) - jsonBytes(link);
    const chosen = chooseOf(
      lines.slice(0, total),
      searchIn(search, range.start, range.end, room, (found) => found),
    );
    const { next_start_line: next, ...found } = chosen;
    const more = next && { next: { start_line: next } };
    return { data: { ...lean(about), ...found, total_lines: total, ...more }, links: chosen.truncated ? [link] : [] };
  }
  const end = Math.min(range.end, total);
  const asked = range.start === 1 && end === total ? text : lines.slice(range.start - 1, end).join('\n');
  const cut = cutText(asked, RESULT_BUDGET - RESERVE - jsonBytes(about) - jsonBytes(link));
  const last = cut.truncated ? range.start - 1 + cut.lines : end;
  const removed = [...raw.replace(/\r\n/g, '\n')].length - [...text].length;
  const data = {
    ...lean({
      ...about,
      line_cut: cut.lineCut || undefined,
      hidden_characters_removed: removed > 0 ? removed : undefined,
    }),
    content: cut.text,
    total_lines: total,
    ...((range.start > 1 || last < total || cut.truncated) && { start_line: range.start, end_line: last }),
    ...((last < total || cut.truncated) && { truncated: true }),
    ...(last < range.end && last < total && { next: { start_line: last + 1 } }),
  };
  return { data, links: last < total || cut.truncated ? [link] : [] };
}

/** A file that GitHub does not send at once: read as far as the part that is asked for. */
async function longFile(
  github: GitHub,
  place: FilePlace,
  entry: FileEntry,
  { start, end }: Range,
  search: string | undefined,
): Promise<ToolResult<Data>> {
  const link = fileLink(place.owner, place.repo, place.ref, place.path);
  const { path: name, sha: blob, size } = entry;
  const about = lean({
    type: 'file' as const,
    path: name,
    ref: place.ref,
    sha: blob,
    size,
    mime_type: mimeTypeOf(name),
  });
  const room = RESULT_BUDGET - RESERVE - jsonBytes(about) - jsonBytes(link);
  let removed = 0;
  const clean = (line: string) => {
    const seen = sanitiseText(line).replaceAll('\n', ' ');
    removed += [...line].length - [...seen].length;
    return seen;
  };
  const chooser = search === undefined ? rangeOf(start, end, room, clean) : searchIn(search, start, end, room, clean);
  const { next_start_line: next, ...chosen } = await choose(linesOfFile(github, place, entry), chooser);
  const more = next !== undefined && next <= end ? { next: { start_line: next } } : {};
  const hidden = removed > 0 ? { hidden_characters_removed: removed } : {};
  return { data: { ...about, ...hidden, ...chosen, ...more }, links: [link] };
}

/** GitHub's word for a directory is `dir`. */
function typeName(type: string): string {
  return type === 'dir' ? 'directory' : type;
}
