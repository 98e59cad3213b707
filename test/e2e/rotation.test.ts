/** One rotation of the key: nobody is signed out by it, and what was half done is finished. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { connectModern, connectSession, Person } from '../../src/cli/clients.ts';
import { freePort } from '../../src/cli/ports.ts';
import type { Settings } from '../../src/cli/settings.ts';
import type { Stack } from '../../src/cli/stack.ts';
import { startStack } from '../../src/cli/stack.ts';
import { modernBody, modernHeaders, post } from '../support/rpc.ts';

const FIRST = 'the first key of this gate, 0123456789';
const SECOND = 'the second key of this gate, 0123456789';

/** What a call with a token is answered. */
async function status(stack: Stack, token: string): Promise<number> {
  return (await post(stack, modernBody('tools/list'), { headers: modernHeaders(token, 'tools/list') })).status;
}

it('keeps tokens, refresh tokens, sessions and grants across a rotation, and not past the last predecessor', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-rotation-'));
  const [port, githubPort] = [await freePort(), await freePort()];
  const start = (settings: Settings): Promise<Stack> =>
    startStack({ bundleDir: inject('bundleDir'), dataDir, port, githubPort, settings });
  const person = new Person({ clientName: 'Rotated' });
  let stack = await start({ SECRET_KEY: FIRST });
  try {
    const session = await connectSession(stack.mcpUrl, { person });
    await session.client.callTool({ name: 'get_me', arguments: {} });
    const sessionId = session.transport.sessionId;
    const before = person.accessToken ?? '';
    const refreshToken = person.tokens()?.refresh_token ?? '';
    await stack.stop();

    stack = await start({ SECRET_KEY: FIRST, SECRET_KEY_2: SECOND });
    expect(session.transport.sessionId).toBe(sessionId);
    const again = await session.client.callTool({ name: 'get_me', arguments: {} });
    expect(again.structuredContent).toMatchObject({ login: 'octocat' });
    expect(person.signIns).toHaveLength(1);
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: person.clientId ?? '' };
    const refreshed = await fetch(`${stack.url}/token`, { method: 'POST', body: new URLSearchParams(form) });
    expect(refreshed.status).toBe(200);
    // A new sign-in is sealed with the new key, finds the grant of the old one, and takes its place.
    const anew = new Person({ clientName: 'Rotated' });
    anew.saveClientInformation(person.clientInformation() as never);
    await (await connectModern(stack.mcpUrl, { person: anew })).close();
    expect(anew.accessToken?.split(':')[0]).not.toBe(before.split(':')[0]);
    expect(await status(stack, before)).toBe(401);
    const kept = anew.accessToken ?? '';
    await session.client.close().catch(() => undefined);
    await stack.stop();

    stack = await start({ SECRET_KEY_2: SECOND });
    expect(await status(stack, kept)).toBe(200);
    expect(await status(stack, before)).toBe(401);
  } finally {
    await stack.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
});
