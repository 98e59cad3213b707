/** The person is asked before what cannot be taken back, in both eras, by clients that can ask and by those that cannot. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Reply } from '../../src/cli/clients.ts';
import { Person } from '../../src/cli/clients.ts';
import type { ScopeBox } from '../../src/cli/sign-in.ts';
import { ERAS } from '../support/eras.ts';
import { modernHeaders, post, tokenOf } from '../support/rpc.ts';
import { rowsOf, useStack } from '../support/stack.ts';
import { pickAccount, useVisitors } from '../support/visitors.ts';

const stack = useStack({ CONFIRM_OFF: 'label_write', LIMIT_CLIENT: '10000/1', LIMIT_USER: '10000/1' });
const { visitor } = useVisitors();

const web = { owner: 'acme', repo: 'web' };
const everything = (boxes: readonly ScopeBox[]) => boxes.map(({ scope }) => scope);
const github = () => stack().github.as('octocat');
const textOf = (result: { content?: unknown }) => (result.content as { text: string }[])[0]?.text ?? '';

/** What GitHub itself has at a path of a branch: its status. */
async function statusAt(path: string, branch: string): Promise<number> {
  return (await github()('GET', `/repos/acme/web/contents/${path}?ref=${branch}`)).status;
}

describe.each(ERAS)('in the $era era', ({ era, connect, call }) => {
  const person = new Person({ clientName: `Confirm ${era}`, choose: everything });
  const feature = `feature-${era}`;

  beforeAll(async () => {
    const { close } = await connect(stack().mcpUrl, { person });
    await close();
    const { body } = (await github()('GET', '/repos/acme/web/git/ref/heads/main')) as {
      body: { object: { sha: string } };
    };
    const { sha } = body.object;
    const { status } = await github()('POST', '/repos/acme/web/git/refs', { ref: `refs/heads/${feature}`, sha });
    expect(status).toBe(201);
  });

  /** Calls once with a client whose person answers so; one that cannot ask where there is no reply. */
  async function calling(reply: Reply | undefined, name: string, args: Record<string, unknown>) {
    const questions: string[] = [];
    const answer = (question: string) => {
      questions.push(question);
      return reply ?? 'no';
    };
    const { client, close } = await connect(stack().mcpUrl, { person, ...(reply !== undefined && { answer }) });
    const result = await call(client, name, args);
    await close();
    return { result, text: textOf(result), failed: result.isError === true, questions };
  }

  const rows = (count: number, tool: string, like: string) =>
    rowsOf(stack(), count, 'client_id = ? AND tool_name = ? AND arguments LIKE ?', person.clientId, tool, `%${like}%`);
  const write = (path: string, branch: string) => ({ ...web, branch, path, content: 'x\n', message: 'm' });

  it('writes to the default branch after a yes, with rows of one call', async () => {
    const path = `yes-${era}.md`;
    const { failed, questions, text } = await calling('yes', 'create_or_update_file', write(path, 'main'));
    expect(failed, text).toBe(false);
    expect(questions).toEqual([`Write ${path} on main, the default branch of acme/web?`]);
    expect(await statusAt(path, 'main')).toBe(200);
    const found = await rows(era === 'modern' ? 2 : 1, 'create_or_update_file', path);
    const expected = era === 'modern' ? ['input_required', 'success'] : ['success'];
    expect(found.map((row) => row.result_status)).toEqual(expected);
    expect(new Set(found.map((row) => row.call_id))).toEqual(new Set([found[0]?.id]));
  });

  it.each(['no', 'cancel', 'unticked'] as const)('writes nothing after %s, and says who declined', async (reply) => {
    const path = `${reply}-${era}.md`;
    const files = [{ path, content: 'x' }];
    const { text } = await calling(reply, 'push_files', { ...web, branch: 'main', files, message: 'm' });
    expect(text).toContain('Error declined: The person declined push_files');
    expect(await statusAt(path, 'main')).toBe(404);
    const found = await rows(era === 'modern' ? 2 : 1, 'push_files', path);
    expect(found.at(-1)).toMatchObject({ result_status: 'denied', error_code: 'declined', call_id: found[0]?.id });
  });

  it('asks nothing for another branch, nor for what the policy switched off', async () => {
    const path = `feature-${era}.md`;
    const { failed, questions, text } = await calling('no', 'create_or_update_file', write(path, feature));
    expect([failed, questions], text).toEqual([false, []]);
    expect(await statusAt(path, feature)).toBe(200);
    const deleted = await calling('no', 'delete_file', { ...web, branch: feature, path, message: 'm' });
    expect([deleted.failed, deleted.questions], deleted.text).toEqual([false, []]);
    expect(await statusAt(path, feature)).toBe(404);
    const label = { ...web, name: `confirm-${era}` };
    await calling('no', 'label_write', { ...label, method: 'create', color: 'ff8800' });
    const off = await calling('no', 'label_write', { ...label, method: 'delete' });
    expect([off.failed, off.questions], off.text).toEqual([false, []]);
  });

  it('merges after a yes only, through call_write_tool too', async () => {
    await calling('no', 'create_or_update_file', write(`merge-${era}.md`, feature));
    const made = await github()('POST', '/repos/acme/web/pulls', { title: era, head: feature, base: 'main' });
    const { number, head } = made.body as { number: number; head: { sha: string } };
    const wrapped = { name: 'merge_pull_request', arguments: { ...web, pullNumber: number } };
    const no = await calling('no', 'call_write_tool', wrapped);
    expect(no.questions).toEqual([
      `Merge pull request ${number} of acme/web at commit ${head.sha.slice(0, 12)} into main (merge)?`,
    ]);
    expect(no.text).toContain('Error declined');
    const merged = async () =>
      ((await github()('GET', `/repos/acme/web/pulls/${number}`)).body as { merged: boolean }).merged;
    expect(await merged()).toBe(false);
    const yes = await calling('yes', 'call_write_tool', wrapped);
    expect(yes.failed, yes.text).toBe(false);
    expect(await merged()).toBe(true);
  });

  it('sends the person of a client that cannot ask to a page, and the same call goes through once', async () => {
    const path = `page-${era}.md`;
    const args = { ...web, branch: 'main', files: [{ path, content: 'x' }], message: '<b>m</b>' };
    const first = await calling(undefined, 'push_files', args);
    expect(first.text).toContain('Error confirmation_required');
    const link = /http\S+\/confirm\/[0-9A-Z]{26}/.exec(first.text)?.[0] ?? '';
    expect((await calling(undefined, 'push_files', args)).text).toContain(link);
    expect(await statusAt(path, 'main')).toBe(404);

    const { page, complaints } = await visitor();
    await page.goto(link);
    expect(await page.textContent('main')).not.toContain(path);
    await page.getByRole('link', { name: /Sign in at/ }).click();
    await page.waitForURL(`${stack().github.url}/**`);
    await pickAccount(page, 'octocat');
    await page.waitForURL(link);
    const shown = (await page.textContent('main')) ?? '';
    for (const text of [`Write ${path} on main`, `Confirm ${era}`, 'push_files', '"owner":"acme"']) {
      expect(shown).toContain(text);
    }
    await page.getByRole('button', { name: 'Confirm' }).click();
    expect(await page.textContent('h1')).toBe('Confirmed');
    expect((await page.goto(link))?.status()).toBe(404);
    expect(complaints.filter((line) => !line.includes('404'))).toEqual([]);

    const other = await calling(undefined, 'push_files', { ...args, message: 'another' });
    expect(other.text).toContain('Error confirmation_required');
    expect(other.text).not.toContain(link);
    const through = await calling(undefined, 'push_files', args);
    expect(through.failed, through.text).toBe(false);
    expect(await statusAt(path, 'main')).toBe(200);
    expect((await calling(undefined, 'push_files', args)).text).toContain('Error confirmation_required');

    const found = await rows(5, 'push_files', path);
    const [asked] = found;
    expect(found.map((row) => row.result_status)).toEqual([
      ...['input_required', 'input_required', 'input_required', 'success', 'input_required'],
    ]);
    expect(found.map((row) => row.call_id === asked?.id)).toEqual([true, true, false, true, false]);
    const [answer] = await rowsOf(stack(), 1, "method = 'auth/confirm' AND call_id = ?", asked?.id);
    expect(answer).toMatchObject({ user_login: 'octocat', result_status: 'success' });
  });

  it('takes a no on the page, and nobody else’s answer', async () => {
    const path = `declined-${era}.md`;
    const first = await calling(undefined, 'create_or_update_file', write(path, 'main'));
    const link = /http\S+\/confirm\/[0-9A-Z]{26}/.exec(first.text)?.[0] ?? '';
    const signedIn = async (login: string) => {
      const { page } = await visitor();
      await page.goto(link);
      await page.getByRole('link', { name: /Sign in at/ }).click();
      await pickAccount(page, login);
      await page.waitForURL(link);
      return page;
    };
    const stranger = await signedIn('hubot');
    expect(await stranger.textContent('h1')).toBe('There is nothing to confirm');
    const page = await signedIn('octocat');
    const headers = { origin: stack().url };
    const forged = await page.request.post(link, { form: { form_token: 'x', answer: 'yes' }, headers });
    expect(forged.status()).toBe(403);
    await stranger.goto(`${stack().url}/account`);
    const form_token = await stranger.locator('input[name="form_token"]').first().inputValue();
    const theirs = await stranger.request.post(link, { form: { form_token, answer: 'yes' }, headers });
    expect(theirs.status()).toBe(404);
    await page.getByRole('button', { name: 'Decline' }).click();
    expect(await page.textContent('h1')).toBe('Declined');
    const again = await calling(undefined, 'create_or_update_file', write(path, 'main'));
    expect(again.text).toContain('Error declined');
    expect(await statusAt(path, 'main')).toBe(404);
  });
});

describe('the state of a question', () => {
  it('is good once, for its own arguments, and not without the answer', async () => {
    const { token, person } = await tokenOf(stack(), { clientName: 'Raw', choose: everything });
    const send = async (args: object, more: object = {}) => {
      const _meta = {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
        'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
      };
      const params = { name: 'create_or_update_file', arguments: args, ...more, _meta };
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
      const headers = modernHeaders(token, 'tools/call', 'create_or_update_file');
      return (await post(stack(), body, { headers })).json.result;
    };
    const args = { ...web, branch: 'main', path: 'raw.md', content: 'x\n', message: 'm' };
    const inputResponses = { confirm: { action: 'accept', content: { confirm: true } } };
    const { requestState, resultType } = await send(args);
    expect(resultType).toBe('input_required');
    // An answer without the state is none; a state without the answer asks again.
    expect((await send(args, { inputResponses })).resultType).toBe('input_required');
    expect((await send(args, { requestState })).requestState).toBe(requestState);
    const refused = [
      await send({ ...args, path: 'other.md' }, { requestState, inputResponses }),
      await send(args, { requestState: `${requestState.slice(0, -6)}AAAAAA`, inputResponses }),
    ];
    for (const result of refused) expect(textOf(result)).toContain('Error confirmation_invalid');
    expect(await statusAt('raw.md', 'main')).toBe(404);
    const twice = await Promise.all([1, 2, 3].map(() => send(args, { requestState, inputResponses })));
    expect(twice.filter((result) => result.isError !== true)).toHaveLength(1);
    expect(twice.filter((result) => textOf(result).includes('was used before'))).toHaveLength(2);
    expect(await statusAt('raw.md', 'main')).toBe(200);
    // Of the two that came too late, the second may wait for its row until the minute is over.
    const found = () =>
      stack().query<{ id: string; call_id: string }>(
        "SELECT id, call_id FROM mcp_audit_log WHERE client_id = ? AND method = 'tools/call' ORDER BY timestamp, id",
        person.clientId,
      );
    await expect.poll(async () => (await found()).length, { timeout: 5000 }).toBeGreaterThanOrEqual(7);
    const rows = await found();
    expect(rows.filter((row) => row.call_id === rows[0]?.id).length).toBeGreaterThanOrEqual(4);
  });
});
