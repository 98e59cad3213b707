/** The table of RFC 9449 section 5 and its neighbours: what a token request with or without a proof comes to. */
import { describe, expect, it } from 'vitest';
import type { RefusalReason } from '../../../src/auth/dpop/refusal.ts';
import type { Ask } from './endpoints.ts';
import { answer, NONCE } from './endpoints.ts';
import { mcp, ownJkt, thief, thiefJkt, token } from './spoil.ts';

/** Token type, key of the token, key of the grant; or the reason of the refusal. */
type Expected = RefusalReason | readonly [type: string, token: string | undefined, grant: string | undefined];
type Row = readonly [
  section: string,
  name: string,
  proof: () => Promise<string> | string | null,
  Expected,
  Partial<Ask>?,
];

const BEARER = ['Bearer', undefined, undefined] as const;
const BOUND = ['DPoP', ownJkt, ownJkt] as const;

// biome-ignore format: a table, one case a line
const ROWS: readonly Row[] = [
  ['5', 'a proof by a public client: token and grant are bound', () => token(), BOUND],
  ['5', 'a proof by a confidential client: the token is bound, the grant is not', () => token(), ['DPoP', ownJkt, undefined], { publicClient: false }],
  ['5', 'no proof: a bearer token', () => null, BEARER],
  ['5', 'an invalid proof does not become a bearer token', () => 'x', 'malformed'],
  ['5', 'a proof made for the resource', () => mcp(), 'other_uri'],
  ['8', 'no nonce (figure 20)', () => token({ claims: { nonce: undefined } }), 'nonce_missing'],
  ['5', 'a bound refresh token without a proof', () => null, 'proof_missing', { grantJkt: thiefJkt }],
  ['5', 'a stolen refresh token with a proof of the thief', () => token({}, thief), 'grant_of_other_key', { grantJkt: ownJkt }],
  ['5', 'a bound refresh token with its proof', () => token(), BOUND, { grantJkt: ownJkt }],
  ['5', 'a confidential client with a new key', () => token({}, thief), ['DPoP', thiefJkt, undefined], { publicClient: false }],
  ['5', 'an unbound refresh token with a proof is bound from now on', () => token(), BOUND],
  ['5.2', 'a client registered with dpop_bound_access_tokens, without a proof', () => null, 'proof_missing', { alwaysBound: true }],
  ['5', 'no proof where the tenant requires binding', () => null, 'proof_missing', { policy: 'required' }],
  ['5', 'no proof where only writes require binding', () => null, BEARER, { policy: 'required_for_writes' }],
  ['10', 'a code of another key', () => token({}, thief), 'code_of_other_key', { codeJkt: ownJkt }],
  ['10', 'a code of a key, without a proof', () => null, 'proof_missing', { codeJkt: ownJkt }],
  ['10', 'a code of this key', () => token(), BOUND, { codeJkt: ownJkt }],
];

const cased = ([section, name, proof, expected, more]: Row) => ({ section, name, proof, expected, more });

describe('at the token endpoint', () => {
  it.each(ROWS.map(cased))('section $section: $name', async ({ proof, expected, more }) => {
    const { response, reason } = await answer({ at: '/token', proof: await proof(), ...more });
    const body = (await response.json()) as Record<string, string>;
    if (typeof expected !== 'string') {
      expect(response.status).toBe(200);
      return expect([body.token_type, body.jkt, body.grant]).toEqual(expected);
    }
    expect(reason).toBe(expected);
    const error = expected.startsWith('nonce_') ? 'use_dpop_nonce' : 'invalid_dpop_proof';
    expect([response.status, body.error]).toEqual([400, error]);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('dpop-nonce')).toBe(NONCE);
  });
});
