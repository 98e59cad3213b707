/** The same tools against a GitHub that somebody else wrote: `emulate`, over a real connection. */

import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { createEmulator, type Emulator } from 'emulate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGitHub, type GitHub } from '../../../src/github/client.ts';
import { rejection } from '../github/answering.ts';
import { call, read } from './calling.ts';

const place = { owner: 'acme', repo: 'shop' };
const seed = {
  tokens: { token_mona: { login: 'mona', scopes: ['repo'] } },
  github: {
    users: [{ login: 'mona', name: 'Mona Lisa' }],
    orgs: [{ login: 'acme', members: ['mona'] }],
    repos: [
      { owner: 'mona', name: 'notes', auto_init: true },
      { owner: 'mona', name: 'secret', auto_init: true, private: true },
    ],
  },
};

let emulator: Emulator;
let github: GitHub;

beforeAll(async () => {
  emulator = await createEmulator({ service: 'github', port: await freePort(), seed });
  const { url } = emulator;
  github = createGitHub({
    apiUrl: url,
    webUrl: url,
    token: 'token_mona',
    limit: null,
    signal: AbortSignal.timeout(30_000),
  });
});
afterAll(async () => await emulator.close());

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('with the emulator', () => {
  const notes = { owner: 'mona', repo: 'notes' };

  it('get_me', async () => {
    expect((await call(github, 'get_me', {})).structuredContent).toMatchObject({ login: 'mona', name: 'Mona Lisa' });
  });

  it('an issue is created, read, found, commented, closed', async () => {
    const body = 'It crashes <!-- hidden --> when äöü';
    const created = await call(github, 'issue_write', { method: 'create', ...notes, title: 'Crash on start', body });
    const { number } = created.structuredContent as { number: number };
    expect(created.structuredContent).toMatchObject({ title: 'Crash on start', state: 'open' });
    const target = { ...notes, issue_number: number };
    const got = await call(github, 'issue_read', { method: 'get', ...target });
    expect(got.structuredContent.issue).toMatchObject({ number, user: 'mona', body: 'It crashes  when äöü' });
    for (let index = 1; index <= 7; index++) {
      await fetch(`${emulator.url}/repos/mona/notes/issues/${number}/comments`, {
        method: 'POST',
        headers: { authorization: 'Bearer token_mona', 'content-type': 'application/json' },
        body: JSON.stringify({ body: `Comment ${index}` }),
      });
    }
    const comments = await call(github, 'issue_read', { method: 'get_comments', ...target, perPage: 3 });
    expect((comments.structuredContent.comments as { body: string }[]).map((comment) => comment.body)).toEqual(
      [1, 2, 3, 4, 5, 6, 7].map((index) => `Comment ${index}`),
    );
    expect(comments.steps.map(({ done }) => done)).toEqual([1, 2, 3]);
    const found = await call(github, 'search_issues', { query: 'Crash', ...notes });
    expect(found.structuredContent).toMatchObject({ total_count: 1, issues: [{ number, repository: 'mona/notes' }] });
    const closed = { method: 'update', ...target, state: 'closed', state_reason: 'completed', labels: [] };
    expect((await call(github, 'issue_write', closed)).structuredContent).toMatchObject({ state: 'closed' });
    expect((await call(github, 'issue_read', { method: 'get', ...target })).structuredContent.issue).toMatchObject({
      state: 'closed',
      state_reason: 'completed',
    });
  });

  it('files and directories are read, as tool and as resource', async () => {
    const listing = await call(github, 'get_file_contents', notes);
    expect(listing.structuredContent).toMatchObject({
      type: 'directory',
      entries: [{ type: 'file', name: 'README.md' }],
    });
    const file = await call(github, 'get_file_contents', { ...notes, path: 'README.md', ref: 'refs/heads/main' });
    expect(file.structuredContent).toMatchObject({ type: 'file', content: expect.stringContaining('notes') });
    const uri = 'github://mona/notes/HEAD/contents/README.md';
    expect(await read(github, uri, true)).toEqual([
      { uri, mimeType: 'text/markdown', text: file.structuredContent.content },
    ]);
    const secret = read(github, 'github://mona/secret/HEAD/contents/README.md', true);
    expect(await rejection(secret)).toMatchObject({ code: 'insufficient_scope' });
    expect(await read(github, 'github://mona/secret/HEAD/contents/README.md')).toHaveLength(1);
  });

  it('what is not there is told apart', async () => {
    for (const [name, args] of [
      ['get_file_contents', { ...notes, path: 'nope.txt' }],
      ['get_file_contents', { ...notes, ref: 'nope' }],
      ['issue_read', { method: 'get', ...notes, issue_number: 999 }],
      ['issue_read', { method: 'get', ...place, issue_number: 1 }],
    ] as const) {
      expect(await rejection(call(github, name, args))).toMatchObject({ code: 'upstream_not_found' });
    }
  });
});
