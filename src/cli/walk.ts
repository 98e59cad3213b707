/** The main job, walked by one client: list, read, watch progress, write after a step-up, read a resource, get a prompt. */
import { isObject } from '../core/json.ts';
import type { connectModern, connectSession, Person } from './clients.ts';
import { LONG_THREAD, LONG_THREAD_COMMENTS } from './github/seed-talk.ts';
import type { Report } from './report.ts';
import { expect } from './report.ts';

export interface Answer {
  readonly isError?: boolean | undefined;
  readonly structuredContent?: unknown;
  readonly content?: unknown;
}

export interface Progress {
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

/** What both SDK lines can do, under one name each. */
export interface Walker {
  readonly person: Person;
  listTools(): Promise<string[]>;
  call(name: string, args: Record<string, unknown>, onProgress?: (progress: Progress) => void): Promise<Answer>;
  listResources(): Promise<string[]>;
  read(uri: string): Promise<string>;
  prompt(name: string, args: Record<string, string>): Promise<number>;
}

export function modernWalker(connected: Awaited<ReturnType<typeof connectModern>>): Walker {
  const { run, person } = connected;
  return {
    person,
    listTools: () => run(async (client) => (await client.listTools()).tools.map((tool) => tool.name)),
    call: (name, args, onprogress) =>
      run((client) => client.callTool({ name, arguments: args }, onprogress && { onprogress })),
    listResources: () => run(async (client) => (await client.listResources()).resources.map((it) => it.uri)),
    read: (uri) => run(async (client) => textOf((await client.readResource({ uri })).contents)),
    prompt: (name, args) => run(async (client) => (await client.getPrompt({ name, arguments: args })).messages.length),
  };
}

export function sessionWalker(connected: Awaited<ReturnType<typeof connectSession>>): Walker {
  const { run, person } = connected;
  return {
    person,
    listTools: () => run(async (client) => (await client.listTools()).tools.map((tool) => tool.name)),
    call: (name, args, onprogress) =>
      run(async (client) => {
        const answer = await client.callTool({ name, arguments: args }, undefined, onprogress && { onprogress });
        // The type still allows the shape of revision 2024-10-07, which has neither.
        return 'content' in answer ? (answer as Answer) : {};
      }),
    listResources: () => run(async (client) => (await client.listResources()).resources.map((it) => it.uri)),
    read: (uri) => run(async (client) => textOf((await client.readResource({ uri })).contents)),
    prompt: (name, args) => run(async (client) => (await client.getPrompt({ name, arguments: args })).messages.length),
  };
}

export interface Walked {
  /** Number of the issue that was opened. */
  readonly issue: number;
}

const PLACE = { owner: 'acme', repo: 'web' };
const README = 'github://acme/web/HEAD/contents/README.md';

/** Walks it, one line for each step. In: a title for the issue that it opens. Rejects at the first step that does not hold. */
export async function walk(walker: Walker, title: string, report: Report): Promise<Walked> {
  const { person } = walker;
  await report.step(
    'tools/list',
    async () => {
      const names = await walker.listTools();
      for (const name of ['search_issues', 'get_file_contents', 'issue_read', 'issue_write']) {
        expect(names.includes(name), `${name} among ${names.join(', ')}`);
      }
      return names;
    },
    (names) => `${names.length} tools, among them ${names.slice(0, 4).join(', ')}`,
  );
  await report.step(
    'tools/call search_issues',
    async () => data(await walker.call('search_issues', { query: 'repo:acme/web checkout' })),
    (found) => `${String(found.total_count)} issues found`,
  );
  await report.step(
    'tools/call get_file_contents',
    async () => {
      const file = data(await walker.call('get_file_contents', { ...PLACE, path: 'src/price.ts' }));
      expect(String(file.content).includes('Math.floor'), 'the text of src/price.ts');
      return file;
    },
    (file) => `${String(file.path)}, ${String(file.total_lines)} lines`,
  );
  const seen: Progress[] = [];
  await report.step(
    `tools/call issue_read, comments of issue ${LONG_THREAD}, with progress`,
    async () => {
      const args = { method: 'get_comments', ...PLACE, issue_number: LONG_THREAD };
      const { comments } = data(await walker.call('issue_read', args, (progress) => seen.push(progress)));
      expect(Array.isArray(comments) && comments.length > 0, 'comments');
      expect(seen.length >= 2, `two or more notices of progress, got ${seen.length}`);
      return comments as unknown[];
    },
    (comments) => `${comments.length} of ${LONG_THREAD_COMMENTS.length} comments`,
  );
  for (const { progress, total, message } of seen) {
    report.line(`      ${progress}${total === undefined ? '' : `/${total}`} ${message ?? ''}`);
  }
  const before = person.scopes;
  const signIns = person.signIns.length;
  const issue = await report.step(
    'tools/call issue_write: refused, asked the person for one more scope, written',
    async () => {
      const written = data(await walker.call('issue_write', { method: 'create', ...PLACE, title }));
      expect(person.signIns.length === signIns + 1, 'one more round of consent');
      expect(typeof written.number === 'number', 'the number of the new issue');
      return written.number;
    },
    (number) => `issue ${number}, granted now: ${person.scopes.filter((scope) => !before.includes(scope)).join(' ')}`,
  );
  await report.step(
    'resources/list and resources/read',
    async () => {
      const listed = await walker.listResources();
      expect(listed.length > 0, 'something concrete in resources/list');
      const text = await walker.read(README);
      expect(text.includes('Acme web shop'), 'the README of acme/web');
      return text;
    },
    (text) => `${README}, ${text.length} characters`,
  );
  await report.step(
    'prompts/get code_review',
    () => walker.prompt('code_review', { ...PLACE, pullNumber: '7' }),
    (messages) => `${messages} messages, the change embedded`,
  );
  return { issue };
}

/** The structured part of an answer. Throws with its text when it is an error. */
function data(answer: Answer): Record<string, unknown> {
  if (answer.isError === true) throw new Error(JSON.stringify(answer.content));
  if (!isObject(answer.structuredContent)) throw new Error('the answer has no structured content');
  return answer.structuredContent;
}

function textOf(contents: readonly object[]): string {
  return contents.map((part) => ('text' in part ? String(part.text) : '')).join('');
}
