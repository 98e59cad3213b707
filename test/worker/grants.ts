/** Grants and tokens of a tenant without a browser: codes as after a sign-in, and requests as clients send them. */
import { env, exports } from 'cloudflare:workers';
import { createHash } from 'node:crypto';
import type { GrantProps } from '../../src/auth/server.ts';
import { authorizationServer } from '../../src/auth/server.ts';
import { providerEnv } from '../../src/auth/store/provider-env.ts';
import type { Config } from '../../src/config.ts';
import { sealUserId } from '../../src/core/ids.ts';

export const REDIRECT = 'http://127.0.0.1:9/cb';
export const VERIFIER = 'v'.repeat(50);
export const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
  readonly scope: string;
  readonly error?: string;
  readonly error_description?: string;
}

export interface TokenReply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Tokens;
}

/** What clients of one tenant do. */
export class Flow {
  readonly oauth;
  readonly config: Config;
  readonly clientId: string;

  private constructor(config: Config, clientId: string) {
    this.config = config;
    this.clientId = clientId;
    this.oauth = authorizationServer(config).getOAuthApi(providerEnv(env, config));
  }

  /** With a public client that is registered at that tenant. */
  static async of(config: Config): Promise<Flow> {
    const oauth = authorizationServer(config).getOAuthApi(providerEnv(env, config));
    const client = { redirectUris: [REDIRECT], tokenEndpointAuthMethod: 'none', clientName: 'T' };
    return new Flow(config, (await oauth.createClient(client)).clientId);
  }

  /** A code of a user, as after a sign-in. */
  async codeOf(user: string, more: Partial<GrantProps> = {}, scope: string[] = ['tools:list']): Promise<string> {
    const login = more.user?.login ?? 'octocat';
    const props: GrantProps = {
      user: { id: user, login },
      clientName: 'T',
      upstreamToken: 'u',
      repositories: null,
      ...more,
    };
    const { redirectTo } = await this.oauth.completeAuthorization({
      request: {
        responseType: 'code',
        clientId: this.clientId,
        redirectUri: REDIRECT,
        scope,
        state: 's',
        codeChallenge: CHALLENGE,
        codeChallengeMethod: 'S256',
        resource: `${this.config.issuer}/mcp`,
      },
      userId: this.sealed(user),
      metadata: { login, clientName: 'T' },
      scope,
      props,
    });
    return new URL(redirectTo).searchParams.get('code') ?? '';
  }

  /** As the provider knows a user: with the seal. */
  sealed(user: string): string {
    return sealUserId(user, this.config.tenant, this.config.secretKeys);
  }

  async token(form: Record<string, string>, headers: Record<string, string> = {}): Promise<TokenReply> {
    const body = new URLSearchParams({ client_id: this.clientId, ...form });
    const response = await exports.default.fetch(
      new Request(`${this.config.issuer}/token`, { method: 'POST', body, headers }),
    );
    return { status: response.status, headers: response.headers, body: (await response.json()) as Tokens };
  }

  redeem(code: string, more: Record<string, string> = {}): Promise<TokenReply> {
    const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: VERIFIER };
    return this.token({ ...form, ...more });
  }

  refresh(token: string, more: Record<string, string> = {}): Promise<TokenReply> {
    return this.token({ grant_type: 'refresh_token', refresh_token: token, ...more });
  }

  async signedIn(user: string): Promise<Tokens> {
    return (await this.redeem(await this.codeOf(user))).body;
  }

  /** One message to the tenant's MCP endpoint, as a client of the 2025 revisions sends it. */
  async post(accessToken: string, message: object, headers: Record<string, string> = {}): Promise<Response> {
    return await exports.default.fetch(
      new Request(`${this.config.issuer}/mcp`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${accessToken}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...headers,
        },
        body: JSON.stringify({ jsonrpc: '2.0', ...message }),
      }),
    );
  }

  /** Whether an access token still opens the door: asked of the whole Worker. */
  async isAlive(accessToken: string): Promise<boolean> {
    // Behind the door there is no such session.
    const { status } = await this.post(accessToken, { id: 1, method: 'ping' }, { 'mcp-session-id': '0'.repeat(64) });
    if (status !== 401 && status !== 404) throw new Error(`the door answered ${status}`);
    return status === 404;
  }

  /** Begins a 2025-era session. Out: its id. */
  async session(accessToken: string): Promise<string> {
    const clientInfo = { name: 'test', version: '1' };
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
    const response = await this.post(accessToken, { id: 1, method: 'initialize', params });
    await response.text();
    return response.headers.get('mcp-session-id') ?? '';
  }
}
