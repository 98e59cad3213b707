/** What holds for every proof: a change of a single character, byte or bit is never accepted. Seeded. */
import { beforeAll, describe, expect, it } from 'vitest';
import { checkProof, PROOF_WINDOW } from '../../../src/auth/dpop/proof.ts';
import { random } from '../../support/random.ts';
import type { Kind } from './make-proof.ts';
import { ALGS, proofBy, signer } from './make-proof.ts';

const NOW = 1_800_000_000;
const URI = 'https://gate.example/mcp';
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const accepted = async (header: string) => {
  const request = { header, method: 'POST', uris: [URI] };
  return (await checkProof(request, { window: PROOF_WINDOW }, { now: NOW * 1000, subtle: crypto.subtle })).ok;
};

describe.each(ALGS)('a proof by %s', (alg: Kind) => {
  let proof = '';
  beforeAll(async () => {
    proof = await proofBy(await signer(alg), { jti: 'a', htm: 'POST', htu: URI, iat: NOW });
    expect(await accepted(proof)).toBe(true);
  });

  it('is refused with any one character changed to another of its alphabet', async () => {
    const next = random(ALGS.indexOf(alg) + 1);
    // Every place once, and the last ones of each part with every letter: there a letter has bits that mean nothing.
    const dots = [proof.indexOf('.'), proof.lastIndexOf('.'), proof.length];
    const letters = (at: number) => (dots.includes(at + 1) ? [...BASE64URL] : [BASE64URL[Math.floor(next() * 64)]]);
    for (let at = 0; at < proof.length; at++) {
      for (const letter of letters(at)) {
        if (letter === proof[at]) continue;
        const changed = `${proof.slice(0, at)}${letter}${proof.slice(at + 1)}`;
        expect(await accepted(changed), `place ${at}, letter ${letter}`).toBe(false);
      }
    }
  });

  it('is refused with any character put in, left out, doubled or swapped', async () => {
    const next = random(100 + ALGS.indexOf(alg));
    for (let i = 0; i < 400; i++) {
      const at = Math.floor(next() * (proof.length - 1));
      const any = String.fromCharCode(Math.floor(next() * 256));
      const [before, here, rest] = [proof.slice(0, at), proof[at] as string, proof.slice(at + 1)];
      const edits = [before + any + here + rest, before + rest, before + here + here + rest];
      edits.push(before + rest[0] + here + rest.slice(1), before + any + rest);
      for (const changed of edits) {
        if (changed !== proof) expect(await accepted(changed), `seed step ${i}, place ${at}`).toBe(false);
      }
    }
  });

  it('is refused with any bit of a part flipped', async () => {
    const next = random(200 + ALGS.indexOf(alg));
    for (let i = 0; i < 400; i++) {
      const parts = proof.split('.');
      const part = Math.floor(next() * 3);
      const bytes = Buffer.from(parts[part] as string, 'base64url');
      const at = Math.floor(next() * bytes.length);
      bytes[at] = (bytes[at] as number) ^ (1 << Math.floor(next() * 8));
      parts[part] = bytes.toString('base64url');
      expect(await accepted(parts.join('.')), `seed step ${i}, part ${part}, byte ${at}`).toBe(false);
    }
  });

  it('is refused with the parts of another proof', async () => {
    const other = await proofBy(await signer(alg), { jti: 'b', htm: 'POST', htu: URI, iat: NOW });
    const [a, b] = [proof.split('.'), other.split('.')];
    for (const mixed of [0, 1, 2].map((part) => a.with(part, b[part] as string))) {
      expect(await accepted(mixed.join('.'))).toBe(false);
    }
  });
});

describe('any text', () => {
  it('gets an answer, never an exception', async () => {
    const next = random(7);
    const pool = `${BASE64URL}.=,{}"\\ \u0000é`;
    for (let i = 0; i < 2000; i++) {
      const parts = Array.from({ length: Math.floor(next() * 60) }, () => pool[Math.floor(next() * pool.length)]);
      expect(await accepted(parts.join(''))).toBe(false);
    }
  });

  it('gets one as well where header and claims are any JSON', async () => {
    const next = random(8);
    const values = [
      null,
      0,
      -1,
      1e308,
      '',
      'ES256',
      [],
      {},
      { kty: 'EC' },
      true,
      'dpop+jwt',
      { kty: 'RSA', n: 'AQ', e: 'AQ' },
    ];
    const names = [
      'typ',
      'alg',
      'jwk',
      'crit',
      'jti',
      'htm',
      'htu',
      'iat',
      'nonce',
      'ath',
      'exp',
      '__proto__',
      'constructor',
    ];
    const pick = <T>(list: readonly T[]) => list[Math.floor(next() * list.length)] as T;
    const part = () => {
      const members = Array.from(
        { length: Math.floor(next() * 9) },
        () => `${JSON.stringify(pick(names))}:${JSON.stringify(pick(values))}`,
      );
      return Buffer.from(`{${members.join(',')}}`).toString('base64url');
    };
    for (let i = 0; i < 3000; i++) expect(await accepted(`${part()}.${part()}.${part()}`)).toBe(false);
  });
});
