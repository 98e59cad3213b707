/** Tokens that are bound to a key (RFC 9449), with clients nobody here wrote: the SDK 2.4 and oauth4webapi. */
import { Client, DpopSession, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import * as oauth from 'oauth4webapi';
import { describe, expect, it } from 'vitest';
import { MODERN_REVISION, Person } from '../../src/cli/clients.ts';
import { signIn } from '../../src/cli/sign-in.ts';
import { callTool, modernBody, modernHeaders, tokenOf } from '../support/rpc.ts';
import { rowsOf, useStack } from '../support/stack.ts';

const stack = useStack();
const insecure = { [oauth.allowInsecureRequests]: true };

/** The authorization server as a client finds it. */
async function discover(): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(stack().url);
  const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
  return await oauth.processDiscoveryResponse(issuer, response);
}

interface Bound {
  readonly as: oauth.AuthorizationServer;
  readonly client: oauth.Client;
  readonly dpop: oauth.DPoPHandle;
  readonly tokens: oauth.TokenEndpointResponse;
  readonly keys: CryptoKeyPair;
}

/** A whole flow with oauth4webapi, once more where the server wants its nonce. */
async function bound(options: { jkt?: string | true; register?: object; unproven?: true } = {}): Promise<Bound> {
  const as = await discover();
  const person = new Person();
  const registered = await fetch(as.registration_endpoint ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...person.clientMetadata, ...options.register }),
  });
  const client = (await registered.json()) as oauth.Client;
  const keys = await oauth.generateKeyPair('ES256', { extractable: true });
  const dpop = oauth.DPoP(client, keys);
  const verifier = oauth.generateRandomCodeVerifier();
  const url = new URL(as.authorization_endpoint ?? '');
  for (const [name, value] of Object.entries({
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: person.redirectUrl,
    state: 'xyz',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    resource: stack().mcpUrl,
    ...(options.jkt !== undefined && {
      dpop_jkt: options.jkt === true ? await dpop.calculateThumbprint() : options.jkt,
    }),
  })) {
    url.searchParams.set(name, value);
  }
  const { redirect } = await signIn(url);
  const params = oauth.validateAuthResponse(as, client, redirect, 'xyz');
  const redeem = () =>
    oauth.authorizationCodeGrantRequest(as, client, oauth.None(), params, person.redirectUrl, verifier, {
      ...(options.unproven === undefined && { DPoP: dpop }),
      additionalParameters: { resource: stack().mcpUrl },
      ...insecure,
    });
  const process = async () => await oauth.processAuthorizationCodeResponse(as, client, await redeem());
  const tokens = await process().catch((error) => {
    if (oauth.isDPoPNonceError(error)) return process();
    throw error;
  });
  return { as, client, dpop, tokens, keys };
}

const LIST = modernBody('tools/list');

/** tools/list with a bound token, as oauth4webapi sends it. */
async function list({ dpop, tokens }: Bound, accessToken = tokens.access_token): Promise<Response> {
  const headers = new Headers(modernHeaders('', 'tools/list'));
  headers.delete('authorization');
  const ask = () =>
    oauth.protectedResourceRequest(accessToken, 'POST', new URL(stack().mcpUrl), headers, LIST, {
      DPoP: dpop,
      ...insecure,
    });
  return await ask().catch((error) => {
    if (oauth.isDPoPNonceError(error)) return ask();
    throw error;
  });
}

describe('oauth4webapi', () => {
  it('finds what is supported in both documents', async () => {
    const as = await discover();
    expect(as.dpop_signing_alg_values_supported).toEqual(expect.arrayContaining(['ES256', 'EdDSA', 'RS256', 'PS256']));
    const resource = (await (await fetch(`${stack().url}/.well-known/oauth-protected-resource/mcp`)).json()) as object;
    expect(resource).toMatchObject({ dpop_bound_access_tokens_required: false });
    expect(resource).toHaveProperty('dpop_signing_alg_values_supported');
  });

  it('goes through authorization, nonce, call and refresh with a bound token', async () => {
    const flow = await bound({ jkt: true });
    expect(flow.tokens.token_type).toBe('dpop');
    expect((await list(flow)).status).toBe(200);
    const refresh = () =>
      oauth.refreshTokenGrantRequest(flow.as, flow.client, oauth.None(), flow.tokens.refresh_token ?? '', {
        DPoP: flow.dpop,
        ...insecure,
      });
    const next = await oauth.processRefreshTokenResponse(flow.as, flow.client, await refresh());
    expect(next.token_type).toBe('dpop');
    expect((await list(flow, next.access_token)).status).toBe(200);
  });

  it('is refused with the bound token as Bearer, and with an unbound one under DPoP', async () => {
    const flow = await bound();
    const asBearer = await fetch(stack().mcpUrl, {
      method: 'POST',
      headers: modernHeaders(flow.tokens.access_token, 'tools/list'),
      body: LIST,
    });
    expect(asBearer.status).toBe(401);
    const challenge = asBearer.headers.get('www-authenticate') ?? '';
    expect(challenge.indexOf('Bearer')).toBeLessThan(challenge.indexOf('DPoP algs='));
    const plain = await tokenOf(stack());
    await expect(list(flow, plain.token)).rejects.toThrow();
  });

  it('cannot use a proof twice, nor a token with the key of somebody else', async () => {
    const flow = await bound();
    let sent: Headers | undefined;
    const capture = (url: string, init: { headers: Record<string, string>; method: string; body?: unknown }) => {
      sent = new Headers(init.headers);
      return fetch(url, init as RequestInit);
    };
    const headers = new Headers(modernHeaders('', 'tools/list'));
    headers.delete('authorization');
    const send = () =>
      oauth.protectedResourceRequest(flow.tokens.access_token, 'POST', new URL(stack().mcpUrl), headers, LIST, {
        DPoP: flow.dpop,
        [oauth.customFetch]: capture as never,
        ...insecure,
      });
    await send().catch(send);
    const replayed = await fetch(stack().mcpUrl, { method: 'POST', headers: sent ?? {}, body: LIST });
    expect(replayed.status).toBe(401);
    expect(await replayed.json()).toMatchObject({ error: 'invalid_dpop_proof' });
    const thief = { ...flow, dpop: oauth.DPoP(flow.client, await oauth.generateKeyPair('ES256')) };
    await expect(list(thief)).rejects.toThrow();
    const stolen = () =>
      oauth.refreshTokenGrantRequest(flow.as, flow.client, oauth.None(), flow.tokens.refresh_token ?? '', {
        DPoP: thief.dpop,
        ...insecure,
      });
    const process = async () => await oauth.processRefreshTokenResponse(flow.as, flow.client, await stolen());
    await expect(process().catch(process)).rejects.toThrow();
    // The thief ended nothing.
    expect((await list(flow)).status).toBe(200);
  });

  it('cannot redeem a code that another key was named for', async () => {
    const other = await oauth.DPoP({}, await oauth.generateKeyPair('ES256')).calculateThumbprint();
    await expect(bound({ jkt: other })).rejects.toMatchObject({ error: 'invalid_dpop_proof' });
  });
});

describe('a client that registered for bound tokens only (section 5.2)', () => {
  const register = { dpop_bound_access_tokens: true };

  it('is told that it did, gets a bound token with a proof, and nothing without', async () => {
    const flow = await bound({ register });
    expect(flow.client).toMatchObject(register);
    expect(flow.tokens.token_type).toBe('dpop');
    expect((await list(flow)).status).toBe(200);
    await expect(bound({ register, unproven: true })).rejects.toMatchObject({ error: 'invalid_dpop_proof' });
    const { status, error } = await refreshed(flow);
    expect([status, error]).toEqual([400, 'invalid_dpop_proof']);
  });

  it('is another than one that did not, and must say it in JSON', async () => {
    const plain = await bound({ register: { dpop_bound_access_tokens: false }, unproven: true });
    expect(plain.client).toMatchObject({ dpop_bound_access_tokens: false });
    expect(plain.tokens.token_type).toBe('bearer');
    expect((await bound({ unproven: true })).client).not.toHaveProperty('dpop_bound_access_tokens');
    const wrong = await fetch(`${stack().url}/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...new Person().clientMetadata, dpop_bound_access_tokens: 'yes' }),
    });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ error: 'invalid_client_metadata' });
  });

  /** A refresh without a proof. */
  async function refreshed({ client, tokens }: Bound): Promise<{ status: number; error: string }> {
    const form = {
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token ?? '',
      client_id: client.client_id,
    };
    const response = await fetch(`${stack().url}/token`, { method: 'POST', body: new URLSearchParams(form) });
    return { status: response.status, error: ((await response.json()) as { error: string }).error };
  }
});

describe('the SDK 2.4 client', () => {
  it('signs in, calls and goes on with a bound token', async () => {
    const session = await DpopSession.create({ alg: 'ES256' });
    class BoundPerson extends Person {
      dpop() {
        return session;
      }
    }
    const person = new BoundPerson();
    const open = () => ({
      client: new Client({ name: 'bound', version: '1' }, { versionNegotiation: { mode: { pin: MODERN_REVISION } } }),
      transport: new StreamableHTTPClientTransport(new URL(stack().mcpUrl), { authProvider: person }),
    });
    let { client, transport } = open();
    await client.connect(transport).catch(async (error) => {
      if (!(error instanceof UnauthorizedError)) throw error;
      await transport.finishAuth(person.callback());
      ({ client, transport } = open());
      await client.connect(transport);
    });
    expect(person.tokens()?.token_type.toLowerCase()).toBe('dpop');
    expect((await client.callTool({ name: 'get_me', arguments: {} })).structuredContent).toMatchObject({
      login: 'octocat',
    });
    await client.close();
    const [row] = await rowsOf(stack(), 1, "client_id = ? AND tool_name = 'get_me'", person.clientId);
    expect(row?.result_status).toBe('success');
  });
});

describe('a gate that wants bound tokens for what writes', () => {
  const strict = useStack({ DPOP: 'required_for_writes' });

  it('lets an unbound token read, and refuses its writes with a reason and a row', async () => {
    const { token, person } = await tokenOf(strict(), { choose: (boxes) => boxes.map((box) => box.scope) });
    expect((await callTool(strict(), token, 'get_me', {})).json.result.isError).toBeUndefined();
    const args = { method: 'create', owner: 'acme', repo: 'web', title: 'Not like this' };
    const refused = await callTool(strict(), token, 'issue_write', args);
    expect(refused.status).toBe(403);
    expect(refused.json.error.data).toMatchObject({ code: 'forbidden_by_policy', retryable: false });
    expect(refused.headers.get('www-authenticate')).toBeNull();
    const [row] = await rowsOf(strict(), 1, "client_id = ? AND tool_name = 'issue_write'", person.clientId);
    expect(row).toMatchObject({ result_status: 'denied', error_code: 'forbidden_by_policy' });
  });
});
