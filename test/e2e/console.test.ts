/**
 * The console with a real browser: an administrator finds, reads and takes away the rows of their tenant; nobody else
 * sees any. Screenshots are kept in `.gatehouse/screenshots`.
 */
import { mkdir } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { COLUMNS } from '../../src/audit/row.ts';
import type { Stack } from '../../src/cli/stack.ts';
import { chained, recordAt, writeLog } from '../support/log-rows.ts';
import { callTool, tokenOf } from '../support/rpc.ts';
import { rowsOf, useStack } from '../support/stack.ts';
import { overflow, PHONE, pickAccount, SHOTS, useVisitors } from '../support/visitors.ts';

const running = useStack({ ADMINS: 'octocat' });
const { visitor } = useVisitors();
let stack: Stack;

const HOSTILE = `</td><script>alert(1)</script>"onmouseover=\u202Eevil\u200b`;
const MANY = 5300;
const hour = 3_600_000;

beforeAll(async () => {
  await mkdir(SHOTS, { recursive: true });
  stack = running();
  const now = Date.now();
  const rows = Array.from({ length: MANY }, (_, i) => {
    const at = now - 20 * hour + i * 10_000;
    const tool_name = ['issue_read', 'search_issues', 'get_file_contents', 'issue_write'][i % 4] as string;
    return recordAt(at, {
      user_id: `gh_90${i % 5}`,
      user_login: ['ada', 'grace', 'linus', 'barbara', 'edsger'][i % 5] as string,
      tool_name,
      duration_ms: 20 + (i % 97) * (tool_name === 'search_issues' ? 30 : 4),
      ...(i % 23 === 0 && {
        result_status: 'denied' as const,
        error_code: 'rate_limited',
        error_message: 'The limit is reached.',
        repeat_count: 4,
        duration_ms: 0,
      }),
      ...(i % 41 === 0 && {
        result_status: 'error' as const,
        error_code: 'upstream_not_found',
        error_message: 'GitHub says 404.',
      }),
    });
  });
  const hostile = recordAt(now - 60_000, {
    user_login: HOSTILE,
    user_id: 'gh_666',
    client_name: '=HYPERLINK("http://evil.example","x")',
    tool_name: HOSTILE,
    session_id: 'f'.repeat(64),
    arguments: JSON.stringify({ note: `${HOSTILE}\n-line`, list: [1, { deep: '<b>' }] }),
    result_status: 'error',
    error_code: HOSTILE,
    error_message: HOSTILE,
  });
  await writeLog(stack.query, chained([...rows, hostile], 'seed-0'));
  await writeLog(
    stack.query,
    chained([recordAt(now - 1000, { tenant_id: 'rival', user_login: 'rival-user', user_id: 'gh_7777' })], 'rival-0'),
  );
});

async function signIn(page: Page, login: string): Promise<void> {
  await page.goto(`${stack.url}/console`);
  await page.getByRole('link', { name: /Sign in at/ }).click();
  await page.waitForURL(`${stack.github.url}/**`);
  await pickAccount(page, login);
  await page.waitForURL(`${stack.url}/**`);
}

const cells = (page: Page, label: string) => page.locator(`tbody td[data-label="${label}"]`).allTextContents();
const reads = async (view: string) =>
  await stack.query<{ user_login: string; arguments: string; client_id: string; result_status: string }>(
    "SELECT * FROM mcp_audit_log WHERE method = 'audit/read' AND arguments ->> 'view' = ? ORDER BY timestamp",
    view,
  );

const rowsAsked = async (requestIds: readonly string[]) =>
  await stack.query(
    'SELECT * FROM mcp_audit_log WHERE request_id IN (SELECT value FROM json_each(?))',
    JSON.stringify(requestIds),
  );

describe('an administrator', () => {
  it('comes from the sign-in to the newest rows, pages to older ones and back', async () => {
    const { page, complaints } = await visitor();
    await signIn(page, 'octocat');
    expect(page.url()).toBe(`${stack.url}/console`);
    expect((await cells(page, 'Time')).length).toBe(50);
    expect(await page.textContent('body')).not.toContain('rival');
    const first = await cells(page, 'Time');
    await page.getByRole('link', { name: 'Older →' }).first().click();
    const second = await cells(page, 'Time');
    await page.getByRole('link', { name: 'Older →' }).first().click();
    const third = await cells(page, 'Time');
    expect([...first, ...second, ...third]).toEqual([...first, ...second, ...third].sort().reverse());
    expect(new Set([...first, ...second, ...third]).size).toBe(150);
    await page.getByRole('link', { name: '← Newer' }).first().click();
    expect(await cells(page, 'Time')).toEqual(second);
    // The visits themselves came meanwhile: what was first is on the way, and newest is the first page whole.
    await page.getByRole('link', { name: '← Newer' }).first().click();
    expect(await cells(page, 'Time')).toHaveLength(50);
    await page.getByRole('link', { name: 'Newest' }).first().click();
    expect(page.url()).toBe(`${stack.url}/console`);
    expect(complaints).toEqual([]);
  });

  it('filters by every field of the form, and by the values of a row', async () => {
    const { page, complaints } = await visitor();
    await signIn(page, 'octocat');
    await page.getByLabel('User').fill('GRACE');
    await page.getByRole('textbox', { name: 'Tool' }).fill('issue_read');
    await page.getByLabel('Status').selectOption('success');
    await page.getByLabel('Method').selectOption('tools/call');
    await page.getByLabel('Client', { exact: true }).fill('Claude Code');
    await page.getByRole('button', { name: 'Filter' }).click();
    expect(new Set(await cells(page, 'User'))).toEqual(new Set(['grace']));
    expect(new Set(await cells(page, 'Call'))).toEqual(new Set(['issue_read']));
    expect(await page.getByLabel('User').inputValue()).toBe('GRACE');
    await page.screenshot({ path: `${SHOTS}/console-filter.png` });

    await page.goto(`${stack.url}/console`);
    await page.getByLabel('Error code').fill('rate_limited');
    const from = new Date(Date.now() - 10 * hour).toISOString().slice(0, 16);
    const to = new Date(Date.now() - 8 * hour).toISOString().slice(0, 16);
    await page.getByLabel('From (UTC)').fill(from);
    await page.getByLabel('Before (UTC)').fill(to);
    await page.getByRole('button', { name: 'Filter' }).click();
    const times = await cells(page, 'Time');
    expect(times.length).toBeGreaterThan(20);
    for (const time of times) {
      expect(time >= from.replace('T', ' ')).toBe(true);
      expect(time < to.replace('T', ' ')).toBe(true);
    }
    for (const outcome of await cells(page, 'Outcome')) expect(outcome).toMatch(/^denied × 4 rate_limited$/);
    expect(await page.getByLabel('From (UTC)').inputValue()).toBe(from);
    await page.locator('td[data-label="User"] a').first().click();
    expect(new Set(await cells(page, 'User')).size).toBe(1);
    await page.getByRole('link', { name: 'Clear' }).click();
    expect(page.url()).toBe(`${stack.url}/console`);
    expect(complaints.filter((line) => !line.includes('400'))).toEqual([]);
  });

  it('is told which field is wrong, and no row is read', async () => {
    const { page } = await visitor();
    await signIn(page, 'octocat');
    // Rows of the tests before are still on their way: only those of this page's refusals count.
    const asked: string[] = [];
    for (const [query, said] of [
      ['status=fine', 'status must be one of'],
      ['from=yesterday', 'from must be a day or a moment in UTC'],
      ['from=2026-02-31', 'from must be'],
      ['from=2026-11-02&to=2026-11-01', 'from must be before to'],
      ['older=x', 'older must come from a link'],
      [`user=${'x'.repeat(301)}`, 'at most 300 characters'],
    ] as const) {
      const answer = await page.goto(`${stack.url}/console?${query}`);
      expect(answer?.status(), query).toBe(400);
      asked.push(answer?.headers()['x-request-id'] ?? '');
      expect(await page.getByRole('alert').textContent()).toContain(said);
    }
    const answer = await page.goto(`${stack.url}/console/export?format=xml`);
    expect(answer?.status()).toBe(400);
    expect(await page.getByRole('alert').textContent()).toContain('format must be one of csv, ndjson');
    asked.push(answer?.headers()['x-request-id'] ?? '');
    // A view after them, whose row comes last: by then theirs would be there.
    const last = (await page.goto(`${stack.url}/console`))?.headers()['x-request-id'] ?? '';
    await vi.waitFor(async () => expect(await rowsAsked([last])).toHaveLength(1), { timeout: 10_000 });
    expect(asked).toHaveLength(7);
    expect(await rowsAsked(asked)).toEqual([]);
  });

  it('reads one row whole, with what an attacker wrote in plain sight, and goes on to the same call and session', async () => {
    const { page, complaints } = await visitor();
    await signIn(page, 'octocat');
    await page.getByLabel('User').fill('gh_666');
    await page.getByRole('button', { name: 'Filter' }).click();
    expect(await page.locator('script, img').count()).toBe(0);
    expect(await page.textContent('main')).toContain('⟨U+202E⟩evil⟨U+200B⟩');
    await page.locator('td.time a').first().click();
    for (const column of COLUMNS)
      expect(await page.locator('dt', { hasText: new RegExp(`^${column}$`) }).count()).toBe(1);
    expect(await page.locator('pre').textContent()).toContain('"deep": "<b>"');
    expect(await page.locator('script, b').count()).toBe(0);
    await page.screenshot({ path: `${SHOTS}/console-row.png`, fullPage: true });
    for (const name of ['Same call', 'Same request', 'Same session', 'Rows of this user']) {
      await page.getByRole('link', { name }).click();
      expect(await cells(page, 'User')).toHaveLength(1);
      await page.goBack();
    }
    await page.getByRole('link', { name: 'What came before' }).click();
    expect(await cells(page, 'User')).toHaveLength(50);
    expect(complaints).toEqual([]);
    expect((await page.goto(`${stack.url}/console/rows/01HOSTILE`))?.status()).toBe(404);
    const [rival] = await rowsOf(stack, 1, "tenant_id = 'rival'");
    expect((await page.goto(`${stack.url}/console/rows/${rival?.id}`))?.status()).toBe(404);
    expect((await page.goto(`${stack.url}/console/elsewhere`))?.status()).toBe(404);
  });

  it('takes all that match away as CSV and NDJSON, whole and without formulas', async () => {
    const { page } = await visitor();
    await signIn(page, 'octocat');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'CSV' }).first().click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^gatehouse-default-\d{4}-\d\d-\d\dT\d{6}Z\.csv$/);
    const file = async (query: string) => await page.request.get(`${stack.url}/console/export?${query}`);

    const ndjson = await file('format=ndjson&client=client-a');
    expect(ndjson.headers()['content-type']).toContain('application/x-ndjson');
    const rows = (await ndjson.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows).toHaveLength(MANY + 1);
    const stored = await stack.query(
      "SELECT * FROM mcp_audit_log WHERE tenant_id = 'default' AND client_id = 'client-a' ORDER BY timestamp DESC, id DESC",
    );
    expect(rows).toEqual(stored);

    const csv = await (await file('format=csv&user=gh_666')).text();
    const [head, ...lines] = csv.trimEnd().split('\r\n');
    expect(head).toBe(COLUMNS.join(','));
    expect(csv).toContain(`"'=HYPERLINK(""http://evil.example"",""x"")"`);
    expect(lines.join('\n')).not.toMatch(/(^|,)"?[=+@]/m);
    expect((await file('format=csv')).headers()['content-disposition']).toContain('attachment');
    await expect.poll(async () => (await reads('export')).length, { timeout: 5000 }).toBe(4);
    const [first] = await reads('export');
    expect(first).toMatchObject({ user_login: 'octocat', client_id: 'gatehouse:console', result_status: 'success' });
    expect(JSON.parse((await reads('export'))[1]?.arguments ?? '')).toEqual({
      view: 'export',
      format: 'ndjson',
      client: 'client-a',
    });
  });

  it('sees calls over time, how long tools take, what was refused and how the chains stand', async () => {
    const { token } = await tokenOf(stack);
    await callTool(stack, token, 'get_me', {});
    await rowsOf(stack, 1, "tool_name = 'get_me'");
    const { page, complaints } = await visitor();
    await signIn(page, 'octocat');
    await page.getByRole('link', { name: 'Overview' }).click();
    const [truth] = await stack.query<{ good: number; bad: number; stop: number }>(
      `SELECT total((result_status IN ('success', 'cancelled', 'input_required')) * repeat_count) AS good,
       total((result_status IN ('error', 'unknown')) * repeat_count) AS bad, total((result_status = 'denied') * repeat_count) AS stop
       FROM mcp_audit_log WHERE tenant_id = 'default' AND method = 'tools/call'`,
    );
    const chart = await page.locator('svg.chart').getAttribute('aria-label');
    expect(chart).toContain(
      `${truth?.good} went well, wait or were cancelled, ${truth?.bad} failed, ${truth?.stop} were refused`,
    );
    expect(await page.locator('svg.chart rect').count()).toBeGreaterThan(30);
    const tools = await cells(page, 'Tool');
    expect(tools).toEqual(expect.arrayContaining(['issue_read', 'search_issues', 'get_me']));
    const median = (await cells(page, 'p50'))[tools.indexOf('search_issues')] ?? '';
    expect(median).toMatch(/^1\.\d s$/);
    expect(await cells(page, 'Why')).toContain('rate_limited');
    expect(await cells(page, 'Chain')).toEqual(['default-0', 'default-1']);
    expect(await cells(page, 'State')).toEqual(['no damage found', 'no damage found']);
    await page.screenshot({ path: `${SHOTS}/console-overview.png`, fullPage: true });
    // The README's picture: copy it to docs/images/console.png.
    await page.setViewportSize({ width: 1000, height: 780 });
    await page.screenshot({ path: `${SHOTS}/console-readme.png` });
    await page.setViewportSize({ width: 1280, height: 720 });
    for (const span of ['7 days', '30 days', '365 days']) {
      await page.getByRole('link', { name: span }).click();
      expect(await page.locator('svg.chart').getAttribute('aria-label')).toBe(
        chart?.replace(
          /at most \d+/,
          `at most ${/at most (\d+)/.exec((await page.locator('svg.chart').getAttribute('aria-label')) ?? '')?.[1]}`,
        ),
      );
    }
    expect(complaints).toEqual([]);
  });

  it('reads all of it on a phone and in the dark', async () => {
    for (const [name, options] of [
      ['phone', { ...PHONE, viewport: { width: 390, height: 844 } }],
      ['dark', { colorScheme: 'dark' as const }],
      ['desktop', {}],
    ] as const) {
      const { page, complaints } = await visitor(options);
      await signIn(page, 'octocat');
      await page.goto(`${stack.url}/console?client=client-a`);
      expect(await overflow(page), name).toBe(0);
      await page.screenshot({ path: `${SHOTS}/console-${name}.png` });
      await page.locator('td.time a').first().click();
      expect(await overflow(page), name).toBe(0);
      await page.screenshot({ path: `${SHOTS}/console-row-${name}.png`, fullPage: true });
      await page.goto(`${stack.url}/console/overview`);
      expect(await overflow(page), name).toBe(0);
      await page.screenshot({ path: `${SHOTS}/console-overview-${name}.png`, fullPage: true });
      expect(complaints).toEqual([]);
    }
  });
});

describe('somebody else', () => {
  it('is asked to sign in, and shown nothing', async () => {
    const answers = await Promise.all(
      ['', '/overview', '/export?format=csv', '/rows/01J0000000000000000000000A', '/nothing'].map((path) =>
        fetch(`${stack.url}/console${path}`),
      ),
    );
    for (const answer of answers) {
      const text = await answer.text();
      expect(text).toContain('Sign in at');
      expect(text).not.toMatch(/issue_read|octocat/);
    }
  });

  it('who is signed in but no administrator is told that alone, and it is a row', async () => {
    const { page } = await visitor();
    await signIn(page, 'hubot');
    for (const path of ['', '/overview', '/export?format=ndjson', '/rows/01J0000000000000000000000A', '/nothing']) {
      const answer = await page.goto(`${stack.url}/console${path}`);
      expect(answer?.status()).toBe(403);
      expect(await page.textContent('main')).toContain('hubot is not an administrator.');
      expect(await page.textContent('body')).not.toMatch(/issue_read|octocat/);
    }
    // Those that follow within a minute join a row that is sent when that is over: a row that came later is there already.
    const denied = "method = 'audit/read' AND result_status = 'denied' AND user_login = 'hubot'";
    await rowsOf(stack, 1, denied);
    const again = await visitor();
    await signIn(again.page, 'hubot');
    const signIns = await rowsOf(stack, 2, "method = 'auth/sign_in' AND user_login = 'hubot'");
    expect(signIns.map((row) => [row.client_id, row.client_name])).toEqual(
      Array(2).fill(['gatehouse:console', 'Console']),
    );
    await rowsOf(stack, 1, denied);
  });

  it('gets nothing by another method', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      expect((await fetch(`${stack.url}/console`, { method, headers: { origin: stack.url } })).status).toBe(404);
    }
  });
});
