/** RFC 9449 section 11.1: a proof is good for one request. */
import { describe, expect, it } from 'vitest';
import { PROOF_WINDOW } from '../../../src/auth/dpop/proof.ts';
import { rememberMs, replayKey } from '../../../src/auth/dpop/replay.ts';
import { answer, NOW } from './endpoints.ts';
import { claims, mcp, ownJkt, thief, thiefJkt, token } from './spoil.ts';

describe('section 11.1: replay', () => {
  const ask = async (used: Set<string>, proof: string, tokenJkt = ownJkt) =>
    (await answer({ at: '/mcp', proof, tokenJkt, used })).reason;

  it('refuses a proof the second time, also where its URI is written in another way', async () => {
    const used = new Set<string>();
    const proof = await mcp();
    expect([await ask(used, proof), await ask(used, proof)]).toEqual([undefined, 'replayed']);
    const twins = [await claims({ jti: 'twin' }), await claims({ jti: 'twin', htu: 'https://GATE.example:443/mcp' })];
    expect([await ask(used, twins[0] as string), await ask(used, twins[1] as string)]).toEqual([undefined, 'replayed']);
  });

  it('refuses a jti again in a new proof of the same key, and not in one of another key', async () => {
    const used = new Set<string>();
    const same = { claims: { jti: 'same' } };
    expect([
      await ask(used, await mcp(same)),
      await ask(used, await mcp({ claims: { jti: 'same', iat: NOW - 1 } })),
    ]).toEqual([undefined, 'replayed']);
    expect(await ask(used, await mcp(same, thief), thiefJkt)).toBeUndefined();
  });

  it('does not use up a proof that is refused for something else', async () => {
    const used = new Set<string>();
    const proof = await mcp();
    expect([await ask(used, proof, thiefJkt), await ask(used, proof)]).toEqual(['other_key', undefined]);
  });

  it('refuses a proof the second time at the token endpoint', async () => {
    const used = new Set<string>();
    const proof = await token();
    const reasons = [];
    for (let i = 0; i < 2; i++) reasons.push((await answer({ at: '/token', proof, used })).reason);
    expect(reasons).toEqual([undefined, 'replayed']);
  });

  it('remembers for twice the time a proof can be accepted in', () => {
    expect(rememberMs(PROOF_WINDOW)).toBe(140_000);
    expect(rememberMs({ maxAge: 5, maxAhead: 0 })).toBe(10_000);
  });

  it('has a key of one size that two proofs do not share', () => {
    const proof = { jkt: 'k', htu: 'https://a.example/', jti: 'b' };
    const keys = [
      proof,
      { ...proof, jkt: 'l' },
      { ...proof, jti: 'c' },
      { ...proof, htu: 'https://a.example/b', jti: '' },
      { ...proof, htu: 'https://a.example', jti: '/b' },
      { ...proof, jti: 'x'.repeat(256) },
    ].map(replayKey);
    expect(new Set(keys).size).toBe(keys.length);
    expect(new Set(keys.map((key) => key.length))).toEqual(new Set([43]));
  });
});
