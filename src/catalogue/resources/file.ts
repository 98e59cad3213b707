import * as z from 'zod';
import { AppError } from '../../core/errors.ts';
import { sanitiseText } from '../../output/sanitise.ts';
import { owner, path, ref, repo } from '../arguments.ts';
import { owners, paths, refs, repos } from '../completers.ts';
import type { ResourceDefinition } from '../define.ts';
import { asText, linesOfFile, MAX_INLINE, readBytes, readContents, toBase64, unlessBinary } from '../file-content.ts';
import { range, readLines } from '../ranges.ts';
import { DEFAULT_REF, freshAt, matchUri, mimeTypeOf } from '../uris.ts';
import { parseOrThrow } from '../validate.ts';
import { requirePublic } from '../visibility.ts';

const URI =
  /^github:\/\/(?<owner>[^/?#]+)\/(?<repo>[^/?#]+)\/(?<ref>[^/?#]+)\/contents\/(?<path>[^?#]+?)(?:\?lines=(?<lines>[^&#]*))?$/;
const variables = z.strictObject({ owner, repo, ref, path, lines: range });

/** A file of a repository at a ref; `HEAD` is the default branch, and slashes in a ref are percent-encoded. */
export const file: ResourceDefinition = {
  name: 'file',
  title: 'File in a repository',
  toolset: 'repos',
  description:
    'A file at a branch, tag or commit: text as text, anything else as base64. A long text comes in parts: _meta of each part names the URI of the next. lines: such as 201-400. Write HEAD as ref for the default branch, and percent-encode slashes in a ref; refs%2Fpull%2F7%2Fhead is the head of pull request 7.',
  address: { uriTemplate: 'github://{owner}/{repo}/{ref}/contents/{+path}{?lines}' },
  match: (uri) => matchUri(uri, URI),
  complete: { owner: owners, repo: repos, ref: refs, path: paths },
  freshFor: ({ ref: name = '' }) => freshAt(name),
  async read(uri, found, { github, publicOnly }) {
    const { lines, ...place } = parseOrThrow(variables, found);
    if (publicOnly) await requirePublic(github, place.owner, place.repo);
    const at = { ...place, ref: place.ref === DEFAULT_REF ? undefined : place.ref };
    const contents = await readContents(github, at);
    if (Array.isArray(contents) || contents.type !== 'file') {
      throw new AppError('invalid_arguments', 'path does not name a file.', {
        hint: 'Call the tool get_file_contents to list a directory, then read a file in it.',
      });
    }
    const mimeType = mimeTypeOf(place.path);
    if (found.lines !== undefined || contents.size > MAX_INLINE) {
      const part = await unlessBinary(
        readLines(uri, linesOfFile(github, at, contents), lines, mimeType ?? 'text/plain'),
      );
      if (part !== undefined) return [part];
    }
    const bytes = await readBytes(github, at, contents);
    const text = asText(bytes);
    return text === undefined
      ? [{ uri, mimeType: mimeType ?? 'application/octet-stream', blob: toBase64(bytes) }]
      : [{ uri, mimeType: mimeType ?? 'text/plain', text: sanitiseText(text) }];
  },
};
