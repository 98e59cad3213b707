/**
 * What the emulator does differently from GitHub and the shim puts right. Each stand-in asks the emulator itself for
 * the facts and only reshapes them; nothing here invents data.
 */
import { isObject } from '../../core/json.ts';
import type { Answer, Upstream } from './upstream.ts';
import { jsonAnswer, readJson } from './upstream.ts';

/** A request that carries a known token. */
export interface Call {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
  readonly login: string;
  readonly upstream: Upstream;
}

const DOCS = 'https://docs.github.com/rest';
const REPO = '^/repos/([^/]+)/([^/]+)';

/** The error body that api.github.com sends. */
export function githubError(status: number, message: string): Answer {
  return jsonAnswer(status, { message, documentation_url: DOCS, status: String(status) });
}

/**
 * The stood-in answer to a call, or `undefined` when the emulator's own will do.
 * In: a call whose path is one of the API's.
 */
export async function standIn(call: Call): Promise<Answer | undefined> {
  if (call.method !== 'GET') return undefined;
  const { pathname } = call.url;
  const membership = /^\/user\/memberships\/orgs\/([^/]+)$/.exec(pathname);
  if (membership !== null) return get(call, `/orgs/${membership[1]}/memberships/${call.login}`);
  const files = new RegExp(`${REPO}/pulls/(\\d+)/files$`).exec(pathname);
  if (files !== null) return pullFiles(call, files[1] ?? '', files[2] ?? '', files[3] ?? '');
  const pull = new RegExp(`${REPO}/pulls/(\\d+)$`).exec(pathname);
  if (pull !== null) return pullWithCounts(call, pathname);
  const issue = new RegExp(`${REPO}/issues/(\\d+)$`).exec(pathname);
  if (issue !== null) return issueOrPull(call, pathname);
  if (pathname === '/search/issues') return searchWithPulls(call);
  return undefined;
}

/**
 * The emulator answers 403 for a repository the account may not see; GitHub answers 404, so as not to say it exists.
 * In: the emulator's answer to `call`. Out: that answer, or the 404.
 */
export async function hidePrivate(call: Call, answer: Answer): Promise<Answer> {
  const repo = new RegExp(`${REPO}(/|$)`).exec(call.url.pathname);
  if (answer.status !== 403 || repo === null) return answer;
  const probe = await get(call, `/repos/${repo[1]}/${repo[2]}`);
  return probe.status === 403 ? githubError(404, 'Not Found') : answer;
}

/** `compare` knows the real change of a pull request; the emulator's own list has made-up names and no patches. */
async function pullFiles(call: Call, owner: string, repo: string, number: string): Promise<Answer> {
  const pull = await get(call, `/repos/${owner}/${repo}/pulls/${number}`);
  if (pull.status !== 200) return hidePrivate(call, pull);
  const files = await changedFiles(call, readJson(pull));
  return paged(call, files, rateHeaders(pull));
}

/** The page of a list that the call asks for, with GitHub's links to the others. */
export function paged(call: Call, items: readonly unknown[], headers: Readonly<Record<string, string>> = {}): Answer {
  const perPage = clamp(call.url.searchParams.get('per_page'), 30, 100);
  const page = clamp(call.url.searchParams.get('page'), 1, Number.MAX_SAFE_INTEGER);
  const link = linkHeader(call.url, page, perPage, items.length);
  return jsonAnswer(200, items.slice((page - 1) * perPage, page * perPage), {
    ...headers,
    ...(link !== '' && { link }),
  });
}

async function pullWithCounts(call: Call, path: string): Promise<Answer> {
  const answer = await get(call, path);
  const pull = readJson(answer);
  if (answer.status !== 200 || !isObject(pull)) return hidePrivate(call, answer);
  const files = await changedFiles(call, pull);
  const sum = (field: string) =>
    files.reduce<number>((total, file) => total + Number(isObject(file) ? file[field] : 0), 0);
  const counts = { changed_files: files.length, additions: sum('additions'), deletions: sum('deletions') };
  return jsonAnswer(200, { ...pull, ...counts }, rateHeaders(answer));
}

/** At GitHub every pull request is an issue too; the emulator says 404. */
async function issueOrPull(call: Call, path: string): Promise<Answer> {
  const answer = await get(call, path);
  if (answer.status !== 404) return hidePrivate(call, answer);
  const pull = await get(call, path.replace('/issues/', '/pulls/'));
  return pull.status === 200 ? jsonAnswer(200, asIssue(readJson(pull)), rateHeaders(pull)) : answer;
}

async function searchWithPulls(call: Call): Promise<Answer> {
  const answer = await get(call, call.url.pathname + call.url.search);
  const found = readJson(answer);
  if (answer.status !== 200 || !isObject(found) || !Array.isArray(found.items)) return answer;
  const items = found.items.map((item) => (isObject(item) && 'diff_url' in item ? asIssue(item) : item));
  return jsonAnswer(200, { ...found, items }, { ...rateHeaders(answer), ...keep(answer, 'link') });
}

/** A pull request in the shape of an issue, with the `pull_request` member by which callers tell them apart. */
function asIssue(pull: unknown): unknown {
  if (!isObject(pull)) return pull;
  const { base, head: _head, diff_url, patch_url, url, html_url, merged_at, ...rest } = pull;
  const repository = isObject(base) && isObject(base.repo) ? base.repo.url : undefined;
  return {
    ...rest,
    html_url,
    url: String(url).replace('/pulls/', '/issues/'),
    repository_url: repository,
    comments_url: `${String(url).replace('/pulls/', '/issues/')}/comments`,
    pull_request: { url, html_url, diff_url, patch_url, merged_at: merged_at ?? null },
  };
}

async function changedFiles(call: Call, pull: unknown): Promise<unknown[]> {
  if (!isObject(pull) || !isObject(pull.base) || !isObject(pull.head)) return [];
  const repo = isObject(pull.base.repo) ? String(pull.base.repo.full_name) : '';
  const compared = await get(call, `/repos/${repo}/compare/${pull.base.sha}...${pull.head.sha}`);
  const found = readJson(compared);
  return isObject(found) && Array.isArray(found.files) ? found.files : [];
}

/** Asks the emulator as the same person. */
export function get(call: Call, path: string): Promise<Answer> {
  return call.upstream.ask({ path, headers: { ...call.headers, accept: 'application/vnd.github+json' } });
}

function rateHeaders(answer: Answer): Record<string, string> {
  return Object.fromEntries(
    Object.entries(answer.headers)
      .filter(([name]) => name.startsWith('x-ratelimit-'))
      .map(([name, value]) => [name, String(value)]),
  );
}

function keep(answer: Answer, name: string): Record<string, string> {
  const value = answer.headers[name];
  return value === undefined ? {} : { [name]: String(value) };
}

function clamp(text: string | null, fallback: number, most: number): number {
  const value = Number(text ?? fallback);
  return Number.isInteger(value) && value >= 1 ? Math.min(value, most) : fallback;
}

/** RFC 8288 links as GitHub writes them; empty when everything fits one page. */
function linkHeader(url: URL, page: number, perPage: number, total: number): string {
  const last = Math.max(1, Math.ceil(total / perPage));
  const to = (target: number, rel: string) => {
    const there = new URL(url);
    there.searchParams.set('page', String(target));
    there.searchParams.set('per_page', String(perPage));
    return `<${there}>; rel="${rel}"`;
  };
  const before = page > 1 ? [to(page - 1, 'prev'), to(1, 'first')] : [];
  const after = page < last ? [to(page + 1, 'next'), to(last, 'last')] : [];
  return [...before, ...after].join(', ');
}

/** The objects of a list, or none where the answer is something else. */
export function listOf(answer: Answer): Record<string, unknown>[] {
  const list = readJson(answer);
  return Array.isArray(list) ? list.filter(isObject) : [];
}

/** The JSON that a call carries; empty where it carries none. */
export function bodyOf(call: Call): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(call.body?.toString('utf8') ?? '{}');
    return isObject(body) ? body : {};
  } catch {
    return {};
  }
}
