import { describe, expect, it } from 'vitest';
import { NONCE_SLOT, nonces } from '../../../src/auth/dpop/nonce.ts';
import { random } from '../../support/random.ts';

const OLD = { id: 'k1', secret: 'a'.repeat(32) };
const NEW = { id: 'k2', secret: 'b'.repeat(32) };
const SLOT = NONCE_SLOT * 1000;
const START = 6_000_000 * SLOT;
const gate = nonces([NEW, OLD], 'https://gate.example');

describe('a nonce', () => {
  it('has the characters of section 8.1, is the same within its slot, and another in the next', () => {
    const nonce = gate.issue(START);
    expect(nonce).toMatch(/^[\x21\x23-\x5b\x5d-\x7e]+$/);
    expect(gate.issue(START + SLOT - 1)).toBe(nonce);
    expect(gate.issue(START + SLOT)).not.toBe(nonce);
  });

  it('is the same on every machine', () => {
    expect(nonces([OLD], 'https://gate.example').issue(1_800_000_000_000)).toBe(
      'k1.3klmo.JJHVFsQu2gNk-z8b-mJRU8A0ubPYGFrnHqelg_4ZHj4',
    );
  });

  it('is known in its slot and the one after, and to a clock that is a slot behind, and no longer', () => {
    const nonce = gate.issue(START);
    const known = [-SLOT - 1, -1, 0, SLOT - 1, 2 * SLOT - 1, 2 * SLOT].map((after) => gate.knows(nonce, START + after));
    expect(known).toEqual([false, true, true, true, true, false]);
  });

  it('outlives a rotation of keys, but not its key', () => {
    const before = nonces([OLD], 'https://gate.example').issue(START);
    expect(gate.knows(before, START)).toBe(true);
    expect(gate.issue(START).startsWith('k2.')).toBe(true);
    expect(nonces([NEW], 'https://gate.example').knows(before, START)).toBe(false);
  });

  it('belongs to its audience and key', () => {
    const nonce = gate.issue(START);
    expect(nonces([NEW], 'https://gate.example/t/acme').knows(nonce, START)).toBe(false);
    expect(nonces([{ ...NEW, secret: 'c'.repeat(32) }], 'https://gate.example').knows(nonce, START)).toBe(false);
    // The same MAC under the name of another key.
    expect(gate.knows(nonce.replace(/^k2/, 'k1'), START)).toBe(false);
  });

  it('is sent anew where the client does not have the current one (section 8.2)', () => {
    const nonce = gate.issue(START);
    expect(gate.next(nonce, START)).toBeUndefined();
    expect(gate.next(nonce, START + SLOT)).toBe(gate.issue(START + SLOT));
    expect(gate.next(undefined, START)).toBe(nonce);
    expect(gate.next(nonces([OLD], 'https://gate.example').issue(START), START)).toBe(nonce);
  });

  it.each(['', '.', '..', 'k2', 'k2..', 'k9.3k.AAAA', '__proto__.1.A', `k2.1.${'A'.repeat(43)}`, 'x'.repeat(10_000)])(
    'is not %j',
    (made) => {
      expect(gate.knows(made, START)).toBe(false);
    },
  );

  it('is not one with any character changed, put in or left out', () => {
    const nonce = gate.issue(START);
    const next = random(5);
    for (let at = 0; at < nonce.length; at++) {
      for (let i = 0; i < 8; i++) {
        const any = String.fromCharCode(33 + Math.floor(next() * 94));
        const [before, rest] = [nonce.slice(0, at), nonce.slice(at + 1)];
        for (const changed of [before + any + rest, before + rest, before + any + nonce.slice(at)]) {
          if (changed !== nonce) expect(gate.knows(changed, START), changed).toBe(false);
        }
      }
    }
  });
});
