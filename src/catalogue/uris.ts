/** URIs of the resources of this catalogue: how they are written, and read again. */
import type { ResourceLink } from './define.ts';

/** The ref that stands for the default branch. */
export const DEFAULT_REF = 'HEAD';

/** Milliseconds for which what a whole commit id leads to is kept: it never changes, but access to it may end. */
const FRESH_MS = 5 * 60_000;

/** In: a ref. Out: milliseconds for which what it leads to stays true: a branch or tag may move at any moment. */
export function freshAt(ref: string): number {
  return /^(?:[\da-f]{40}|[\da-f]{64})$/i.test(ref) ? FRESH_MS : 0;
}

/** URI of a file; slashes in the ref are percent-encoded, those of the path are not (RFC 6570 reserved expansion). */
export function fileUri(owner: string, repo: string, ref: string | undefined, path: string): string {
  const file = path.split('/').map(encodeURIComponent).join('/');
  return `${repoUri(owner, repo)}/${encodeURIComponent(ref ?? DEFAULT_REF)}/contents/${file}`;
}

/** Link to the whole of a file. */
export function fileLink(owner: string, repo: string, ref: string | undefined, path: string): ResourceLink {
  return { uri: fileUri(owner, repo, ref, path), name: path.split('/').at(-1) ?? path, mimeType: mimeTypeOf(path) };
}

/** URI of an issue's text, or of one comment's where its id is given. */
export function issueUri(owner: string, repo: string, number: number, comment?: number): string {
  const issue = `${repoUri(owner, repo)}/issues/${number}`;
  return comment === undefined ? issue : `${issue}/comments/${comment}`;
}

/** URI of a pull request's description. */
export function pullUri(owner: string, repo: string, number: number): string {
  return `${repoUri(owner, repo)}/pulls/${number}`;
}

/** URI of a commit with its patches. */
export function commitUri(owner: string, repo: string, sha: string): string {
  return `${repoUri(owner, repo)}/commits/${encodeURIComponent(sha)}`;
}

/** Link to the whole of a commit. */
export function commitLink(owner: string, repo: string, sha: string): ResourceLink {
  return { uri: commitUri(owner, repo, sha), name: `commit ${sha.slice(0, 12)}`, mimeType: 'text/plain' };
}

/** Link to the whole of what a pull request changes. */
export function diffLink(owner: string, repo: string, number: number): ResourceLink {
  return {
    uri: `${pullUri(owner, repo, number)}/diff`,
    name: `diff of pull request ${number}`,
    mimeType: 'text/x-diff',
  };
}

/** Link to the whole log of a job. */
export function logLink(owner: string, repo: string, job: number): ResourceLink {
  return { uri: `${repoUri(owner, repo)}/actions/jobs/${job}/logs`, name: `log of job ${job}`, mimeType: 'text/plain' };
}

function repoUri(owner: string, repo: string): string {
  return `github://${encodeURIComponent(owner)}/${encodeURIComponent(repo)}`;
}

/**
 * In: a URI and the pattern of a template with named groups. Out: the variables, percent-decoded once, or undefined
 * where the URI is of another form or not well encoded.
 */
export function matchUri(uri: string, pattern: RegExp): Readonly<Record<string, string>> | undefined {
  const groups = pattern.exec(uri)?.groups;
  if (groups === undefined) return undefined;
  try {
    return Object.fromEntries(
      Object.entries(groups).flatMap(([name, value]) =>
        (value as string | undefined) === undefined ? [] : [[name, decodeURIComponent(value)]],
      ),
    );
  } catch {
    return undefined;
  }
}

const MIME_TYPES: Readonly<Record<string, string>> = {
  c: 'text/x-c',
  css: 'text/css',
  csv: 'text/csv',
  gif: 'image/gif',
  go: 'text/x-go',
  gz: 'application/gzip',
  html: 'text/html',
  java: 'text/x-java',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  js: 'text/javascript',
  json: 'application/json',
  md: 'text/markdown',
  mjs: 'text/javascript',
  pdf: 'application/pdf',
  png: 'image/png',
  py: 'text/x-python',
  rs: 'text/x-rust',
  sh: 'text/x-shellscript',
  svg: 'image/svg+xml',
  toml: 'application/toml',
  ts: 'text/x-typescript',
  wasm: 'application/wasm',
  webp: 'image/webp',
  xml: 'application/xml',
  yaml: 'application/yaml',
  yml: 'application/yaml',
  zip: 'application/zip',
};

/** The media type that a file's name suggests, or undefined. */
export function mimeTypeOf(path: string): string | undefined {
  const extension = /\.([a-z\d]+)$/i.exec(path)?.[1]?.toLowerCase();
  return extension !== undefined && Object.hasOwn(MIME_TYPES, extension) ? MIME_TYPES[extension] : undefined;
}
