/** A grant that its person limited to one repository, from the consent page to GitHub's door, in both eras. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { submission } from '../../src/cli/browser/forms.ts';
import { Browser, type Page } from '../../src/cli/browser/index.ts';
import { Person } from '../../src/cli/clients.ts';
import { type ScopeBox, SignInError, signIn } from '../../src/cli/sign-in.ts';
import { ERAS } from '../support/eras.ts';
import { loopbackClient } from '../support/oauth-client.ts';
import { rowsOf, useStack } from '../support/stack.ts';

const stack = useStack({
  LIMIT_CLIENT: '10000/1',
  LIMIT_USER: '10000/1',
  LIMIT_WRITE: '10000/1',
  LIMIT_SEARCH: '10000/1',
});

const everything = (boxes: readonly ScopeBox[]) => boxes.map(({ scope }) => scope);
const web = { owner: 'acme', repo: 'web' };
const secrets = { owner: 'acme', repo: 'secrets' };
const notes = { owner: 'octocat', repo: 'private-notes' };
const LIMITED = 'This connection is limited to acme/web.';

describe.each(ERAS)('a client of the $era era', ({ era, connect, call }) => {
  const person = new Person({ clientName: `Limited ${era}`, choose: everything, repositories: ' ACME/web ' });
  let connected: Awaited<ReturnType<typeof connect>>;
  beforeAll(async () => {
    connected = await connect(stack().mcpUrl, { person });
    stack().github.reset();
  });
  afterAll(async () => await connected.close());

  /** What reached GitHub, and whether all of it was within. */
  const asked = () =>
    stack().github.requests.map(({ method, path }) => `${method} ${decodeURIComponent(path.replaceAll('+', ' '))}`);
  const WITHIN = /^(?:[A-Z]+ \/repos\/acme\/web(?:[/?]|$)|GET \/user$|GET \/search\/issues\?q=repo:acme\/web )/i;

  async function refused(work: Promise<unknown>): Promise<void> {
    const before = asked().length;
    const result = await work.catch((error: unknown) => String(error));
    expect(JSON.stringify(result)).toContain(LIMITED);
    expect(asked().slice(before)).toEqual([]);
  }

  it('was granted what the person entered, and says so in its rows and to whom it is granted', async () => {
    const [row] = await rowsOf(stack(), 1, "client_id = ? AND method = 'auth/consent'", person.clientId);
    expect(JSON.parse(row?.arguments ?? '')).toMatchObject({ repositories: ['acme/web'] });
    const { contents } = await connected.client.readResource({ uri: 'github://me' });
    const [me] = contents as { text: string }[];
    expect(JSON.parse(me?.text ?? '')).toMatchObject({ connection: { repositories: ['acme/web'] } });
  });

  it('reads and writes inside', async () => {
    const { client } = connected;
    const file = await call(client, 'get_file_contents', { ...web, path: 'src/price.ts' });
    expect(JSON.stringify(file.structuredContent)).toContain('Math.floor');
    const found = await call(client, 'search_issues', { query: 'cart' });
    expect(found.structuredContent).toMatchObject({ issues: [{ repository: 'acme/web' }, { repository: 'acme/web' }] });
    const either = await call(client, 'search_issues', { query: 'cart label:bug', ...web });
    expect(either.isError).not.toBe(true);
    const made = await call(client, 'issue_write', { method: 'create', ...web, title: `Limited, ${era}` });
    expect(made.structuredContent).toMatchObject({ title: `Limited, ${era}` });
    const uri = 'github://acme/web/HEAD/contents/README.md';
    expect(JSON.stringify(await client.readResource({ uri }))).toContain('Acme web shop');
    const prompt = await client.getPrompt({ name: 'code_review', arguments: { ...web, pullNumber: '7' } });
    expect(prompt.messages.length).toBeGreaterThan(1);
    expect((await call(client, 'get_me', {})).structuredContent).toMatchObject({ login: 'octocat' });
  });

  it.each<[string, Record<string, unknown>]>([
    ['get_file_contents', { ...secrets, path: 'README.md' }],
    ['get_file_contents', { ...notes, path: 'README.md' }],
    ['issue_read', { method: 'get', ...notes, issue_number: 1 }],
    ['issue_write', { method: 'create', ...secrets, title: 'x' }],
    ['search_issues', { query: 'deploy repo:acme/secrets' }],
    ['search_issues', { query: 'deploy', owner: 'octocat' }],
    ['search_issues', { query: 'a OR user:octocat' }],
  ])('is refused outside: %s %j', async (name, args) => {
    await refused(call(connected.client, name, args));
  });

  it.each([
    ['github://acme/secrets/HEAD/contents/README.md'],
    ['github://octocat/private-notes/HEAD/contents/README.md'],
    ['github://octocat/private-notes/issues/1'],
  ])('is refused the resource %s', async (uri) => {
    await refused(connected.client.readResource({ uri }));
  });

  it('is refused prompts about others', async () => {
    const args = { ...secrets, pullNumber: '1' };
    await refused(connected.client.getPrompt({ name: 'code_review', arguments: args }));
  });

  it('does not follow a repository that was renamed or moved away', async () => {
    const heal = [
      stack().github.inject({
        path: /^\/repos\/acme\/web\/contents\//,
        status: 301,
        headers: { location: `${stack().github.url}/repositories/4242/contents/README.md` },
      }),
      stack().github.inject({ path: /^\/repositories\/4242$/, status: 200, body: { full_name: 'elsewhere/web' } }),
    ];
    const before = asked().length;
    const result = await call(connected.client, 'get_file_contents', { ...web, path: 'README.md' });
    for (const undo of heal) undo();
    expect(JSON.stringify(result)).toContain(LIMITED);
    expect(asked().slice(before)).toEqual([expect.stringContaining('/repos/acme/web/'), 'GET /repositories/4242']);
  });

  it('left no trace outside at GitHub, and a row for every refusal', async () => {
    const outside = asked().filter((request) => !WITHIN.test(request) && request !== 'GET /repositories/4242');
    expect(outside).toEqual([]);
    expect(asked().length).toBeGreaterThan(8);
    const rows = await rowsOf(stack(), 12, "client_id = ? AND result_status = 'denied'", person.clientId);
    expect(rows.map((row) => row.error_code)).toEqual(Array.from({ length: 12 }, () => 'forbidden_by_policy'));
    expect(rows.every((row) => row.error_message?.includes('acme/web'))).toBe(true);
  });
});

describe('the consent page', () => {
  it('comes again with all that was entered where a limit cannot be read, and goes on from there', async () => {
    const client = await loopbackClient(stack().url, 'Mends its limit');
    const { authorizationUrl } = await client.start(['tools:execute:read_only', 'resources:read']);
    const browser = new Browser((url) => url.origin === new URL(client.redirectUri).origin);
    const shown = async (arrival: Awaited<ReturnType<Browser['open']>>): Promise<Page> => {
      if ('stopped' in arrival) throw new Error(`stopped at ${arrival.stopped}`);
      return arrival.page;
    };
    const answer = (page: Page, repositories: string) => {
      const [form] = page.forms;
      if (form === undefined) throw new Error('no form');
      const sent = submission(form, (field) => field.on, { name: 'decision', value: 'approve' });
      sent.set('repositories', repositories);
      return browser.submit(page, form, sent);
    };
    const first = await shown(await browser.open(authorizationUrl));
    const again = await shown(await answer(first, 'acme/web, acme'));
    expect(again.status).toBe(400);
    expect(again.html).toContain('value="acme/web, acme"');
    expect(again.html).toMatch(/role="alert"[^>]*>\s*“acme” names no repository/);
    const ticked = (page: Page) =>
      page.forms[0]?.fields.filter(({ name, on }) => name === 'scope' && on).map(({ value }) => value);
    expect(ticked(again)).toEqual(ticked(first));
    const github = await shown(await answer(again, 'acme/web, acme/*'));
    expect(github.url.origin).toBe(stack().github.url);
    // The handle of the first page was used up with it.
    expect((await shown(await answer(first, ''))).status).toBe(400);
    await client.stop();
  });

  it('of a person without a screen is refused too, naming the entry', async () => {
    const client = await loopbackClient(stack().url, 'Wrong limit');
    const { authorizationUrl } = await client.start(['tools:list']);
    const failure = await signIn(authorizationUrl, { repositories: 'acme/web/x' }).catch((error: unknown) => error);
    await client.stop();
    expect(failure).toBeInstanceOf(SignInError);
    expect((failure as SignInError).status).toBe(400);
  });

  it('writes a row where a limit is lifted', async () => {
    const [{ connect }] = ERAS;
    const person = new Person({ clientName: 'Lifted', repositories: 'acme/*' });
    await (await connect(stack().mcpUrl, { person })).close();
    person.forget();
    Object.assign(person.options, { repositories: '' });
    await (await connect(stack().mcpUrl, { person })).close();
    const rows = await rowsOf(stack(), 2, "client_id = ? AND method = 'auth/consent'", person.clientId);
    expect(rows.map((row) => JSON.parse(row.arguments ?? ''))).toEqual([
      expect.objectContaining({ repositories: ['acme/*'] }),
      expect.objectContaining({ repositories: 'all', repositories_before: ['acme/*'] }),
    ]);
  });
});
