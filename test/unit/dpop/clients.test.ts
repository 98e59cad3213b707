/** Proofs as the libraries of real clients make them, which share no code with the gate. */
import { DpopSession } from '@modelcontextprotocol/client';
import * as oauth from 'oauth4webapi';
import { describe, expect, it } from 'vitest';
import { checkProof, PROOF_WINDOW } from '../../../src/auth/dpop/proof.ts';

const URI = 'https://gate.example/mcp';
const TOKEN = 'gh_1.AAAAAAAAAAAAAAAAAAAAAA:grant:secret';

const check = (header: string) =>
  checkProof(
    { header, method: 'POST', uris: [URI], accessToken: TOKEN },
    { window: PROOF_WINDOW, knowsNonce: (nonce) => nonce === 'k.1.a' },
    { now: Date.now(), subtle: crypto.subtle },
  );

describe('the MCP SDK', () => {
  it.each(['ES256', 'EdDSA', 'RS256', 'PS256'] as const)(
    '%s: its proof is accepted once it has the nonce',
    async (alg) => {
      const session = await DpopSession.create({ alg });
      const request = { htm: 'POST', htu: new URL(`${URI}?a=b`), accessToken: TOKEN };
      expect(await check(await session.buildProof(request))).toEqual({ ok: false, error: 'nonce_missing' });
      session.observeNonce(new Response(null, { headers: { 'DPoP-Nonce': 'k.1.a' } }), new URL(URI));
      expect(await check(await session.buildProof(request))).toMatchObject({
        ok: true,
        value: { jkt: session.thumbprint },
      });
    },
  );
});

describe('oauth4webapi', () => {
  it.each(['ES256', 'Ed25519', 'RS256', 'PS256'])('%s: its proof is accepted once it has the nonce', async (alg) => {
    const key = oauth.DPoP({}, await oauth.generateKeyPair(alg));
    const seen: string[] = [];
    const call = async () =>
      await oauth.protectedResourceRequest(TOKEN, 'POST', new URL(URI), new Headers(), null, {
        DPoP: key,
        [oauth.customFetch]: async (_, { headers }) => {
          seen.push(new Headers(headers).get('dpop') ?? '');
          return new Response(null, { headers: { 'DPoP-Nonce': 'k.1.a' } });
        },
      });
    await call();
    await call();
    expect(await check(seen[0] as string)).toEqual({ ok: false, error: 'nonce_missing' });
    expect(await check(seen[1] as string)).toMatchObject({ ok: true, value: { jkt: await key.calculateThumbprint() } });
  });
});
