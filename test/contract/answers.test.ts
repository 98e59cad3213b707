/**
 * What is left of an answer of GitHub's: at most a fifth of its bytes, texts aside, with nothing a model needs missing.
 * The results are snapshots, to be read by whoever changes them: `npx vitest --config test/vitest.config.ts -u answers`.
 */
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { call } from '../unit/catalogue/calling.ts';
import { answering, json } from '../unit/github/answering.ts';
import { examplesOf, OPERATIONS, recordedAnswers } from './openapi.ts';

type Body = Record<string, unknown>;

/** Most of a result, as a share of the raw JSON. */
const SHARE = 0.2;
/** Texts of people and of files, which come whole or in pages whatever else is left out. */
const TEXTS = new Set(['body', 'patch', 'content', 'message', 'text_matches']);

/** Payloads of real events, recorded by Octokit: they hold the same objects as the REST API. */
const events = createRequire(import.meta.url)('@octokit/webhooks-examples/api.github.com/index.json') as {
  readonly name: string;
  readonly examples: readonly Body[];
}[];
const recorded = recordedAnswers();

/** In: an event and the object in it. Out: every distinct such object that was recorded. */
function inEvents(event: string, member: string): Body[] {
  const examples = events.find(({ name }) => name === event)?.examples ?? [];
  const found = examples.map((one) => one[member] as Body | undefined).filter((one) => one !== undefined);
  return [...new Map<string, Body>(found.map((one) => [String(one.id), one])).values()];
}

function recordedOf(operation: string): unknown {
  const longest = [...(recorded.get(operation) ?? [])].sort(
    (a, b) => JSON.stringify(b).length - JSON.stringify(a).length,
  );
  if (longest[0] === undefined) throw new Error(`${operation} was not recorded`);
  return longest[0];
}

/** What nobody recorded, as GitHub documents it. */
function documentedOf(operation: string): unknown {
  const found = OPERATIONS.find(({ name }) => name === operation);
  const body = found && examplesOf(found).find((one) => one.body !== undefined)?.body;
  if (body === undefined) throw new Error(`${operation} has no example`);
  return body;
}

const place = { owner: 'octo', repo: 'hello' };
// One event's issue was recorded without its state, which the API always sends.
const issues = inEvents('issues', 'issue').filter(({ state }) => state !== undefined);
const pulls = inEvents('pull_request', 'pull_request');
const jobs = inEvents('workflow_job', 'workflow_job');

const ANSWERS: readonly (readonly [name: string, tool: string, args: Body, raw: unknown])[] = [
  ['issue', 'issue_read', { ...place, method: 'get', issue_number: 1 }, issues[0]],
  [
    'issue-comments',
    'issue_read',
    { ...place, method: 'get_comments', issue_number: 1 },
    inEvents('issue_comment', 'comment'),
  ],
  [
    'issues',
    'list_issues',
    { ...place, field_filters: [{ field_name: 'x', value: 'y' }] },
    recordedOf('GET /repos/{owner}/{repo}/issues'),
  ],
  ['issue-search', 'search_issues', { query: 'x' }, recordedOf('GET /search/issues')],
  ['pull', 'pull_request_read', { ...place, method: 'get', pullNumber: 1 }, pulls[0]],
  ['pulls', 'list_pull_requests', place, pulls],
  [
    'reviews',
    'pull_request_read',
    { ...place, method: 'get_reviews', pullNumber: 1 },
    inEvents('pull_request_review', 'review'),
  ],
  ['commit', 'get_commit', { ...place, sha: 'main' }, documentedOf('GET /repos/{owner}/{repo}/commits/{ref}')],
  ['commits', 'list_commits', place, documentedOf('GET /repos/{owner}/{repo}/commits')],
  ['commit-search', 'search_commits', { query: 'x' }, documentedOf('GET /search/commits')],
  ['repository-search', 'search_repositories', { query: 'x' }, documentedOf('GET /search/repositories')],
  [
    'run',
    'actions_get',
    { ...place, method: 'get_workflow_run', resource_id: '1' },
    inEvents('workflow_run', 'workflow_run')[0],
  ],
  [
    'jobs',
    'actions_list',
    { ...place, method: 'list_workflow_jobs', resource_id: '1' },
    { total_count: jobs.length, jobs },
  ],
];

describe.each(ANSWERS)('%s', (name, tool, args, raw) => {
  const run = async () => (await call(answering(() => json(raw)).github, tool, args)).structuredContent;

  it('is at most a fifth of what GitHub sends', async () => {
    const [ours, theirs] = [bytes(await run()), bytes(raw)];
    expect(theirs).toBeGreaterThan(1_000);
    expect(ours / theirs, `${ours} of ${theirs} bytes`).toBeLessThanOrEqual(SHARE);
  });

  it('is what was reviewed', async () => {
    await expect(`${JSON.stringify(await run(), null, 2)}\n`).toMatchFileSnapshot(`__answers__/${name}.json`);
  });
});

/** Bytes of compact JSON without texts. */
function bytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value, (key, member: unknown) => (TEXTS.has(key) ? undefined : member)));
}
