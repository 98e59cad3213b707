/** Tenants as an operator adds them and people meet them: real clients, a real browser, the real command's parts. */
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { connectModern, connectSession, Person } from '../../src/cli/clients.ts';
import { wranglerAt } from '../../src/cli/deploy/run.ts';
import type { Stack } from '../../src/cli/stack.ts';
import { carryOut } from '../../src/cli/tenant/carry-out.ts';
import { orderFrom } from '../../src/cli/tenant/edit.ts';
import { localPlace } from '../../src/cli/tenant/place.ts';
import { ERAS } from '../support/eras.ts';
import { callTool, modernBody, modernHeaders, post } from '../support/rpc.ts';
import { rowsOf, useStack } from '../support/stack.ts';
import { pickAccount, SHOTS, useVisitors } from '../support/visitors.ts';

const running = useStack();
const { visitor } = useVisitors();
let stack: Stack;
let acme: Stack;

/** `npm run tenant -- …` for the data of this stack, which runs meanwhile. */
async function tenant(words: string, clientSecret?: string): Promise<string> {
  const said: string[] = [];
  const place = localPlace(wranglerAt(), stack.dataDir, { PUBLIC_URL: stack.url });
  const say = (line: string) => void said.push(line);
  const desk = { ...place, clientSecret, ask: undefined, archive: true, now: Date.now, say };
  await carryOut(orderFrom(words.split(' ')), desk);
  return said.join('\n');
}

/** The stack as seen by clients of a tenant. */
const at = (name: string): Stack => Object.create(stack, { mcpUrl: { value: `${stack.url}/t/${name}/mcp` } }) as Stack;
const BOTH = 'ALLOWED_USERS=octocat,hubot';

beforeAll(async () => {
  await mkdir(SHOTS, { recursive: true });
  stack = running();
  acme = at('acme');
  expect(await tenant(`add acme ${BOTH} ADMINS=octocat`)).toContain(`${stack.url}/t/acme/callback`);
  const { clientId, clientSecret, url } = stack.github;
  const own = `GITHUB_CLIENT_ID=${clientId} GITHUB_URL=${url} GITHUB_API_URL=${url}`;
  await tenant(`add globex ${BOTH} LIMIT_CLIENT=3/60 READ_ONLY=true ${own}`, clientSecret);
  await tenant(`add passing ${BOTH}`);
  await tenant(`add moving ${BOTH} ${own}`, clientSecret);
});

describe('a tenant', () => {
  it.each(ERAS)(
    'is signed in to and used by a client of the $era era, with rows of its own',
    async ({ connect, call }) => {
      const person = new Person({ clientName: 'Of acme' });
      const { client, close } = await connect(acme.mcpUrl, { person });
      expect((await call(client, 'get_me', {})).structuredContent).toMatchObject({ login: 'octocat' });
      await close();
      expect(person.signIns[0]?.consent?.url.pathname).toBe('/t/acme/authorize');
      const rows = await rowsOf(stack, 4, 'client_id = ?', person.clientId);
      expect(rows.map(({ method }) => method)).toEqual(['auth/sign_in', 'auth/consent', 'auth/token', 'tools/call']);
      const [{ tenants, chains } = {}] = await stack.query(
        'SELECT group_concat(DISTINCT tenant_id) AS tenants, group_concat(DISTINCT chain_id) AS chains FROM mcp_audit_log WHERE client_id = ?',
        person.clientId,
      );
      expect(tenants).toBe('acme');
      expect(chains).toMatch(/^acme-\d$/);
      const lines = stack.logs.map(({ message }) => message).filter((message) => message.includes('"/t/acme/mcp"'));
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) expect(JSON.parse(line)).toMatchObject({ path: '/t/acme/mcp', tenant_id: 'acme' });
      // The door of another is shut, and names its own documents.
      for (const [other, base] of [
        [stack, ''],
        [at('globex'), '/t/globex'],
      ] as const) {
        const refused = await callTool(other, person.accessToken ?? '', 'get_me', {});
        expect(refused.status).toBe(401);
        expect(refused.headers.get('www-authenticate')).toContain(`/.well-known/oauth-protected-resource${base}/mcp"`);
      }
    },
  );

  it('has a console of its own, for its own administrators', async () => {
    const person = new Person({ clientName: 'Seen at acme' });
    const { client, close } = await connectModern(acme.mcpUrl, { person });
    await client.callTool({ name: 'get_me', arguments: {} });
    await close();
    await rowsOf(stack, 1, "tenant_id = 'acme' AND client_id = ? AND tool_name = 'get_me'", person.clientId);
    for (const [login, base, status] of [
      ['octocat', '/t/acme', 200],
      ['octocat', '', 403],
      ['octocat', '/t/globex', 403],
      ['hubot', '/t/acme', 403],
    ] as const) {
      const { page } = await visitor();
      await page.goto(`${stack.url}${base}/console`);
      await page.getByRole('link', { name: /Sign in at/ }).click();
      await pickAccount(page, login);
      await page.waitForURL(`${stack.url}${base}/console`);
      const paths = ['/console', '/console/overview', '/console/export?format=ndjson'];
      for (const path of paths) {
        const answer = await page.request.get(`${stack.url}${base}${path}`);
        expect(answer.status(), `${login} at ${base}${path}`).toBe(status);
        if (status !== 200) expect(await answer.text()).not.toMatch(/Seen at acme|get_me/);
      }
      if (status !== 200) continue;
      expect(await page.locator('td[data-label="Client"]').allTextContents()).toContain('Seen at acme');
      for (const link of await page.locator('main a').all()) {
        expect(await link.getAttribute('href')).toMatch(/^\/t\/acme\/(console|account)/);
      }
      const rows = (await (await page.request.get(`${stack.url}${base}${paths[2]}`)).text()).trimEnd().split('\n');
      expect(new Set(rows.map((row) => JSON.parse(row).tenant_id))).toEqual(new Set(['acme']));
    }
  });

  it('has limits, policy and a GitHub application of its own', async () => {
    const person = new Person({ clientName: 'Of globex', alsoAsk: ['tools:execute:issues:write'] });
    const { client, close } = await connectModern(at('globex').mcpUrl, { person });
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('get_me');
    expect(tools.map(({ name }) => name)).not.toContain('issue_write');
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await client.callTool({ name: 'get_me', arguments: {} }));
    expect(answers.map(({ isError }) => isError === true)).toEqual([false, false, false, true]);
    await close();
  });

  it('shows its own pages, whose cookies are not those of another', async () => {
    const { page, complaints } = await visitor();
    await page.goto(`${stack.url}/t/acme`);
    expect(await page.textContent('main')).toContain(`claude mcp add --transport http gatehouse-acme ${acme.mcpUrl}`);
    await page.getByRole('link', { name: 'Your account page' }).click();
    expect(page.url()).toBe(`${stack.url}/t/acme/account`);
    await page.getByRole('link', { name: /Sign in at/ }).click();
    await page.waitForURL(`${stack.github.url}/**`);
    await pickAccount(page, 'octocat');
    await page.waitForURL(`${stack.url}/t/acme/account`);
    const names = page.locator('section h2');
    expect(await names.allTextContents()).toContain('Of acme');
    expect(await names.allTextContents()).not.toContain('Of globex');
    await page.screenshot({ path: `${SHOTS}/tenant-account.png`, fullPage: true });
    expect((await page.context().cookies(stack.url)).map(({ name }) => name)).toEqual(['__Host-gatehouse-t-acme']);

    for (const elsewhere of ['/account', '/t/globex/account']) {
      await page.goto(`${stack.url}${elsewhere}`);
      expect(await page.getByRole('link', { name: /Sign in at/ }).count()).toBe(1);
    }
    await page.goto(`${stack.url}/t/acme/account`);
    const before = await names.count();
    await page
      .getByRole('button', { name: /^Revoke/ })
      .first()
      .click();
    expect(await page.getByRole('status').textContent()).toContain('Access was taken back');
    expect(await names.count()).toBe(before - 1);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(`${stack.url}/t/acme/account?done=signed_out`);
    expect(complaints).toEqual([]);
  });
});

describe('the GitHub of a tenant', () => {
  it('gets no token that is for another, whatever the row of settings says by now', async () => {
    const heard: string[] = [];
    const other = createServer((request, response) => {
      heard.push(`${request.method} ${request.url}`);
      response.end('{}');
    });
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const person = new Person({ clientName: 'Of moving' });
    const { client, close } = await connectModern(at('moving').mcpUrl, { person });
    const call = () => callTool(at('moving'), person.accessToken ?? '', 'get_me', {});
    expect((await call()).status).toBe(200);
    await tenant(`set moving GITHUB_API_URL=http://127.0.0.1:${(other.address() as AddressInfo).port}`);
    await expect.poll(async () => (await call()).status, { timeout: 31_000, interval: 500 }).toBe(401);
    await expect(client.callTool({ name: 'search_issues', arguments: { query: 'x' } })).rejects.toThrow();
    expect(heard).toEqual([]);
    await close();
    other.close();
  });
});

describe('what is of administrators', () => {
  it('is granted to them, and dropped for the others, who are told what they got', async () => {
    const alsoAsk = ['tools:list', 'audit:read'];
    const admin = new Person({ clientName: 'Admin', alsoAsk });
    await (await connectModern(acme.mcpUrl, { person: admin })).close();
    expect(admin.scopes).toContain('audit:read');
    const other = new Person({ clientName: 'Other', alsoAsk, login: 'hubot' });
    await (await connectModern(acme.mcpUrl, { person: other })).close();
    expect(other.signIns[0]?.boxes).toContainEqual({ scope: 'audit:read', ticked: true });
    expect(other.scopes).toContain('tools:list');
    expect(other.scopes).not.toContain('audit:read');
    const [consent] = await rowsOf(stack, 1, "method = 'auth/consent' AND client_id = ?", other.clientId);
    expect(JSON.parse(consent?.arguments ?? '')).toMatchObject({ withheld: ['audit:read'] });
  });

  it('alone is no reason to let somebody in', async () => {
    const person = new Person({
      clientName: 'Only the log',
      login: 'hubot',
      alsoAsk: ['audit:read'],
      choose: () => ['audit:read'],
    });
    await expect(connectModern(acme.mcpUrl, { person })).rejects.toThrow();
    expect(person.signIns[0]?.redirect.searchParams.get('error')).toBe('access_denied');
    const [row] = await rowsOf(stack, 1, "method = 'auth/sign_in' AND client_id = ?", person.clientId);
    expect(row).toMatchObject({ result_status: 'denied', error_code: 'forbidden_by_policy', user_login: 'hubot' });
  });

  it('is not offered where nobody is one', async () => {
    const person = new Person({ clientName: 'Of default' });
    await (await connectModern(stack.mcpUrl, { person })).close();
    expect(person.signIns[0]?.boxes.map(({ scope }) => scope)).not.toContain('audit:read');
  });
});

describe('a tenant that is switched off', () => {
  it('ends tokens, sessions and open streams within 30 seconds and the time of one look, and comes back', async () => {
    const person = new Person({ clientName: 'Cut off' });
    const { client, close } = await connectSession(at('passing').mcpUrl, { person });
    const token = person.accessToken ?? '';
    expect(await client.callTool({ name: 'get_me', arguments: {} })).not.toHaveProperty('isError', true);

    // By itself it would be closed after 30 seconds.
    const opened = Date.now();
    const named = { accept: 'text/event-stream', 'mcp-session-id': await openSession(at('passing'), token) };
    const stream = await fetch(at('passing').mcpUrl, { headers: { ...named, authorization: `Bearer ${token}` } });
    expect(stream.status).toBe(200);
    const ended = stream.text().then(() => Date.now() - opened);

    const off = Date.now();
    await tenant('disable passing');
    const list = () => post(at('passing'), modernBody('tools/list'), { headers: modernHeaders(token, 'tools/list') });
    await expect.poll(async () => (await list()).status, { timeout: 31_000, interval: 500 }).toBe(403);
    expect(Date.now() - off).toBeLessThan(31_000);
    const refused = await list();
    expect(refused.json).toMatchObject({ jsonrpc: '2.0', error: { data: { code: 'tenant_disabled' } } });
    await expect(client.callTool({ name: 'get_me', arguments: {} })).rejects.toThrow('switched this server off');
    const refresh = await fetch(`${stack.url}/t/passing/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: person.tokens()?.refresh_token ?? '',
        client_id: person.clientId ?? '',
      }),
    });
    expect([refresh.status, ((await refresh.json()) as { error: string }).error]).toEqual([403, 'tenant_disabled']);
    expect(await ended).toBeLessThan(28_000);
    // The others go on.
    expect((await fetch(`${stack.url}/t/acme/account`)).status).toBe(200);

    await tenant('enable passing');
    await expect.poll(async () => (await list()).status, { timeout: 31_000, interval: 500 }).toBe(200);
    await close();
  });
});

/** A second session of the same token. Out: its id. */
async function openSession(stack: Stack, token: string): Promise<string> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } };
  const { headers } = await post(stack, JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }), {
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
  });
  return headers.get('mcp-session-id') ?? '';
}
