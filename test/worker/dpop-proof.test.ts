/** The check of a proof in workerd, whose WebCrypto is not Node's. The cases are those of the unit tests, one of a kind. */
import { describe, expect, it } from 'vitest';
import { nonces } from '../../src/auth/dpop/nonce.ts';
import { checkProof, PROOF_WINDOW } from '../../src/auth/dpop/proof.ts';
import type { Json, Kind, ProofParts, Signer } from '../unit/dpop/make-proof.ts';
import { ALGS, b64, proofBy, signer } from '../unit/dpop/make-proof.ts';

const NOW = 1_800_000_030;
const URI = 'https://gate.example/mcp';
const base = { jti: 'a', htm: 'POST', htu: URI, iat: NOW };

async function outcome(by: Signer, parts: ProofParts = {}): Promise<string> {
  const header = await proofBy(by, base, parts);
  const request = { header, method: 'POST', uris: [URI] };
  const checked = await checkProof(request, { window: PROOF_WINDOW }, { now: NOW * 1000, subtle: crypto.subtle });
  return checked.ok ? 'accepted' : checked.error;
}

describe('in workerd', () => {
  it.each(ALGS)('%s: a proof is accepted, one by another key is not', async (alg: Kind) => {
    const [own, other] = [await signer(alg), await signer(alg)];
    expect(await outcome(own)).toBe('accepted');
    expect(await outcome(other, { header: { jwk: own.jwk } })).toBe('bad_signature');
    expect(await outcome(own, { header: { jwk: own.privateJwk } })).toBe('private_key');
  });

  it('the proof of RFC 9449 figure 2 has the thumbprint of its section 6.1', async () => {
    const header =
      'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg';
    const request = { header, method: 'POST', uris: ['https://server.example.com/token'] };
    const tools = { now: 1_562_262_616_000, subtle: crypto.subtle };
    expect(await checkProof(request, { window: PROOF_WINDOW }, tools)).toMatchObject({
      ok: true,
      value: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' },
    });
  });

  it('keys that are none are refused, not thrown', async () => {
    const [ec, okp, rsa] = [await signer('ES256'), await signer('EdDSA'), await signer('RS256')];
    const jwk = (by: Signer, changes: Json) => outcome(by, { header: { jwk: { ...by.jwk, ...changes } } });
    expect(await jwk(ec, { y: (await signer('ES256')).jwk.y })).toBe('invalid_key');
    expect(await jwk(ec, { x: b64(new Uint8Array(32)), y: b64(new Uint8Array(32)) })).toBe('invalid_key');
    expect(await jwk(okp, { x: b64(new Uint8Array(31)) })).toBe('invalid_key');
    expect(['bad_signature', 'invalid_key']).toContain(await jwk(okp, { x: b64(new Uint8Array(32).fill(255)) }));
    expect(['bad_signature', 'invalid_key']).toContain(await jwk(rsa, { n: b64(new Uint8Array(256).fill(254)) }));
    expect(await jwk(rsa, { n: b64(new Uint8Array(128).fill(255)) })).toBe('invalid_key');
  });

  it('nonces are those of Node: the one that test/unit/dpop/nonce.test.ts knows', () => {
    const gate = nonces([{ id: 'k1', secret: 'a'.repeat(32) }], 'https://gate.example');
    expect(gate.issue(1_800_000_000_000)).toBe('k1.3klmo.JJHVFsQu2gNk-z8b-mJRU8A0ubPYGFrnHqelg_4ZHj4');
  });
});
