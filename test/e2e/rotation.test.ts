/** One rotation of the key: nobody is signed out by it, and what was half done is finished. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { submission } from '../../src/cli/browser/forms.ts';
import type { Page } from '../../src/cli/browser/index.ts';
import { Browser } from '../../src/cli/browser/index.ts';
import { connectModern, connectSession, Person } from '../../src/cli/clients.ts';
import { wranglerAt } from '../../src/cli/deploy/run.ts';
import { freePort } from '../../src/cli/ports.ts';
import type { Settings } from '../../src/cli/settings.ts';
import type { Stack } from '../../src/cli/stack.ts';
import { startStack } from '../../src/cli/stack.ts';
import { carryOut } from '../../src/cli/tenant/carry-out.ts';
import { orderFrom } from '../../src/cli/tenant/edit.ts';
import { localPlace } from '../../src/cli/tenant/place.ts';
import type { LoopbackClient } from '../support/oauth-client.ts';
import { loopbackClient } from '../support/oauth-client.ts';
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

/** A browser half-way through a sign-in of a client. */
interface HalfDone {
  readonly browser: Browser;
  readonly page: Page;
  readonly redeem: (arrived: URL) => Promise<{ readonly access_token: string }>;
}

const pageOf = (arrival: Awaited<ReturnType<Browser['open']>>): Page => {
  if (!('page' in arrival)) throw new Error(`stopped at ${arrival.stopped}`);
  expect(arrival.page.status).toBeLessThan(400);
  return arrival.page;
};

/** Presses a button of the page, with the boxes as they are and one more ticked. */
async function press(browser: Browser, page: Page, button: { name: string; value: string } | string, tick = '') {
  const form = page.forms.find(({ fields, buttons }) =>
    typeof button === 'string'
      ? fields.some(({ name, value }) => name === 'login' && value === button)
      : buttons.some(({ name, value }) => name === button.name && value === button.value),
  );
  if (form === undefined) throw new Error(`no such form at ${page.url}: ${page.html.slice(0, 500)}`);
  const sent = submission(
    form,
    (field) => field.on || field.name === tick,
    typeof button === 'string' ? undefined : button,
  );
  return await browser.submit(page, form, sent);
}

const ALLOW = { name: 'decision', value: 'approve' };

/** Opens the authorization page in a browser of its own. */
async function begin(client: LoopbackClient, kept?: Browser): Promise<HalfDone> {
  const { authorizationUrl, redeem } = await client.start(['tools:list', 'tools:execute:read_only']);
  const browser = kept ?? new Browser((url) => url.href.startsWith(client.redirectUri));
  return { browser, page: pageOf(await browser.open(authorizationUrl)), redeem };
}

const stoppedAt = (arrival: Awaited<ReturnType<Browser['open']>>): URL => {
  if ('stopped' in arrival) return arrival.stopped;
  throw new Error(`a page came up: ${arrival.page.url} ${arrival.page.html.slice(0, 500)}`);
};

it('finishes what was half done: consents, sign-ins at GitHub, codes, approvals, the account page, a tenant with a secret', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-rotation-'));
  const [port, githubPort] = [await freePort(), await freePort()];
  const start = (settings: Settings): Promise<Stack> =>
    startStack({ bundleDir: inject('bundleDir'), dataDir, port, githubPort, settings });
  let stack = await start({ SECRET_KEY: FIRST });
  const client = await loopbackClient(stack.url, 'Half done');
  try {
    const place = localPlace(wranglerAt(), dataDir, { SECRET_KEY: FIRST, PUBLIC_URL: stack.url });
    const { clientId, clientSecret, url } = stack.github;
    const own = `GITHUB_CLIENT_ID=${clientId} GITHUB_URL=${url} GITHUB_API_URL=${url}`;
    const told = { ask: undefined, archive: true, now: Date.now, say: () => undefined };
    const desk = { ...place, clientSecret, ...told };
    await carryOut(orderFrom(`add acme ALLOWED_USERS=octocat ${own}`.split(' ')), desk);

    const consenting = await begin(client);
    const atGitHub = await begin(client);
    const picking = pageOf(await press(atGitHub.browser, atGitHub.page, ALLOW));
    const coded = await begin(client);
    const code = stoppedAt(
      await press(coded.browser, pageOf(await press(coded.browser, coded.page, ALLOW)), 'octocat'),
    );
    const remembered = await begin(client);
    const hubot = pageOf(await press(remembered.browser, remembered.page, ALLOW, 'remember'));
    const first = await remembered.redeem(stoppedAt(await press(remembered.browser, hubot, 'hubot')));
    expect(first.access_token).toBeDefined();
    const visitor = new Browser(() => false);
    const account = pageOf(await visitor.open(new URL(`${stack.url}/account/sign-in`)));
    const signedIn = new Browser(() => false);
    pageOf(await press(signedIn, pageOf(await signedIn.open(new URL(`${stack.url}/account/sign-in`))), 'octocat'));
    await stack.stop();

    stack = await start({ SECRET_KEY: FIRST, SECRET_KEY_2: SECOND });
    const works = async (token: Promise<{ readonly access_token: string }>) =>
      expect(await status(stack, (await token).access_token)).toBe(200);
    // In the order of the grants: each of the same person and client takes the place of the one before.
    await works(coded.redeem(code));
    await works(atGitHub.redeem(stoppedAt(await press(atGitHub.browser, picking, 'octocat'))));
    const approved = pageOf(await press(consenting.browser, consenting.page, ALLOW));
    await works(consenting.redeem(stoppedAt(await press(consenting.browser, approved, 'octocat'))));
    // Nobody is asked: the page that comes up is GitHub's.
    const again = await begin(client, remembered.browser);
    expect(again.page.url.origin).toBe(stack.github.url);
    await works(again.redeem(stoppedAt(await press(again.browser, again.page, 'hubot'))));
    expect(pageOf(await press(visitor, account, 'octocat')).html).toContain('Half done');
    expect(pageOf(await signedIn.open(new URL(`${stack.url}/account`))).html).toContain('Half done');
    const tenant = new Person({ clientName: 'Of acme' });
    await (await connectModern(`${stack.url}/t/acme/mcp`, { person: tenant })).close();
    expect(tenant.accessToken).toBeDefined();
    await stack.stop();

    // Without the key that sealed it, a tenant's secret is gone, and everything of it is refused.
    stack = await start({ SECRET_KEY_2: SECOND });
    const refused = await fetch(`${stack.url}/t/acme/account`);
    expect([refused.status, await refused.text()]).toEqual([
      503,
      expect.stringContaining('GITHUB_CLIENT_SECRET was sealed'),
    ]);
  } finally {
    await client.stop();
    await stack.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
});
