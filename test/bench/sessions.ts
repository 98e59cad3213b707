/** Sessions of the 2025 era, opened by hand. */
import { Agent } from 'node:http';
import { send } from './http.ts';
import { initializeTarget, SESSION_REVISION } from './requests.ts';
import type { Running } from './start.ts';

/** Handshakes under way at once. */
const AT_ONCE = 8;

/** Opens `count` sessions, each with its whole handshake. Out: their ids. */
export async function openSessions(running: Running, count: number): Promise<string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const ids: string[] = [];
  let begun = 0;
  const worker = async () => {
    while (begun < count) {
      begun += 1;
      ids.push(await openSession(running, agent));
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  } finally {
    agent.destroy();
  }
  return ids;
}

async function openSession(running: Running, agent: Agent): Promise<string> {
  const { headers, body } = initializeTarget(running);
  const post = { port: running.port, method: 'POST', path: '/mcp', agent } as const;
  const answer = await send({ ...post, headers, body: body.join('0') });
  const id = answer.headers['mcp-session-id'];
  if (typeof id !== 'string') throw new Error(`${running.name} opened no session: ${answer.status} ${answer.text}`);
  const initialized = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });
  const within = { ...headers, 'mcp-session-id': id, 'mcp-protocol-version': SESSION_REVISION };
  const done = await send({ ...post, headers: within, body: initialized });
  if (done.status !== 202) throw new Error(`${running.name} did not take the handshake: ${done.status} ${done.text}`);
  return id;
}
