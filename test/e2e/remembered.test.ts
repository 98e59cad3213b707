/** Approvals that a browser remembers: they save a page, and never give more than the person has connected already. */
import type { Page } from 'playwright-core';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { BASELINE } from '../../src/policy/scopes.ts';
import type { LoopbackClient } from '../support/oauth-client.ts';
import { loopbackClient } from '../support/oauth-client.ts';
import { rowsOf, useStack } from '../support/stack.ts';
import { pickAccount, SHOTS, useVisitors } from '../support/visitors.ts';

const running = useStack();
const { visitor } = useVisitors();
const clients: LoopbackClient[] = [];
let client: LoopbackClient;

beforeEach(async () => {
  client = await loopbackClient(running().url, 'Remembered');
  clients.push(client);
});

afterAll(async () => {
  for (const { stop } of clients) await stop();
});

const WRITE = 'tools:execute:issues:write';
const isConsent = async (page: Page) => (await page.title()).startsWith('Allow access?');
const box = (page: Page, name: string, value: string) => page.locator(`input[name="${name}"][value="${value}"]`);

/** What a person decides when the page comes up. */
interface Decision {
  readonly remember?: boolean;
  readonly alsoTick?: string;
  readonly repositories?: string;
  readonly login?: string;
}

async function decide(page: Page, { remember, alsoTick, repositories }: Decision): Promise<void> {
  if (remember === true) await box(page, 'remember', 'yes').check();
  if (alsoTick !== undefined) {
    await page.locator(`details:has(input[value="${alsoTick}"]) summary`).click();
    await box(page, 'scope', alsoTick).check();
  }
  if (repositories !== undefined) await page.locator('[name="repositories"]').fill(repositories);
  await page.getByRole('button', { name: 'Allow and sign in' }).click();
}

/** Connects the client. Out: how often the person was asked, and what was granted. */
async function connect(
  page: Page,
  scopes: readonly string[],
  decision: Decision = {},
  more: Record<string, string> = {},
) {
  const { authorizationUrl, arrival, redeem } = await client.start(scopes);
  for (const [name, value] of Object.entries(more)) authorizationUrl.searchParams.set(name, value);
  let asked = 0;
  await page.goto(authorizationUrl.href);
  for (let pages = 0; pages < 4; pages++) {
    if (await isConsent(page)) {
      asked += 1;
      await decide(page, decision);
    } else if (page.url().startsWith(running().github.url)) {
      await pickAccount(page, decision.login ?? 'octocat');
    } else break;
    await page.waitForLoadState();
  }
  const tokens = await redeem(await arrival);
  return { asked, scopes: tokens.scope?.split(' ').sort() };
}

describe('a remembered approval', () => {
  it('is not made unless ticked, and then saves the page until more is asked', async () => {
    const { page, complaints } = await visitor();
    expect((await connect(page, BASELINE)).asked).toBe(1);
    await page.goto((await client.start(BASELINE)).authorizationUrl.href);
    expect(await box(page, 'remember', 'yes').isChecked()).toBe(false);
    await page.screenshot({ path: `${SHOTS}/consent-remember.png`, fullPage: true });

    expect((await connect(page, BASELINE, { remember: true })).asked).toBe(1);
    expect(await connect(page, BASELINE)).toEqual({ asked: 0, scopes: [...BASELINE].sort() });
    expect((await connect(page, ['tools:list'])).asked).toBe(0);
    const rows = await rowsOf(running(), 4, "method = 'auth/consent'");
    expect(rows.map((row) => JSON.parse(row.arguments ?? '').remembered)).toEqual([undefined, undefined, true, true]);

    expect((await connect(page, [...BASELINE, WRITE])).asked).toBe(1);
    expect((await connect(page, BASELINE, {}, { prompt: 'consent' })).asked).toBe(1);
    expect(complaints).toEqual([]);
  });

  it('gives what was ticked, also where the client asks for less and cannot ask again', async () => {
    const { page } = await visitor();
    const extra = 'resources:read';
    await connect(page, ['tools:list'], { remember: true, alsoTick: extra });
    expect(await connect(page, ['tools:list'])).toEqual({ asked: 0, scopes: [extra, 'tools:list'] });
  });

  it('is of this browser and this client', async () => {
    const { page } = await visitor();
    await connect(page, BASELINE, { remember: true });
    expect((await connect((await visitor()).page, BASELINE)).asked).toBe(1);
    client = await loopbackClient(running().url, 'Remembered');
    clients.push(client);
    expect((await connect(page, BASELINE)).asked).toBe(1);
  });

  it('does not let a program on this computer change things unseen', async () => {
    const { page } = await visitor();
    const more = [...BASELINE, WRITE];
    expect((await connect(page, more, { remember: true })).asked).toBe(1);
    expect((await connect(page, more)).asked).toBe(1);
    expect((await connect(page, BASELINE)).asked).toBe(1);
  });

  it('is no good to another person in the same browser', async () => {
    const { page } = await visitor();
    await connect(page, BASELINE, { remember: true });
    expect((await connect(page, BASELINE, { login: 'hubot' })).asked).toBe(1);
    expect((await connect(page, BASELINE)).asked).toBe(0);
  });

  it('ends when the person takes access back', async () => {
    const { page } = await visitor();
    await connect(page, BASELINE, { remember: true });
    await page.goto(`${running().url}/account/sign-in`);
    await pickAccount(page, 'octocat');
    await page.getByText('Take back all access').click();
    await page.getByRole('button', { name: /^Revoke all/ }).click();
    expect((await connect(page, BASELINE)).asked).toBe(1);
  });

  it('does not lift a limit to repositories, nor is one with a limit remembered', async () => {
    const { page } = await visitor();
    const limited = { remember: true, repositories: 'acme/web' };
    expect((await connect(page, BASELINE, limited)).asked).toBe(1);
    expect((await connect(page, BASELINE, { remember: true })).asked).toBe(1);
    expect((await connect(page, BASELINE)).asked).toBe(0);
    await connect(page, BASELINE, limited, { prompt: 'consent' });
    expect((await connect(page, BASELINE)).asked).toBe(1);
  });

  it('cannot be made up', async () => {
    const { page } = await visitor();
    await connect(page, BASELINE, { remember: true });
    const context = page.context();
    const kept = (await context.cookies(running().url)).find(({ name }) => name.endsWith('approvals'));
    expect(kept).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax' });
    const [approvals = '', signature = ''] = kept?.value.split('.') ?? [];
    const wider = JSON.parse(Buffer.from(approvals, 'base64url').toString()) as { s: string[] }[];
    for (const entry of wider) entry.s.push(WRITE);
    const forged = Buffer.from(JSON.stringify(wider)).toString('base64url');
    await context.addCookies([{ ...kept, name: kept?.name ?? '', value: `${forged}.${signature}` }]);
    expect((await connect(page, BASELINE)).asked).toBe(1);
  });
});
