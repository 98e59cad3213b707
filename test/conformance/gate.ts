/** A running gate with a signed-in person, behind the proxy that brings their token. */
import { connectModern, Person } from '../../src/cli/clients.ts';
import type { Stack } from '../../src/cli/stack.ts';
import { startStack } from '../../src/cli/stack.ts';
import { openProxy } from './proxy.ts';

/** The suite calls faster than any person: it must meet no limit but the protocol's. */
const LIMITS = Object.fromEntries(
  ['LIMIT_CLIENT', 'LIMIT_USER', 'LIMIT_WRITE', 'LIMIT_SEARCH', 'LIMIT_OTHER', 'LIMIT_SIGN_IN'].map((name) => [
    name,
    '10000/60',
  ]),
);

export interface Gate {
  /** Where the suite goes: the proxy. */
  readonly mcpUrl: string;
  readonly stack: Stack;
  /** Ids of the requests so far that must have left a row. */
  readonly recorded: ReadonlySet<string>;
  stop(): Promise<void>;
}

/** Requests that the log keeps. */
const RECORDED = ['tools/call', 'resources/read', 'prompts/get'];

/** In: a directory with a built Worker. Out: the gate, with somebody signed in through its real pages. */
export async function openGate(bundleDir: string): Promise<Gate> {
  const recorded = new Set<string>();
  const proxy = await openProxy();
  try {
    const stack = await startStack({
      bundleDir,
      settings: { ...LIMITS, PUBLIC_URL: proxy.url },
      onLog: ({ message }) => {
        const id = recordedRequest(message);
        if (id !== undefined) recorded.add(id);
      },
    });
    const stop = async () => {
      await proxy.stop();
      await stack.stop();
    };
    try {
      proxy.target = stack.url;
      const person = new Person({ clientName: 'Conformance suite' });
      await (await connectModern(`${proxy.url}/mcp`, { person })).close();
      proxy.token = person.accessToken;
      return { mcpUrl: `${proxy.url}/mcp`, stack, recorded, stop };
    } catch (error) {
      await stop();
      throw error;
    }
  } catch (error) {
    await proxy.stop();
    throw error;
  }
}

/** In: a line of the Worker's log. Out: the request's id, if it was one that leaves a row. */
function recordedRequest(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined;
  const { request_id, mcp_method } = JSON.parse(line) as { request_id?: string; mcp_method?: string };
  return mcp_method !== undefined && RECORDED.includes(mcp_method) ? request_id : undefined;
}
