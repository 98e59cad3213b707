/** A call of a session that runs in the Worker, where the session's object fails it: the call itself goes on. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_SELECTION } from '../../../src/catalogue/selection.ts';
import type { Config } from '../../../src/config.ts';
import type { Caller } from '../../../src/mcp/caller.ts';
import { OpenCalls } from '../../../src/mcp/calls.ts';
import type { DirectCall } from '../../../src/mcp/direct.ts';
import type { SessionLink } from '../../../src/mcp/session-call.ts';
import { callInWorker } from '../../../src/mcp/session-call.ts';

const config = {
  confirmOff: [] as readonly string[],
  github: { apiUrl: 'https://api.github.com', url: 'https://github.com' },
  lockdown: false,
} as Config;

const CALL = {
  jsonrpc: '2.0',
  id: 7,
  method: 'tools/call',
  params: {
    name: 'list_branches',
    arguments: { owner: 'a', repo: 'b', perPage: 100 },
    _meta: { progressToken: 'p' },
  },
} as unknown as DirectCall;

const gone = async (): Promise<never> => {
  throw new Error('the object was reset');
};
const opens = async () => new Response('', { headers: { 'content-type': 'text/event-stream' } });

afterEach(() => vi.unstubAllGlobals());

/** Runs the call with an upstream that answers when it is told to. Out: the answer, the outcome, and what was delivered. */
async function run(link: Partial<SessionLink>) {
  let answerUpstream = (): void => {};
  const upstream = new Promise<void>((resolve) => {
    answerUpstream = resolve;
  });
  vi.stubGlobal('fetch', async () => {
    await upstream;
    return Response.json([{ name: 'main', commit: { sha: 'a'.repeat(40), url: 'x' }, protected: false }]);
  });
  const outcomes: string[] = [];
  const calls = new OpenCalls(
    [{ rpcId: 7, id: 'c', startedAt: 0 }],
    async (_, outcome) => void outcomes.push(outcome.result_status),
    () => 0,
    () => {},
  );
  const caller = {
    config,
    principal: {
      tenant: 't',
      user: { id: 'gh_1', login: 'o' },
      client: { id: 'c', name: 'c' },
      scopes: [],
      repositories: null,
    },
    upstreamToken: 'u',
    calls,
    endGrant: async () => {},
    selection: DEFAULT_SELECTION,
  } as unknown as Caller;
  const delivered: unknown[] = [];
  const work: Promise<unknown>[] = [];
  const whole: SessionLink = {
    id: 's',
    open: async () => {
      answerUpstream();
      return await (link.open ?? opens)();
    },
    deliver: async (message) => {
      delivered.push(message);
      return await (link.deliver ?? (async () => true))(message);
    },
    cancelled: link.cancelled ?? (async () => false),
  };
  const response = await callInWorker(CALL, caller, whole, (kept) => work.push(kept), 0);
  await Promise.all(work);
  return { response, outcomes, delivered };
}

describe('a call of a session in the Worker', () => {
  it('answers on the stream of the object, once', async () => {
    const { response, outcomes, delivered } = await run({});
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(outcomes).toEqual(['success']);
    expect(delivered).toEqual([expect.objectContaining({ id: 7, result: expect.anything() })]);
  });

  it('answers late, as JSON, where the object cannot be reached', async () => {
    const { response, outcomes, delivered } = await run({ open: gone });
    expect(response.status).toBe(200);
    expect(response.headers.get('mcp-session-id')).toBe('s');
    expect(await response.json()).toMatchObject({ id: 7, result: { structuredContent: expect.anything() } });
    expect(outcomes).toEqual(['success']);
    expect(delivered).toEqual([]);
  });

  it('says nothing on a stream that is not its own', async () => {
    const { response, outcomes, delivered } = await run({ open: async () => new Response(null, { status: 400 }) });
    expect(response.status).toBe(400);
    expect(outcomes).toEqual(['error']);
    expect(delivered).toEqual([]);
  });

  it('is done, and says so in the log, where the answer cannot be delivered', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {});
    for (const deliver of [gone, async () => false]) {
      const { outcomes } = await run({ deliver, cancelled: gone });
      expect(outcomes).toEqual(['success']);
    }
    expect(said.mock.calls.map(([line]) => JSON.parse(line as string))).toEqual(
      Array(2).fill({ event: 'answer_lost', call_id: 'c' }),
    );
    said.mockRestore();
  });
});
