/**
 * The two MCP clients of the demo and the end-to-end tests, each signed in by a person without a screen:
 * `@modelcontextprotocol/client` in the modern era, and `@modelcontextprotocol/sdk`, which shares no code with the gate,
 * in a 2025-era session.
 */
import type { OAuthClientProvider as ModernProvider } from '@modelcontextprotocol/client';
import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
  UnauthorizedError as ModernUnauthorized,
} from '@modelcontextprotocol/client';
import type { OAuthClientProvider as SessionProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import { UnauthorizedError as SessionUnauthorized } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client as SessionClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as SessionTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import type { SignedIn, SignInOptions } from './sign-in.ts';
import { signIn } from './sign-in.ts';

export const MODERN_REVISION = '2026-07-28';
/** Nobody listens there: `signIn` stops before it is fetched. */
export const REDIRECT_URI = 'http://127.0.0.1:33999/callback';

export interface PersonOptions extends SignInOptions {
  /** What the client calls itself when it registers. */
  readonly clientName?: string;
  /** Asked for at every authorization besides what the server's challenge names. */
  readonly alsoAsk?: readonly string[];
}

type Provided = NonNullable<Awaited<ReturnType<ModernProvider['clientInformation']>>>;
type Tokens = NonNullable<Awaited<ReturnType<ModernProvider['tokens']>>>;
type Discovered = Parameters<NonNullable<ModernProvider['saveDiscoveryState']>>[0];

/**
 * One OAuth client and the person in front of it: an in-memory provider for either SDK that, where a host would open a
 * browser, signs in at once and keeps the redirect for `finish`.
 */
export class Person implements ModernProvider {
  readonly options: PersonOptions;
  readonly redirectUrl = REDIRECT_URI;
  /** Every sign-in this person did, oldest first. */
  readonly signIns: (SignedIn & { readonly asked: readonly string[] })[] = [];
  #client: Provided | undefined;
  #tokens: Tokens | undefined;
  #verifier = '';
  #state = '';
  #redirect: URL | undefined;
  #discovered: Discovered | undefined;

  constructor(options: PersonOptions = {}) {
    this.options = options;
  }

  get clientMetadata() {
    return {
      client_name: this.options.clientName ?? 'Gatehouse demo',
      redirect_uris: [this.redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    };
  }

  get accessToken(): string | undefined {
    return this.#tokens?.access_token;
  }

  get clientId(): string | undefined {
    return this.#client?.client_id;
  }

  /** What the last token response said was granted. */
  get scopes(): readonly string[] {
    return this.#tokens?.scope?.split(' ') ?? [];
  }

  state(): string {
    this.#state = crypto.randomUUID();
    return this.#state;
  }

  clientInformation() {
    return this.#client;
  }

  saveClientInformation(client: Provided): void {
    this.#client = client;
  }

  tokens() {
    return this.#tokens;
  }

  saveTokens(tokens: Tokens): void {
    this.#tokens = tokens;
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    return this.#verifier;
  }

  saveDiscoveryState(state: Discovered): void {
    this.#discovered = state;
  }

  discoveryState() {
    return this.#discovered;
  }

  /** A refresh cannot widen a grant (RFC 6749 section 6): without its refresh token a client has to ask the person again. */
  dropRefreshToken(): void {
    if (this.#tokens === undefined) return;
    const { refresh_token: _dropped, ...rest } = this.#tokens;
    this.#tokens = rest;
  }

  /** Makes the client start over, as after its access token expired and its refresh token was lost. */
  forget(): void {
    this.#tokens = undefined;
  }

  async redirectToAuthorization(url: URL): Promise<void> {
    const asked = new Set(url.searchParams.get('scope')?.split(' ').filter(Boolean) ?? []);
    // A client that replaces what it has by what the challenge names would lose the rest.
    for (const scope of [...this.scopes, ...(this.options.alsoAsk ?? [])]) asked.add(scope);
    if (asked.size > 0) url.searchParams.set('scope', [...asked].join(' '));
    const done = await signIn(url, this.options);
    this.signIns.push({ ...done, asked: [...asked] });
    this.#redirect = done.redirect;
  }

  /** The parameters of the redirect that the last sign-in ended at. Throws when it carries an error or another state. */
  callback(): URLSearchParams {
    const params = this.#redirect?.searchParams;
    if (params === undefined) throw new Error('Nobody signed in');
    this.#redirect = undefined;
    const error = params.get('error');
    if (error !== null) throw new Error(`The gate refused: ${error} ${params.get('error_description') ?? ''}`.trim());
    if (params.get('state') !== this.#state) throw new Error('The redirect carries another state');
    return params;
  }
}

export interface Connected<C, T> {
  readonly client: C;
  readonly transport: T;
  readonly person: Person;
  /** Runs a request; when the gate asks for more scopes, the person is asked, and it runs once more. */
  run<R>(request: (client: C) => Promise<R>): Promise<R>;
  close(): Promise<void>;
}

/** What a person does with a question; `unticked` sends the form without the yes. */
export type Reply = 'yes' | 'no' | 'cancel' | 'unticked';

export interface ConnectOptions {
  readonly person?: Person;
  readonly name?: string;
  /** How the person answers what the gate asks them. The client says that it can ask only where this is given. */
  readonly answer?: (question: string) => Reply | Promise<Reply>;
  /** Replaces the network, to watch it. */
  readonly fetch?: typeof fetch;
}

/** Signs in if need be and connects in the modern era, where nothing is kept at the server. */
export async function connectModern(
  mcpUrl: string,
  options: ConnectOptions = {},
): Promise<Connected<ModernClient, ModernTransport>> {
  const person = options.person ?? new Person();
  const open = () => ({
    client: new ModernClient(
      { name: options.name ?? 'gatehouse-demo-modern', version: '1.0.0' },
      {
        capabilities: capabilitiesOf(options),
        versionNegotiation: { mode: { pin: MODERN_REVISION } },
      },
    ),
    transport: new ModernTransport(new URL(mcpUrl), {
      authProvider: person,
      ...(options.fetch !== undefined && { fetch: options.fetch }),
    }),
  });
  const connect = async () => {
    const { answer } = options;
    if (answer !== undefined) {
      client.setRequestHandler('elicitation/create', async ({ params }) => formFor(await answer(params.message)));
    }
    await client.connect(transport);
  };
  let { client, transport } = open();
  try {
    await connect();
  } catch (error) {
    if (!(error instanceof ModernUnauthorized)) throw error;
    await transport.finishAuth(person.callback());
    await transport.close();
    ({ client, transport } = open());
    await connect();
  }
  const run = async <R>(request: (client: ModernClient) => Promise<R>): Promise<R> => {
    try {
      return await request(client);
    } catch (error) {
      if (!(error instanceof ModernUnauthorized)) throw error;
      await transport.finishAuth(person.callback());
      return request(client);
    }
  };
  return { client, transport, person, run, close: () => client.close() };
}

/** Signs in if need be and opens a 2025-era session. */
export async function connectSession(
  mcpUrl: string,
  options: ConnectOptions = {},
): Promise<Connected<SessionClient, SessionTransport>> {
  const person = options.person ?? new Person();
  const network = options.fetch ?? fetch;
  const watched: typeof fetch = async (input, init) => {
    const response = await network(input, init);
    const challenge = response.headers.get('www-authenticate') ?? '';
    // This SDK line would refresh, get the same scopes, and give up.
    if (response.status === 403 && challenge.includes('insufficient_scope')) person.dropRefreshToken();
    return response;
  };
  const open = () => ({
    client: new SessionClient(
      { name: options.name ?? 'gatehouse-demo-session', version: '1.0.0' },
      { capabilities: capabilitiesOf(options) },
    ),
    transport: new SessionTransport(new URL(mcpUrl), {
      authProvider: person as SessionProvider,
      fetch: watched,
    }),
  });
  let { client, transport } = open();
  // The transport's own type does not say so under `exactOptionalPropertyTypes`, but it is one.
  const connect = async () => {
    const { answer } = options;
    if (answer !== undefined) {
      client.setRequestHandler(ElicitRequestSchema, async ({ params }) => formFor(await answer(params.message)));
    }
    await client.connect(transport as Parameters<SessionClient['connect']>[0]);
  };
  const finish = () => transport.finishAuth(person.callback().get('code') ?? '');
  try {
    await connect();
  } catch (error) {
    if (!(error instanceof SessionUnauthorized)) throw error;
    await finish();
    await transport.close();
    ({ client, transport } = open());
    await connect();
  }
  const run = async <R>(request: (client: SessionClient) => Promise<R>): Promise<R> => {
    try {
      return await request(client);
    } catch (error) {
      if (!(error instanceof SessionUnauthorized)) throw error;
      await finish();
      return request(client);
    }
  };
  const close = async () => {
    await transport.terminateSession().catch(() => undefined);
    await client.close();
  };
  return { client, transport, person, run, close };
}

function capabilitiesOf({ answer }: ConnectOptions) {
  return answer === undefined ? {} : { elicitation: { form: {} } };
}

/** The filled-in form of a question that `src/mcp/confirm.ts` asks. */
function formFor(reply: Reply) {
  if (reply === 'cancel') return { action: 'cancel' as const };
  if (reply === 'no') return { action: 'decline' as const };
  return { action: 'accept' as const, content: { confirm: reply === 'yes' } };
}
