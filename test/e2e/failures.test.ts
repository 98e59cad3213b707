/** Every tool in both eras while GitHub fails, and with arguments it cannot take: a clear error, and never a crash. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tools } from '../../src/catalogue/index.ts';
import { inputSchemaOf } from '../../src/catalogue/listing.ts';
import { Person } from '../../src/cli/clients.ts';
import type { ScopeBox } from '../../src/cli/sign-in.ts';
import { ERAS } from '../support/eras.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack({
  CONFIRM_OFF: 'all',
  LIMIT_CLIENT: '10000/1',
  LIMIT_USER: '10000/1',
  LIMIT_WRITE: '10000/1',
  LIMIT_SEARCH: '10000/1',
  ADMINS: 'octocat',
});

interface Property {
  readonly type?: string;
  readonly enum?: readonly unknown[];
}

/** They ask the catalogue or the log, not GitHub. */
const WITHOUT_GITHUB = new Set(['search_tools', 'query_audit_log']);
/** What a schema does not say that is needed. */
const MORE: Readonly<Record<string, object>> = {
  add_issue_comment: { body: 'x' },
  add_reply_to_pull_request_comment: { body: 'x', pullNumber: 1 },
  actions_run_trigger: { method: 'cancel_workflow_run', run_id: 1 },
  call_read_tool: { name: 'get_me' },
  call_write_tool: { name: 'star_repository', arguments: { owner: 'acme', repo: 'web' } },
  get_job_logs: { job_id: 1 },
  issue_write: { method: 'create', title: 'x' },
  label_write: { method: 'delete' },
  pull_request_review_write: { method: 'create', event: 'APPROVE' },
  push_files: { files: [{ path: 'a', content: 'x' }] },
  update_pull_request: { title: 'x' },
};
const BY_NAME: Readonly<Record<string, unknown>> = { owner: 'acme', repo: 'web', path: 'a.md', color: 'ff0000' };

/** Arguments that a tool takes: what is required, by name or by kind. */
function argumentsOf(name: string): Record<string, unknown> {
  const tool = tools.find((one) => one.name === name);
  if (tool === undefined) throw new Error(`no tool ${name}`);
  const { properties = {}, required = [] } = inputSchemaOf(tool) as {
    properties?: Record<string, Property>;
    required?: readonly string[];
  };
  const value = (key: string) => {
    const { type, enum: words } = properties[key] ?? {};
    return (
      BY_NAME[key] ?? words?.[0] ?? (type === 'integer' ? 1 : type === 'boolean' ? true : type === 'array' ? [] : '1')
    );
  };
  return { ...Object.fromEntries(required.map((key) => [key, value(key)])), ...MORE[name] };
}

describe.each(ERAS)('in the $era era', ({ era, connect, call }) => {
  const choose = (boxes: readonly ScopeBox[]) => boxes.map(({ scope }) => scope);
  const person = new Person({ clientName: `Failures ${era}`, choose });
  let connected: Awaited<ReturnType<typeof connect>>;
  beforeAll(async () => {
    connected = await connect(stack().mcpUrl, { person });
  });
  afterAll(async () => await connected?.close());

  it.each(tools.map(({ name }) => name).filter((name) => !WITHOUT_GITHUB.has(name)))('%s', async (name) => {
    // What waits would wait for a GitHub that is down.
    const status = name.startsWith('wait_for') ? 404 : 500;
    const heal = stack().github.inject({ path: /^/, status, body: { message: 'Failed' } });
    try {
      const result = await call(connected.client, name, argumentsOf(name));
      expect(result.isError, JSON.stringify(result)).toBe(true);
      expect(JSON.stringify(result.content)).toContain(
        `Error upstream_${status === 404 ? 'not_found' : 'unavailable'}`,
      );
    } finally {
      heal();
    }
    const refused = await call(connected.client, name, { no_such_argument: 1 });
    expect(JSON.stringify(refused.content)).toContain('Error invalid_arguments');
  });

  it.each([...WITHOUT_GITHUB].filter((name) => tools.some((tool) => tool.name === name)))('%s', async (name) => {
    const refused = await call(connected.client, name, { no_such_argument: 1 });
    expect(JSON.stringify(refused.content)).toContain('Error invalid_arguments');
  });
});
