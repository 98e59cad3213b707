/** A gate with what an attacker could hold of it: tokens, a bound token with its key, a session, cookies, forms. */
import type { Client } from '@modelcontextprotocol/client';
import { CookieJar } from '../../src/cli/browser/cookies.ts';
import { formsOf } from '../../src/cli/browser/forms.ts';
import { connectModern, connectSession, MODERN_REVISION, Person, REDIRECT_URI } from '../../src/cli/clients.ts';
import type { Stack } from '../../src/cli/stack.ts';
import { modernHeaders } from '../support/rpc.ts';
import type { Signer } from '../unit/dpop/make-proof.ts';
import { proofBy, signer } from '../unit/dpop/make-proof.ts';

type Tool = Awaited<ReturnType<Client['listTools']>>['tools'][number];

export interface FormTarget {
  readonly path: string;
  /** Name and value of every field, as the page has them. */
  readonly fields: readonly (readonly [string, string])[];
  readonly cookie: string;
}

export interface Target {
  readonly stack: Stack;
  readonly port: number;
  readonly token: string;
  readonly refreshToken: string;
  readonly clientId: string;
  readonly sessionId: string;
  readonly bound: { readonly token: string; readonly key: Signer; readonly nonce: string };
  /** Every tool of the catalogue, as clients see it. */
  readonly tools: readonly Tool[];
  readonly prompts: readonly string[];
  /** Path and query of a good authorization request. */
  readonly authorize: string;
  readonly consent: FormTarget;
  /** Cookies of somebody who is signed in to the pages. */
  readonly pageCookie: string;
  readonly revokeForm: FormTarget;
  stop(): Promise<void>;
}

/** Accounts at GitHub: whose tokens, sessions and cookies there are, and whose token is bound to a key. */
export interface TargetPeople {
  readonly login: string;
  readonly boundLogin: string;
}

/** In: a running stack whose limits are out of the way. Signs two people in through the real pages. */
export async function openTarget(
  stack: Stack,
  { login, boundLogin }: TargetPeople = { login: 'octocat', boundLogin: 'hubot' },
): Promise<Target> {
  const person = new Person({ clientName: 'Fuzz', login, choose: (boxes) => boxes.map((box) => box.scope) });
  const modern = await connectModern(stack.mcpUrl, {
    person,
    fetch: (input, init) => {
      const headers = new Headers(init?.headers);
      headers.set('x-mcp-toolsets', 'all');
      return fetch(input, { ...init, headers });
    },
  });
  const { tools } = await modern.client.listTools();
  const { prompts } = await modern.client.listPrompts();
  await modern.close();
  const session = await connectSession(stack.mcpUrl, { person });
  const token = person.accessToken ?? '';
  const clientId = person.clientId ?? '';
  const key = await signer('ES256');
  const authorize = authorizePath(stack.mcpUrl, clientId);
  const pageCookie = await pageSession(stack.url, login);
  return {
    stack,
    port: Number(new URL(stack.url).port),
    token,
    refreshToken: person.tokens()?.refresh_token ?? '',
    clientId,
    sessionId: session.transport.sessionId ?? '',
    bound: { key, ...(await boundToken(stack, key, boundLogin)) },
    tools,
    prompts: prompts.map((prompt) => prompt.name),
    authorize,
    consent: await formAt(stack.url, authorize, ''),
    pageCookie,
    revokeForm: await formAt(stack.url, '/account', pageCookie),
    stop: session.close,
  };
}

export function authorizePath(mcpUrl: string, clientId: string): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    state: 'fuzz',
    scope: 'tools:list',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    resource: mcpUrl,
  });
  return `/authorize?${query}`;
}

/** A token that is bound to this key (RFC 9449), the way a client gets one that was told the nonce. */
async function boundToken(
  { url, mcpUrl }: Stack,
  key: Signer,
  login: string,
): Promise<{ token: string; nonce: string }> {
  let told = '';
  const binding: typeof fetch = async (input, init) => {
    if (!String(input instanceof Request ? input.url : input).endsWith('/token')) return await fetch(input, init);
    const send = async (nonce?: string) => {
      const claims = { jti: crypto.randomUUID(), htm: 'POST', htu: `${url}/token`, iat: Math.floor(Date.now() / 1000) };
      const headers = new Headers(init?.headers);
      headers.set('dpop', await proofBy(key, { ...claims, ...(nonce !== undefined && { nonce }) }));
      return await fetch(input, { ...init, headers });
    };
    const first = await send();
    told = first.headers.get('dpop-nonce') ?? '';
    return first.status === 400 ? await send(told) : first;
  };
  const person = new Person({ clientName: 'Fuzz, bound', login });
  const connect = () => connectModern(mcpUrl, { person, fetch: binding });
  // The bound token is then sent as Bearer, which the gate refuses: only the token is wanted here.
  await connect().then(
    ({ close }) => close(),
    () => undefined,
  );
  if (person.accessToken === undefined) throw new Error('The gate gave no bound token.');
  return { token: person.accessToken, nonce: told };
}

/** Signs in to the gate's own pages. Out: the Cookie header of that browser. */
async function pageSession(origin: string, login: string): Promise<string> {
  const jar = new CookieJar();
  let url = new URL('/account/sign-in', origin);
  let posted: URLSearchParams | undefined;
  for (let hop = 0; hop < 10; hop += 1) {
    const method = posted === undefined ? 'GET' : 'POST';
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: { cookie: jar.header(url, method, undefined), accept: 'text/html' },
      ...(posted !== undefined && { body: posted }),
    });
    jar.store(url, response.headers);
    const location = response.headers.get('location');
    posted = undefined;
    if (location !== null) {
      await response.body?.cancel();
      url = new URL(location, url);
      continue;
    }
    const form = formsOf(await response.text(), url).find(({ fields }) =>
      fields.some(({ name, value }) => name === 'login' && value === login),
    );
    if (form === undefined) return jar.header(new URL('/account', origin), 'GET', undefined);
    posted = new URLSearchParams(form.fields.map(({ name, value }) => [name, value]));
    url = form.action;
  }
  throw new Error('Nobody could sign in to the pages.');
}

/** The first form of a page, with the cookies that belong to it. */
export async function formAt(origin: string, path: string, cookie: string): Promise<FormTarget> {
  const url = new URL(path, origin);
  const response = await fetch(url, { headers: { cookie, accept: 'text/html' } });
  const jar = new CookieJar();
  jar.store(url, response.headers);
  const [form] = formsOf(await response.text(), url);
  if (form === undefined) throw new Error(`There is no form at ${path}.`);
  return {
    path: form.action.pathname,
    fields: [
      ...form.fields.map(({ name, value }) => [name, value] as const),
      ...form.buttons.map(({ name, value }) => [name, value] as const),
    ],
    cookie: [cookie, jar.header(url, 'GET', undefined)].filter((part) => part !== '').join('; '),
  };
}

/** Headers of a modern request that is right in every way. */
export function goodHeaders(target: Target, method: string, name?: string): [string, string][] {
  return Object.entries(modernHeaders(target.token, method, name));
}

export const MODERN_META = {
  'io.modelcontextprotocol/protocolVersion': MODERN_REVISION,
  'io.modelcontextprotocol/clientInfo': { name: 'fuzz', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
