/**
 * The account page with a real browser and real clients: a person sees what is connected in their name and takes it
 * back; nobody else does either. Screenshots are kept in `.gatehouse/screenshots`.
 */
import { mkdir } from 'node:fs/promises';
import { DpopSession } from '@modelcontextprotocol/client';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { connectModern, connectSession, Person } from '../../src/cli/clients.ts';
import type { Stack } from '../../src/cli/stack.ts';
import { callTool } from '../support/rpc.ts';
import { rowsOf, useStack } from '../support/stack.ts';
import { overflow, PHONE, pickAccount, SHOTS, useVisitors } from '../support/visitors.ts';

const running = useStack();
const { visitor, foreignSite } = useVisitors();
let stack: Stack;

beforeAll(async () => {
  await mkdir(SHOTS, { recursive: true });
  stack = running();
});

/** A client connected in a person's name. Out: what it is called, and the status of a call with its token. */
async function connected(clientName: string, login: string, more: { alsoAsk?: string[]; session?: boolean } = {}) {
  const { session, ...options } = more;
  const person = new Person({ clientName, login, ...options });
  const { close } = await (session === true ? connectSession : connectModern)(stack.mcpUrl, { person });
  await close();
  const token = person.accessToken ?? '';
  return {
    clientName,
    clientId: person.clientId,
    call: async () => (await callTool(stack, token, 'get_me', {})).status,
  };
}

/** Signs a person in at the account page. */
async function signIn(page: Page, login: string): Promise<void> {
  await page.goto(`${stack.url}/account`);
  await page.getByRole('link', { name: /Sign in at/ }).click();
  await page.waitForURL(`${stack.github.url}/**`);
  await pickAccount(page, login);
  await page.waitForURL(`${stack.url}/**`);
}

const connection = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const names = (page: Page) => page.locator('section h2').allTextContents();
const sessionCookie = async (page: Page) =>
  (await page.context().cookies(stack.url)).find(({ name }) => name === '__Host-gatehouse');

describe('a person', () => {
  it('sees both clients, revokes one and keeps the other, then revokes all and signs out', async () => {
    const editor = await connected('Editor', 'octocat', { alsoAsk: ['tools:execute:issues:write'] });
    const agent = await connected('Agent', 'octocat', { session: true });
    const { page, complaints } = await visitor();
    await signIn(page, 'octocat');
    expect(page.url()).toBe(`${stack.url}/account`);
    expect((await names(page)).sort()).toEqual(['Agent', 'Editor']);
    const shown = await connection(page, 'Editor').textContent();
    for (const text of ['not verified', '127.0.0.1:33999', 'Change issues', 'all that you can reach'])
      expect(shown).toContain(text);
    expect(await connection(page, 'Editor').locator('.danger').first().textContent()).toBe(
      'Change issues and comments',
    );
    expect(await connection(page, 'Agent').textContent()).not.toContain('Change');

    expect([await editor.call(), await agent.call()]).toEqual([200, 200]);
    await page.reload();
    expect(await connection(page, 'Editor').textContent()).toMatch(/Last used.*just now/);
    await page.screenshot({ path: `${SHOTS}/account.png`, fullPage: true });

    await connection(page, 'Editor').getByRole('button', { name: 'Revoke' }).click();
    expect(await page.getByRole('status').textContent()).toContain('Access was taken back');
    expect(await names(page)).toEqual(['Agent']);
    expect([await editor.call(), await agent.call()]).toEqual([401, 200]);
    const [row] = await rowsOf(stack, 1, "method = 'auth/revoke' AND client_id = ?", editor.clientId);
    expect(row).toMatchObject({ client_name: 'Editor', user_login: 'octocat', result_status: 'success' });
    expect(JSON.parse(row?.arguments ?? '')).toEqual({ reason: 'requested_by_person' });

    const third = await connected('Third', 'octocat');
    await page.goto(`${stack.url}/account`);
    await page.getByText('Take back all access').click();
    await page.screenshot({ path: `${SHOTS}/account-all.png`, fullPage: true });
    await page.getByRole('button', { name: 'Revoke all 2' }).click();
    expect(await names(page)).toEqual([]);
    expect([await agent.call(), await third.call()]).toEqual([401, 401]);
    await rowsOf(stack, 3, "method = 'auth/revoke'");
    await page.screenshot({ path: `${SHOTS}/account-empty.png`, fullPage: true });

    await page.getByRole('button', { name: 'Sign out' }).click();
    expect(await page.getByRole('status').textContent()).toContain('signed out');
    expect(await sessionCookie(page)).toBeUndefined();
    await page.screenshot({ path: `${SHOTS}/account-signed-out.png`, fullPage: true });
    expect(complaints).toEqual([]);
  });

  it('is kept signed in by a cookie that only this host and no script can read', async () => {
    const { page } = await visitor();
    await signIn(page, 'octocat');
    const cookie = await sessionCookie(page);
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax', path: '/', domain: 'localhost' });
    const hours = ((cookie?.expires ?? 0) - Date.now() / 1000) / 3600;
    expect(hours).toBeGreaterThan(7.9);
    expect(hours).toBeLessThanOrEqual(8);
    const left = (await page.context().cookies(stack.url)).map(({ name }) => name);
    expect(left.filter((name) => name.startsWith('__Host-gatehouse-sign-in'))).toEqual([]);
  });

  it('leaves GitHub no wider a token than who-am-I takes, and one row', async () => {
    const { page } = await visitor();
    await page.goto(`${stack.url}/account`);
    await page.getByRole('link', { name: /Sign in at/ }).click();
    await page.waitForURL(`${stack.github.url}/**`);
    expect(new URL(page.url()).searchParams.get('scope')).toBe('read:org');
    await pickAccount(page, 'hubot');
    await page.waitForURL(`${stack.url}/account`);
    const [row] = await rowsOf(stack, 1, "client_id = 'gatehouse:account' AND user_login = 'hubot'");
    expect(row).toMatchObject({ method: 'auth/sign_in', result_status: 'success' });
  });

  it('reads which connection is bound to a key and which is limited to repositories', async () => {
    const session = await DpopSession.create();
    class BoundPerson extends Person {
      dpop() {
        return session;
      }
    }
    const person = new BoundPerson({ clientName: 'Bound', login: 'hubot', repositories: 'acme/web, hubot/*' });
    const { client, close } = await connectModern(stack.mcpUrl, { person });
    await client.callTool({ name: 'get_me', arguments: {} });
    await connected('Unbound', 'hubot');
    const { page } = await visitor();
    await signIn(page, 'hubot');
    const bound = connection(page, 'Bound');
    expect(await bound.textContent()).toContain('Bound to a keyyes');
    expect(await bound.locator('code').allTextContents()).toEqual(['acme/web', 'hubot/*']);
    expect(await connection(page, 'Unbound').textContent()).toContain('Bound to a keyno');
    await page.screenshot({ path: `${SHOTS}/account-bound.png`, fullPage: true });
    await page.getByText('Take back all access').click();
    await page.getByRole('button', { name: /^Revoke all/ }).click();
    // The client finds its token refused, and its refresh token too.
    await expect(client.callTool({ name: 'get_me', arguments: {} })).rejects.toThrow(/Grant not found/);
    await close();
  });

  it('can do it with the keyboard alone', async () => {
    const only = await connected('Keyboard', 'hubot');
    const { page } = await visitor();
    await page.goto(`${stack.url}/account`);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${stack.github.url}/**`);
    await pickAccount(page, 'hubot');
    await page.waitForURL(`${stack.url}/account`);
    await page.keyboard.press('Tab');
    expect(await page.evaluate<string>('document.activeElement.textContent')).toContain('Sign out');
    await page.keyboard.press('Tab');
    expect(await page.evaluate<string>('document.activeElement.ariaLabel')).toBe('Revoke Keyboard');
    await page.keyboard.press('Enter');
    await page.getByRole('status').waitFor();
    expect(await only.call()).toBe(401);
  });

  it('reads it on a phone and in the dark, however hostile the names are', async () => {
    const hostile = `</title><script>alert(1)</script>\u202E${'W'.repeat(200)}`;
    await connected(hostile, 'hubot', { alsoAsk: ['tools:execute'] });
    await connected('Plain', 'hubot');
    for (const [name, options] of [
      ['account-phone', PHONE],
      ['account-dark', { colorScheme: 'dark' as const }],
    ] as const) {
      const { page, complaints } = await visitor(options);
      await signIn(page, 'hubot');
      expect(await overflow(page), name).toBe(0);
      expect(await page.locator('script, img').count()).toBe(0);
      expect(await page.textContent('body')).not.toContain('\u202e');
      await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
      expect(complaints).toEqual([]);
    }
    const { page } = await visitor(PHONE);
    await page.goto(`${stack.url}/account`);
    expect(await overflow(page)).toBe(0);
    await page.screenshot({ path: `${SHOTS}/account-sign-in-phone.png`, fullPage: true });
  });
});

describe('somebody else', () => {
  it('who is not on the list does not get in, and leaves a row', async () => {
    const { page } = await visitor();
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.url().startsWith(`${stack.url}/callback`)),
      signIn(page, 'mallory'),
    ]);
    expect(answer.status()).toBe(403);
    expect(await page.textContent('main')).toMatch(/mallory is not on the list/);
    expect(await page.getByRole('link', { name: 'Sign in with another account' }).isVisible()).toBe(true);
    expect(await sessionCookie(page)).toBeUndefined();
    await page.screenshot({ path: `${SHOTS}/account-refused.png`, fullPage: true });
    await rowsOf(stack, 1, "user_login = 'mallory' AND method = 'auth/sign_in' AND result_status = 'denied'");
    await page.goto(`${stack.url}/account`);
    expect(await page.getByRole('link', { name: /Sign in at/ }).isVisible()).toBe(true);
  });

  it('sees only their own, and cannot end the grant of another', async () => {
    const theirs = await connected('Octocat only', 'octocat');
    const own = await connected('Hubot only', 'hubot');
    const [octocat, hubot] = [await visitor(), await visitor()];
    await signIn(octocat.page, 'octocat');
    await signIn(hubot.page, 'hubot');
    expect(await names(octocat.page)).toEqual(['Octocat only']);
    expect(await names(hubot.page)).toContain('Hubot only');
    expect(await names(hubot.page)).not.toContain('Octocat only');

    const grant = await connection(octocat.page, 'Octocat only').getByRole('button').getAttribute('value');
    const form_token = await hubot.page.locator('input[name="form_token"]').first().inputValue();
    const tried = await hubot.page.request.post(`${stack.url}/account/revoke`, {
      form: { form_token, grant: grant ?? '' },
      headers: { origin: stack.url },
    });
    expect(await tried.text()).toContain('nothing to take back');
    expect([await theirs.call(), await own.call()]).toEqual([200, 200]);
  });

  it('cannot send the forms from another site, nor without the token of this session', async () => {
    const mine = await connected('Target', 'octocat');
    const { page } = await visitor();
    await signIn(page, 'octocat');
    const form_token = await page.locator('input[name="form_token"]').first().inputValue();
    const other = await visitor();
    await signIn(other.page, 'octocat');
    const othersToken = await other.page.locator('input[name="form_token"]').first().inputValue();
    expect(othersToken).not.toBe(form_token);

    for (const path of ['/account/revoke', '/account/sign-out']) {
      for (const token of ['', 'x', othersToken, `${form_token}x`]) {
        const answer = await page.request.post(`${stack.url}${path}`, {
          form: { form_token: token, all: 'yes' },
          headers: { origin: stack.url },
        });
        expect(answer.status()).toBe(403);
      }
    }
    const form = `<form method="post" action="${stack.url}/account/revoke"><input name="form_token" value="${form_token}">
      <input name="all" value="yes"></form><script>document.forms[0].submit()</script>`;
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === 'POST'),
      page.goto(await foreignSite(form)).catch(() => undefined),
    ]);
    expect(answer.status()).toBe(403);
    expect(await mine.call()).toBe(200);
    expect(await sessionCookie(page)).toBeDefined();
  });

  it('cannot finish a sign-in that another browser began, nor twice, nor with a state made up', async () => {
    const { page } = await visitor();
    const [callback] = await Promise.all([
      page.waitForRequest((request) => request.url().startsWith(`${stack.url}/callback`)),
      signIn(page, 'octocat'),
    ]);
    const answerIn = async (visiting: Page, url: string) => (await visiting.goto(url))?.status();
    const stranger = await visitor();
    expect(await answerIn(stranger.page, callback.url())).toBe(400);
    expect(await sessionCookie(stranger.page)).toBeUndefined();
    expect(await answerIn(page, callback.url())).toBe(400);
    // Its cookie kept and sent again, as no browser would: the state was used.
    const cookie = (await callback.headerValue('cookie')) ?? '';
    expect(cookie).toContain('__Host-gatehouse-sign-in-');
    expect((await fetch(callback.url(), { headers: { cookie }, redirect: 'manual' })).status).toBe(400);
    const madeUp = `${stack.url}/callback?code=x&state=account.${'A'.repeat(43)}`;
    expect(await answerIn(stranger.page, madeUp)).toBe(400);
    expect(await stranger.page.getByRole('link', { name: 'Open your account page' }).isVisible()).toBe(true);
  });

  it('cannot frame the page, nor read it from another site', async () => {
    const { page, complaints } = await visitor();
    await signIn(page, 'octocat');
    await page.goto(await foreignSite(`<iframe src="${stack.url}/account"></iframe>`));
    await expect.poll(() => complaints.join()).toMatch(/frame/i);
    const read = await page.evaluate<string>(
      `fetch(${JSON.stringify(`${stack.url}/account`)}, { credentials: 'include' }).then((a) => a.text(), (e) => e.name)`,
    );
    expect(read).toBe('TypeError');
  });
});
