/**
 * Secrets of forty kinds, planted wherever somebody could put one: none of them is in a row, a log line, a metric, a page
 * or an error. Content that a person writes to GitHub goes there, and nowhere else.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { connectSession, Person } from '../../src/cli/clients.ts';
import type { SignedInPerson } from '../support/rpc.ts';
import { modernBody, modernHeaders, post, tokenOf } from '../support/rpc.ts';
import { KINDS, leaksIn } from '../support/secrets.ts';
import { useStack } from '../support/stack.ts';

const METRICS_TOKEN = 'canary-of-the-metrics-0123456789';
const SECRET_KEY = 'canary-of-the-secret-key-0123456789-0123456789';
const open = '10000/1';
const stack = useStack({
  METRICS_TOKEN,
  SECRET_KEY,
  ADMINS: 'octocat',
  LIMIT_CLIENT: open,
  LIMIT_USER: open,
  LIMIT_SEARCH: open,
  LIMIT_WRITE: open,
  LIMIT_OTHER: open,
  LIMIT_SIGN_IN: open,
});

/** Errors and pages that were answered, heads and bodies. */
const answers: string[] = [];
/** Results of tools, where a secret that says by its shape what it is must not be either. */
const results: string[] = [];
/** Tokens, codes and cookies that were really issued. */
const issued = new Set<string>([METRICS_TOKEN, SECRET_KEY]);
let octocat: SignedInPerson;

/** Keeps what was answered. A success that is no page may say to a client what it said itself (RFC 7591 section 3.2.1). */
async function keep(response: Response): Promise<void> {
  const head = JSON.stringify([...response.headers].filter(([name]) => name !== 'location' && name !== 'set-cookie'));
  for (const cookie of response.headers.getSetCookie()) issued.add(cookie.split(';')[0]?.split('=')[1] ?? '');
  const body = await response.text();
  const isPage = response.headers.get('content-type')?.includes('html') === true;
  answers.push(isPage || !response.ok ? `${head}\n${body}` : head);
}

async function ask(path: string, init: RequestInit = {}): Promise<void> {
  await keep(await fetch(`${stack().url}${path}`, { redirect: 'manual', ...init }));
}

async function rpc(method: string, params: object, name?: string, headers: Record<string, string> = {}): Promise<void> {
  const answer = await post(stack(), modernBody(method, params), {
    headers: { ...modernHeaders(octocat.token, method, name), ...headers },
  });
  results.push(answer.text);
  const failed = answer.json?.error !== undefined || answer.json?.result?.isError === true;
  answers.push(`${JSON.stringify([...answer.headers])}\n${failed ? answer.text : ''}`);
}

/** What a header may hold of a text. */
const inHeader = (text: string) => text.replace(/[^\x20-\x7e]/g, ' ');

let seen: Promise<Record<string, string>> | undefined;

/** Everything the gate keeps, and what it answered that is an error or a page, when all was planted. */
function kept(): Promise<Record<string, string>> {
  seen ??= look();
  return seen;
}

async function look(): Promise<Record<string, string>> {
  // Rows that were closed last, and counts that wait in an isolate, arrive within seconds.
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const tables = await stack().query<{ name: string }>(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'mcp_%' ORDER BY name",
  );
  const rows = await Promise.all(tables.map(({ name }) => stack().query(`SELECT * FROM ${name}`)));
  const scraped = await fetch(`${stack().url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
  return {
    rows: JSON.stringify(rows),
    'log lines': stack()
      .logs.map(({ message }) => message)
      .join('\n'),
    metrics: await scraped.text(),
    'pages and errors': answers.join('\n'),
  };
}

beforeAll(async () => {
  octocat = await tokenOf(stack(), { choose: (boxes) => boxes.map(({ scope }) => scope) });
  issued.add(octocat.token);
});

it('is a test of forty kinds that could fail', () => {
  expect(KINDS.length).toBeGreaterThanOrEqual(40);
  for (const { name, text } of KINDS) expect(leaksIn(`x ${text} y`), name).toContain(name);
  expect(leaksIn('nothing here')).toEqual([]);
});

describe('planted', () => {
  it('in arguments, names and URIs of both eras', async () => {
    const session = await connectSession(stack().mcpUrl, { person: new Person({ alsoAsk: ['tools:execute'] }) });
    for (const { text } of KINDS) {
      const name = inHeader(text);
      await rpc(
        'tools/call',
        { name: 'get_file_contents', arguments: { owner: 'acme', repo: 'web', path: text } },
        'get_file_contents',
      );
      await rpc(
        'tools/call',
        { name: 'issue_read', arguments: { owner: text, repo: text, [text]: text, issue_number: text } },
        'issue_read',
      );
      await rpc('tools/call', { name, arguments: { deep: [{ list: [text] }] } }, name);
      await rpc('resources/read', { uri: `repo://acme/web/contents/${encodeURIComponent(text)}` }, 'x');
      await rpc('resources/read', { uri: text }, name);
      await rpc('prompts/get', { name, arguments: { [text]: text } }, name);
      await rpc(name, { text });
      results.push(
        JSON.stringify(
          await session.client.callTool({ name: 'search_issues', arguments: { query: `is:open ${text}` } }),
        ),
      );
      await session.client.callTool({ name: text, arguments: { text } }).catch((error) => answers.push(String(error)));
      await session.client.readResource({ uri: text }).catch((error) => answers.push(String(error)));
      await session.client
        .complete({ ref: { type: 'ref/prompt', name: text }, argument: { name: text, value: text } })
        .catch((error) => answers.push(String(error)));
    }
    issued.add(session.person.accessToken as string);
    await session.close();
    expect(results.length).toBeGreaterThan(KINDS.length * 7);
  });

  it('in what a person writes: it reaches GitHub and nothing else', async () => {
    for (const { text } of KINDS) {
      const args = { method: 'create', owner: 'acme', repo: 'web', title: `Canary ${text}`, body: `Body ${text}` };
      await rpc('tools/call', { name: 'issue_write', arguments: args }, 'issue_write');
    }
    const { body } = await stack().github.as('octocat')('GET', '/repos/acme/web/issues?per_page=100&state=all');
    expect(leaksIn((body as { title: string }[]).map(({ title }) => title).join('\n'))).toHaveLength(KINDS.length);
  });

  it('in results and in errors of GitHub', async () => {
    const faults = KINDS.flatMap(({ text }) => [
      {
        status: 200,
        body: { number: 6, title: text, body: text, user: { login: text }, state: 'open', html_url: text },
      },
      {
        status: 422,
        body: { message: text, errors: [{ field: text, code: text, message: text }], documentation_url: text },
      },
      { status: 403, headers: { 'x-oauth-scopes': inHeader(text) }, body: { message: text } },
      { status: 500, body: text },
      { status: 302, headers: { location: `https://${encodeURIComponent(inHeader(text))}.example/` }, body: '' },
    ]);
    for (const fault of faults) {
      const away = stack().github.inject({ path: /^\/repos\/acme\/web\/issues\/6/, ...fault });
      const args = { method: 'get', owner: 'acme', repo: 'web', issue_number: 6 };
      await rpc('tools/call', { name: 'issue_read', arguments: args }, 'issue_read');
      away();
    }
  });

  it('in headers', async () => {
    for (const { text } of KINDS) {
      const value = inHeader(text).trim();
      const headers = {
        'user-agent': value,
        cookie: `a=${value}`,
        referer: value,
        'x-forwarded-for': value,
        'cf-connecting-ip': value,
        'mcp-session-id': value,
        'last-event-id': value,
        'x-mcp-toolsets': value,
        'x-mcp-tools': value,
        'x-request-id': value,
        traceparent: value,
      };
      await rpc('tools/list', {}, undefined, headers);
      for (const authorization of [`Bearer ${value}`, `DPoP ${value}`, `Basic ${value}`, value]) {
        await ask('/mcp', { method: 'POST', headers: { ...headers, authorization, dpop: value } });
      }
      await ask('/metrics', { headers: { authorization: `Bearer ${value}` } });
      await ask('/mcp', { method: 'DELETE', headers: { ...headers, authorization: `Bearer ${octocat.token}` } });
    }
  });

  it('in URLs', async () => {
    for (const { text } of KINDS) {
      const part = encodeURIComponent(text);
      const accept = { headers: { accept: 'text/html' } };
      for (const path of [
        `/${part}`,
        `/mcp?token=${part}`,
        `/t/${part}/mcp`,
        `/confirm/${part}`,
        `/console?user=${part}`,
        `/.well-known/oauth-protected-resource/${part}`,
        `/callback?code=${part}&state=${part}`,
        `/callback?error=${part}&error_description=${part}&state=${part}`,
        `/authorize?response_type=code&client_id=${part}&redirect_uri=${part}&state=${part}&scope=${part}`,
        `/authorize?response_type=code&client_id=https%3A%2F%2Fclient.example%2F${part}`,
      ]) {
        await ask(path);
        await ask(path, accept);
      }
    }
  });

  it('at the token endpoint and where clients register', async () => {
    for (const { text } of KINDS) {
      const forms: Record<string, string>[] = [
        { grant_type: 'authorization_code', code: text, client_id: text, code_verifier: text, redirect_uri: text },
        { grant_type: 'refresh_token', refresh_token: text, client_id: text, client_secret: text },
        { grant_type: text, [text]: text },
        { token: text, client_id: text },
      ];
      for (const form of forms) {
        await ask('/token', {
          method: 'POST',
          body: new URLSearchParams(form),
          headers: { dpop: inHeader(text).trim() },
        });
      }
      const register = (body: object) =>
        ask('/register', {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        });
      await register({ client_name: text, redirect_uris: [text] });
      await register({
        redirect_uris: ['https://client.example/cb'],
        token_endpoint_auth_method: text,
        grant_types: [text],
      });
    }
  });

  it('in the name of a client that somebody signs in with', async () => {
    for (const { text } of KINDS) {
      const person = new Person({ clientName: text });
      issued.add((await tokenOf(stack(), { clientName: text })).token);
      const registered = await fetch(`${stack().url}/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...person.clientMetadata, client_uri: 'https://client.example', software_id: text }),
      });
      const { client_id } = (await registered.json()) as { client_id: string };
      const query = new URLSearchParams({
        response_type: 'code',
        client_id,
        redirect_uri: person.redirectUrl,
        state: 'x',
        code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
        code_challenge_method: 'S256',
      });
      await ask(`/authorize?${query}`);
      const bad = new URLSearchParams(query);
      bad.set('code_challenge_method', text);
      await ask(`/authorize?${bad}`);
    }
  });
});

describe('nothing of it is found', () => {
  it('in a row, a log line, a metric, a page or an error', async () => {
    for (const [where, text] of Object.entries(await kept())) {
      expect(text.length, where).toBeGreaterThan(1000);
      expect([where, leaksIn(text)]).toEqual([where, []]);
    }
  });

  it('in what a model is told, where its shape says what it is', () => {
    const shapeless = new Set(['AWS secret access key', 'signature in a URL', 'password of a setting', 'cookie']);
    const kinds = KINDS.filter(({ name }) => !shapeless.has(name));
    expect(leaksIn(results.join('\n'), kinds)).toEqual([]);
  });

  it('nor a key, a token or a cookie that was really issued', async () => {
    const places = await kept();
    const { clientSecret } = stack().github;
    const cores = [...issued, clientSecret].filter((secret) => secret.length > 15).map((secret) => secret.slice(-16));
    expect(cores.length).toBeGreaterThan(KINDS.length);
    for (const [where, text] of Object.entries(places)) {
      expect([where, cores.filter((core) => text.includes(core))]).toEqual([where, []]);
    }
  });
});
