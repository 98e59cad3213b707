/** The programs that people reach a gate with, at the versions of package.json, each with a sign-in of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentInWorkerd } from '../support/hosts/agents.ts';
import { aiSdk } from '../support/hosts/ai-sdk.ts';
import type { Host, HostOptions } from '../support/hosts/host.ts';
import { inspector } from '../support/hosts/inspector.ts';
import { mcpRemote } from '../support/hosts/mcp-remote.ts';
import { sdkV1, sdkV2 } from '../support/hosts/sdk.ts';
import { rowsOf, useStack } from '../support/stack.ts';

const stack = useStack();

interface Case {
  readonly program: string;
  /** What it calls itself when it registers. */
  readonly registersAs: string;
  readonly era: 'modern' | 'session';
  readonly start: (options: HostOptions) => Promise<Host>;
}

const MODERN = '2026-07-28';

const CASES: readonly Case[] = [
  { program: 'SDK v1', registersAs: 'sdk-v1', era: 'session', start: (o) => sdkV1(o, 'sdk-v1') },
  {
    program: 'SDK v2, pinned to 2026-07-28',
    registersAs: 'sdk-v2-modern',
    era: 'modern',
    start: (o) => sdkV2(o, 'sdk-v2-modern', { pin: MODERN }),
  },
  {
    program: 'SDK v2, pinned to the 2025 revisions',
    registersAs: 'sdk-v2-legacy',
    era: 'session',
    start: (o) => sdkV2(o, 'sdk-v2-legacy', 'legacy'),
  },
  {
    program: 'SDK v2, auto',
    registersAs: 'sdk-v2-auto',
    era: 'modern',
    start: (o) => sdkV2(o, 'sdk-v2-auto', 'auto'),
  },
  { program: 'mcp-remote', registersAs: 'MCP CLI Proxy', era: 'session', start: (o) => mcpRemote(o, 'legacy') },
  { program: 'mcp-remote, auto', registersAs: 'MCP CLI Proxy', era: 'modern', start: (o) => mcpRemote(o, 'auto') },
  { program: 'MCP Inspector', registersAs: 'MCP Inspector', era: 'session', start: (o) => inspector(o, 'legacy') },
  {
    program: 'MCP Inspector, modern',
    registersAs: 'MCP Inspector',
    era: 'modern',
    start: (o) => inspector(o, 'modern'),
  },
  { program: '@ai-sdk/mcp', registersAs: 'ai-sdk', era: 'modern', start: (o) => aiSdk(o, 'ai-sdk', true) },
  {
    program: '@ai-sdk/mcp without discovery',
    registersAs: 'ai-sdk-session',
    era: 'session',
    start: (o) => aiSdk(o, 'ai-sdk-session', false),
  },
  { program: 'agents in workerd', registersAs: 'agents-app', era: 'modern', start: agentInWorkerd },
];

describe.each(CASES)('$program', ({ program, registersAs, era, start }) => {
  let home: string;
  let host: Host;
  /** Rows of this program: several register under one name. */
  let since: string;

  beforeAll(async () => {
    since = new Date().toISOString();
    home = await mkdtemp(join(tmpdir(), 'gatehouse-host-'));
    host = await start({ mcpUrl: stack().mcpUrl, home });
  });
  afterAll(async () => {
    await host?.close();
    await rm(home, { recursive: true, force: true });
  });

  it('signs in, lists, reads, writes and is told what went wrong; every call has its row', async () => {
    expect(await host.listTools()).toEqual(expect.arrayContaining(['get_me', 'search_issues', 'issue_write']));

    const me = await host.call('get_me', {});
    expect(me.isError).toBe(false);
    expect(me.text).toContain('octocat');

    const title = `Filed with ${program}`;
    const written = await host.call('issue_write', { method: 'create', owner: 'acme', repo: 'web', title });
    expect(written.isError).toBe(false);
    expect(JSON.parse(written.text)).toEqual(written.structured);
    const found = await stack().github.as('octocat')('GET', '/repos/acme/web/issues?per_page=100&state=all');
    expect(JSON.stringify(found.body)).toContain(title);

    const missing = { method: 'get', owner: 'acme', repo: 'web', issue_number: 999_999 };
    const refused = await host.call('issue_read', missing);
    expect(refused.isError).toBe(true);
    expect(refused.text).toContain('upstream_not_found');

    expect(await host.read('github://acme/web/HEAD/contents/README.md')).toContain('Acme web shop');

    const rows = await rowsOf(stack(), 4, "timestamp >= ? AND method IN ('tools/call', 'resources/read')", since);
    expect(rows.map((row) => [row.method, row.tool_name, row.result_status])).toEqual([
      ['tools/call', 'get_me', 'success'],
      ['tools/call', 'issue_write', 'success'],
      ['tools/call', 'issue_read', 'error'],
      ['resources/read', null, 'success'],
    ]);
    for (const row of rows) {
      expect(row.user_login).toBe('octocat');
      expect(row.client_name).toContain(registersAs);
      expect(row.session_id === null).toBe(era === 'modern');
    }
  });
});
