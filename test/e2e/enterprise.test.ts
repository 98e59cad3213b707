/** A GitHub Enterprise Server, whose API has a path of its own; and what of the gate's secrets reaches it: nothing. */
import { Client, DpopSession, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { connectSession, MODERN_REVISION, Person } from '../../src/cli/clients.ts';
import type { EmbeddedGitHub } from '../../src/cli/github/index.ts';
import { startGitHub } from '../../src/cli/github/index.ts';
import { freePort } from '../../src/cli/ports.ts';
import type { Stack } from '../../src/cli/stack.ts';
import { startStack } from '../../src/cli/stack.ts';
import type { Enterprise } from '../support/enterprise.ts';
import { startEnterprise } from '../support/enterprise.ts';
import { callTool, tokenOf } from '../support/rpc.ts';
import { rowsOf } from '../support/stack.ts';

let enterprise: Enterprise;
let github: EmbeddedGitHub;
let stack: Stack;
beforeAll(async () => {
  const port = await freePort();
  [enterprise, github] = await Promise.all([
    startEnterprise(),
    startGitHub({ redirectUris: [`http://localhost:${port}/callback`] }),
  ]);
  enterprise.target = github.url;
  const settings = {
    GITHUB_URL: enterprise.url,
    GITHUB_API_URL: `${enterprise.url}/api/v3`,
    GITHUB_CLIENT_ID: github.clientId,
    GITHUB_CLIENT_SECRET: github.clientSecret,
    ALLOWED_USERS: 'octocat,hubot',
  };
  stack = await startStack({ port, bundleDir: inject('bundleDir'), settings });
});
afterAll(async () => {
  await stack?.stop();
  await Promise.all([github?.stop(), enterprise?.stop()]);
});
beforeEach(() => {
  enterprise.app = undefined;
  enterprise.requests.length = 0;
});

const refreshes = () =>
  enterprise.requests.filter(({ body }) => new URLSearchParams(body).get('grant_type') === 'refresh_token').length;

describe('a GitHub Enterprise Server', () => {
  it('signs people in, and answers REST and GraphQL below its own paths', async () => {
    const { token } = await tokenOf(stack);
    const me = await callTool(stack, token, 'get_me', {});
    expect(me.json.result.structuredContent.login).toBe('octocat');
    const teams = await callTool(stack, token, 'get_teams', {});
    expect(teams.json.result.isError, teams.text).not.toBe(true);
    const paths = enterprise.requests.map(({ path }) => path);
    expect(paths).toContain('/login/oauth/access_token');
    expect(paths).toContain('/api/v3/user');
    expect(paths).toContain('/api/graphql');
    expect(paths.filter((path) => !/^\/(login|settings|api\/v3)\/|^\/api\/graphql$/.test(path))).toEqual([]);
  });

  it('renews the tokens of a GitHub App before they end', async () => {
    enterprise.app = { expiresIn: 1200, afterRefresh: 'renewed' };
    const { token } = await tokenOf(stack);
    expect(refreshes()).toBe(1);
    expect((await callTool(stack, token, 'get_me', {})).json.result.structuredContent.login).toBe('octocat');
    expect(refreshes()).toBe(1);
  });

  it('goes on with what is still good while the renewal fails, and no longer than it is', async () => {
    enterprise.app = { expiresIn: 300, afterRefresh: 'down' };
    const { token, person } = await tokenOf(stack);
    expect(person.tokens()?.expires_in).toBeLessThanOrEqual(300);
    expect((await callTool(stack, token, 'get_me', {})).status).toBe(200);
  });

  it('ends the grant of a person whose renewal it refuses, with a row', async () => {
    enterprise.app = { expiresIn: 300, afterRefresh: 'bad_refresh_token' };
    await expect(tokenOf(stack, { clientName: 'Refused' })).rejects.toThrow();
    await rowsOf(stack, 1, "client_name = 'Refused' AND error_message LIKE '%Sign in again%'");
    const [row] = await rowsOf(stack, 1, "client_name = 'Refused' AND method = 'auth/revoke'");
    expect(JSON.parse(row?.arguments ?? '{}')).toMatchObject({ reason: 'upstream_revoked' });
  });
});

describe('what belongs to the gate', () => {
  /** Whatever a client sent to the gate as a credential, and its parts. */
  const secretsIn = (sent: readonly Headers[]) => [
    ...new Set(
      sent.flatMap((headers) =>
        ['authorization', 'dpop', 'mcp-session-id'].flatMap((name) => {
          const value = headers.get(name)?.replace(/^(Bearer|DPoP) /i, '');
          return value === undefined ? [] : [value, value.split(':').at(-1) ?? value];
        }),
      ),
    ),
  ];

  it('never travels upstream: bearer tokens, refresh tokens, session ids', async () => {
    const sent: Headers[] = [];
    const watched: typeof fetch = (input, init) => {
      sent.push(new Headers(init?.headers));
      return fetch(input, init);
    };
    const person = new Person();
    const { client, close } = await connectSession(stack.mcpUrl, { person, fetch: watched });
    await client.callTool({ name: 'get_me', arguments: {} });
    await client.callTool({ name: 'get_teams', arguments: {} });
    await close();
    expectNothingUpstream([...secretsIn(sent), person.tokens()?.refresh_token ?? '']);
  });

  it('never travels upstream: bound tokens and their proofs', async () => {
    const session = await DpopSession.create({ alg: 'ES256' });
    class BoundPerson extends Person {
      dpop() {
        return session;
      }
    }
    const person = new BoundPerson();
    const sent: Headers[] = [];
    const watched: typeof fetch = (input, init) => {
      sent.push(new Headers(init?.headers));
      return fetch(input, init);
    };
    const open = () => ({
      client: new Client({ name: 'bound', version: '1' }, { versionNegotiation: { mode: { pin: MODERN_REVISION } } }),
      transport: new StreamableHTTPClientTransport(new URL(stack.mcpUrl), { authProvider: person, fetch: watched }),
    });
    let { client, transport } = open();
    await client.connect(transport).catch(async (error) => {
      if (!(error instanceof UnauthorizedError)) throw error;
      await transport.finishAuth(person.callback());
      ({ client, transport } = open());
      await client.connect(transport);
    });
    await client.callTool({ name: 'get_me', arguments: {} });
    await client.callTool({ name: 'get_teams', arguments: {} });
    await client.close();
    expect(sent.some((headers) => headers.has('dpop'))).toBe(true);
    expectNothingUpstream([...secretsIn(sent), person.tokens()?.refresh_token ?? '']);
  });

  function expectNothingUpstream(secrets: readonly string[]): void {
    expect(secrets.length).toBeGreaterThan(2);
    const api = enterprise.requests.filter(({ path }) => path.startsWith('/api/'));
    expect(api.length).toBeGreaterThan(2);
    // The recorder does see credentials: the person's own.
    for (const { headers } of api) expect(headers.join('\n')).toMatch(/authorization\nBearer gh/i);
    const seen = JSON.stringify(enterprise.requests);
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(20);
      expect(seen).not.toContain(secret);
    }
    const names = enterprise.requests.flatMap(({ headers }) => headers.filter((_, i) => i % 2 === 0));
    expect(names.filter((name) => /^(dpop|mcp-)/i.test(name))).toEqual([]);
  }
});
