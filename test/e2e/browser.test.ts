/**
 * A person with a real browser: Chromium goes from a client's authorization URL through the consent page and GitHub's
 * user picker back to the client. Screenshots are kept in `.gatehouse/screenshots` for whoever hands in to look at.
 */
import { mkdir } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Stack } from '../../src/cli/stack.ts';
import { BASELINE } from '../../src/policy/scopes.ts';
import type { LoopbackClient, Started } from '../support/oauth-client.ts';
import { loopbackClient } from '../support/oauth-client.ts';
import { useStack } from '../support/stack.ts';
import { overflow, PHONE, pickAccount, SHOTS, useVisitors } from '../support/visitors.ts';

const EXTRA = 'tools:execute:issues:write';

const running = useStack();
const { visitor: person, foreignSite } = useVisitors();
let stack: Stack;
let client: LoopbackClient;
const cleanups: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  await mkdir(SHOTS, { recursive: true });
  stack = running();
  client = await loopbackClient(stack.url, 'Test client');
});

afterAll(async () => {
  await client?.stop();
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const box = (page: Page, scope: string) => page.locator(`input[name="scope"][value="${scope}"]`);
const approve = (page: Page) => page.getByRole('button', { name: 'Allow and sign in' }).click();

async function consentFor(page: Page, scopes: readonly string[] = BASELINE): Promise<Started> {
  const started = await client.start(scopes);
  await page.goto(started.authorizationUrl.href);
  return started;
}

describe('a person', () => {
  it('grants what they ticked: consent, user picker, back to the client with code, state and iss', async () => {
    const { page, complaints } = await person();
    const { arrival, redeem, state } = await consentFor(page);
    expect(await page.title()).toBe('Allow access? · Gatehouse');
    const shown = await page.textContent('main');
    for (const text of ['Test client', 'not verified', new URL(client.redirectUri).hostname])
      expect(shown).toContain(text);
    for (const scope of BASELINE) expect(await box(page, scope).isChecked()).toBe(true);
    expect(await box(page, EXTRA).isChecked()).toBe(false);
    await page.screenshot({ path: `${SHOTS}/consent.png`, fullPage: true });

    await box(page, EXTRA).check();
    await box(page, 'prompts:use').uncheck();
    await approve(page);
    await page.waitForURL(`${stack.github.url}/**`);
    await page.screenshot({ path: `${SHOTS}/user-picker.png` });
    await pickAccount(page, 'octocat');

    const arrived = await arrival;
    expect(Object.fromEntries(arrived.searchParams)).toEqual({ code: expect.any(String), state, iss: stack.url });
    const tokens = await redeem(arrived);
    const granted = [...BASELINE.filter((scope) => scope !== 'prompts:use'), EXTRA];
    expect(tokens.scope?.split(' ').sort()).toEqual(granted.sort());
    expect(complaints).toEqual([]);
  });

  it('can open the folded scopes, use the keyboard alone, and grant a single one', async () => {
    const { page } = await person();
    const { arrival, redeem } = await consentFor(page, ['tools:list']);
    const narrow = box(page, 'tools:execute:issues:read');
    expect(await narrow.isVisible()).toBe(false);
    await page.locator('details:not([open]) summary').last().focus();
    await page.keyboard.press('Enter');
    await narrow.focus();
    await page.keyboard.press('Space');
    await box(page, 'tools:list').focus();
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Allow and sign in' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(`${stack.github.url}/**`);
    await pickAccount(page, 'hubot');
    expect((await redeem(await arrival)).scope).toBe('tools:execute:issues:read');
  });

  it('who denies sends the client access_denied with state and iss', async () => {
    const { page, complaints } = await person();
    const { arrival, redeem, state } = await consentFor(page);
    await page.getByRole('button', { name: 'Deny' }).click();
    const arrived = await arrival;
    expect(Object.fromEntries(arrived.searchParams)).toMatchObject({ error: 'access_denied', state, iss: stack.url });
    expect(arrived.searchParams.has('code')).toBe(false);
    await expect(redeem(arrived)).rejects.toMatchObject({ error: 'access_denied' });
    expect(complaints).toEqual([]);
  });

  it('who is not on the list is told so, and so is the client', async () => {
    const { page } = await person();
    const { arrival, state } = await consentFor(page);
    await approve(page);
    await page.waitForURL(`${stack.github.url}/**`);
    await pickAccount(page, 'mallory');
    const answer = Object.fromEntries((await arrival).searchParams);
    expect(answer).toMatchObject({ error: 'access_denied', state, iss: stack.url });
    expect(answer.error_description).toMatch(/mallory.*not on the list/);
  });

  it('who unticks everything is asked again, and nothing is granted', async () => {
    const { page } = await person();
    await consentFor(page, ['tools:list']);
    await box(page, 'tools:list').uncheck();
    await approve(page);
    expect(await page.textContent('h1')).toBe('Nothing was granted');
  });

  it('who leaves the authorization URL half is told what is wrong', async () => {
    const { page } = await person();
    const answer = await page.goto(`${stack.url}/authorize?client_id=made-up&response_type=code`);
    expect(answer?.status()).toBe(400);
    expect(await page.textContent('footer')).toContain(answer?.headers()['x-request-id']);
    await page.screenshot({ path: `${SHOTS}/message.png` });
  });
});

describe('an attacker', () => {
  it('who names a client after markup and turns text around changes nothing on the page', async () => {
    const name = '</title><script>alert(1)</script><img src=x onerror=alert(2)>\u202Egnp.exe';
    const hostile = await loopbackClient(stack.url, name);
    cleanups.push(hostile.stop);
    const { page, complaints } = await person();
    await page.goto((await hostile.start(BASELINE)).authorizationUrl.href);
    expect(await page.textContent('h1')).toContain('</title><script>');
    expect(await page.textContent('body')).not.toContain('\u202e');
    expect(await page.locator('script, img').count()).toBe(0);
    expect(await page.title()).toBe('Allow access? · Gatehouse');
    await page.screenshot({ path: `${SHOTS}/consent-hostile.png`, fullPage: true });
    expect(complaints).toEqual([]);
  });

  it('cannot frame the consent page', async () => {
    const { page, complaints } = await person();
    const { authorizationUrl } = await client.start(BASELINE);
    const framed = authorizationUrl.href.replaceAll('&', '&amp;');
    const loaded = page.waitForResponse((answer) => answer.url().startsWith(`${stack.url}/authorize`));
    await page.goto(await foreignSite(`<iframe src="${framed}" width="600" height="600"></iframe>`));
    await loaded;
    await expect.poll(() => complaints.join()).toMatch(/frame/i);
    const frame = page.frames()[1];
    expect(await frame?.locator('form').count()).toBe(0);
  });

  it('cannot post the form from another site, nor from a page without an origin', async () => {
    const { page } = await person();
    await consentFor(page);
    const handle = await page.locator('input[name="handle"]').inputValue();
    const form = `<form method="post" action="${stack.url}/authorize"><input name="handle" value="${handle}">
      <input name="scope" value="tools:execute"><input name="decision" value="approve"></form>
      <script>document.forms[0].submit()</script>`;
    const sandboxed = `<iframe sandbox="allow-scripts allow-forms" srcdoc="${form.replaceAll('"', '&quot;')}"></iframe>`;
    for (const [html, origin] of [
      [form, /^http:\/\/127\.0\.0\.1:/],
      [sandboxed, /^null$/],
    ] as const) {
      const site = await foreignSite(html);
      const [answer] = await Promise.all([
        page.waitForResponse((response) => response.request().method() === 'POST'),
        // The form takes the tab elsewhere before the page has come.
        page.goto(site).catch(() => undefined),
      ]);
      expect(answer.url()).toBe(`${stack.url}/authorize`);
      expect(await answer.request().headerValue('origin')).toMatch(origin);
      expect(answer.status()).toBe(403);
    }
  });

  it('cannot use a form that somebody else was shown, or that was sent before', async () => {
    const owner = await person();
    const { arrival } = await consentFor(owner.page);
    const handle = await owner.page.locator('input[name="handle"]').inputValue();
    const send = (page: Page) =>
      page.request.post(`${stack.url}/authorize`, {
        form: { handle, scope: 'tools:execute', decision: 'approve' },
        headers: { origin: stack.url },
        maxRedirects: 0,
      });

    const other = await person();
    expect((await send(other.page)).status()).toBe(400);

    await approve(owner.page);
    await owner.page.waitForURL(`${stack.github.url}/**`);
    expect((await send(owner.page)).status()).toBe(400);
    await pickAccount(owner.page, 'octocat');
    expect((await arrival).searchParams.has('code')).toBe(true);
    expect((await send(owner.page)).status()).toBe(400);
  });

  it('reads from another site only what is public', async () => {
    const { page } = await person();
    await page.goto(await foreignSite('<h1>elsewhere</h1>'));
    const fetched = (path: string, init: object = {}) =>
      page.evaluate<number | string>(
        `fetch(${JSON.stringify(stack.url + path)}, ${JSON.stringify(init)}).then((a) => a.status, (e) => e.name)`,
      );
    const versioned = { headers: { 'mcp-protocol-version': '2026-07-28' } };
    expect(await fetched('/.well-known/oauth-authorization-server')).toBe(200);
    expect(await fetched('/.well-known/oauth-protected-resource/mcp', versioned)).toBe(200);
    for (const path of ['/mcp', '/token', '/register', '/authorize']) {
      expect(await fetched(path, { method: 'POST', body: '{}' })).toBe('TypeError');
    }
  });
});

describe('on a small screen and in the dark', () => {
  it('every page fits 360 pixels', async () => {
    const long = await loopbackClient(stack.url, `Long-${'W'.repeat(200)}`);
    cleanups.push(long.stop);
    const { page } = await person(PHONE);
    for (const [name, url] of [
      ['landing', stack.url],
      ['not-found', `${stack.url}/${'x'.repeat(300)}`],
      ['consent', (await client.start(BASELINE)).authorizationUrl.href],
      ['consent-long', (await long.start(BASELINE)).authorizationUrl.href],
    ] as const) {
      await page.goto(url);
      expect(await overflow(page), name).toBe(0);
      await page.screenshot({ path: `${SHOTS}/${name}-phone.png`, fullPage: true });
    }
  });

  it('the pages follow the system into the dark', async () => {
    const { page } = await person({ colorScheme: 'dark' });
    await page.goto(stack.url);
    const light = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    expect(light).toBe('rgb(15, 18, 22)');
    await page.screenshot({ path: `${SHOTS}/landing-dark.png`, fullPage: true });
    await consentFor(page);
    await page.screenshot({ path: `${SHOTS}/consent-dark.png`, fullPage: true });
  });

  it('the landing page hands over address, command and link', async () => {
    const { page, complaints } = await person();
    await page.goto(stack.url);
    expect(await page.textContent('pre')).toBe(stack.mcpUrl);
    expect(await page.getByRole('link', { name: 'Add to Cursor' }).getAttribute('href')).toMatch(/^cursor:\/\//);
    await page.screenshot({ path: `${SHOTS}/landing.png`, fullPage: true });
    expect(complaints).toEqual([]);
  });
});
