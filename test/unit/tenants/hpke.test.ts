/** Against the example of RFC 9180, and against what an attacker could do to a sealed secret. */
import { describe, expect, it } from 'vitest';
import type { KeyRing } from '../../../src/config.ts';
import { deriveKeyPair, open, seal } from '../../../src/tenants/hpke.ts';
import { openSecret, sealingKey, sealSecret } from '../../../src/tenants/secrets.ts';

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
const asHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** Appendix A.1.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base setup. */
const RFC = {
  info: '4f6465206f6e2061204772656369616e2055726e',
  ikmE: '7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234',
  pkEm: '37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431',
  ikmR: '6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037',
  pkRm: '3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d',
  pt: '4265617574792069732074727574682c20747275746820626561757479',
  aad: '436f756e742d30',
  ct: 'f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a',
};

describe('hybrid public key encryption', () => {
  it('gives the known answers of RFC 9180, appendix A.1.1', async () => {
    const [sender, recipient] = [await deriveKeyPair(hex(RFC.ikmE)), await deriveKeyPair(hex(RFC.ikmR))];
    expect([asHex(sender.publicKey), asHex(recipient.publicKey)]).toEqual([RFC.pkEm, RFC.pkRm]);
    const binding = { info: hex(RFC.info), aad: hex(RFC.aad) };
    const sealed = await seal(recipient.publicKey, hex(RFC.pt), binding, sender);
    expect(asHex(sealed)).toBe(RFC.pkEm + RFC.ct);
    expect(asHex(await open(recipient, sealed, binding))).toBe(RFC.pt);
  });

  it('opens nothing that was changed, cut, or sealed for something else', async () => {
    const pair = await deriveKeyPair(hex(RFC.ikmR));
    const binding = { info: hex(RFC.info), aad: hex(RFC.aad) };
    const sealed = hex(RFC.pkEm + RFC.ct);
    for (let i = 0; i < sealed.length; i += 7) {
      const changed = sealed.slice();
      changed[i] = (changed[i] ?? 0) ^ 1;
      await expect(open(pair, changed, binding)).rejects.toThrow();
    }
    for (const cut of [0, 31, 32, 47, sealed.length - 1]) {
      await expect(open(pair, sealed.slice(0, cut), binding)).rejects.toThrow();
    }
    await expect(open(pair, sealed, { ...binding, aad: hex('00') })).rejects.toThrow();
    await expect(open(pair, sealed, { ...binding, info: hex('00') })).rejects.toThrow();
    // A public key of small order would give everybody the same key (section 7.1.4).
    await expect(seal(new Uint8Array(32), hex('00'), binding, pair)).rejects.toThrow();
  });
});

describe("a tenant's secret", () => {
  const first = { id: 'k1', secret: 'the first key of the Worker, 0123456789' };
  const second = { id: 'k2', secret: 'the second key of the Worker, 0123456789' };
  const SECRET = 'ghs_a client secret: ünïcode too';

  it('is opened by the key it was sealed to, also when that is a predecessor, and by none after that', async () => {
    const sealed = await sealSecret(await sealingKey([first]), 'acme', SECRET);
    expect(sealed).toMatch(/^k1\.[\w-]+$/);
    expect(sealed).not.toContain(Buffer.from(SECRET).toString('base64url').slice(0, 12));
    const rings: readonly (readonly [KeyRing, string | undefined])[] = [
      [[first], SECRET],
      [[second, first], SECRET],
      [[second], undefined],
      [[{ ...second, id: 'k1' }], undefined],
    ];
    for (const [ring, expected] of rings) expect(await openSecret(ring, 'acme', sealed)).toBe(expected);
    expect((await sealingKey([second, first])).key_id).toBe('k2');
  });

  it('is sealed anew each time, and opens for its own tenant only', async () => {
    const key = await sealingKey([first]);
    const [a, b] = [await sealSecret(key, 'acme', SECRET), await sealSecret(key, 'acme', SECRET)];
    expect(a).not.toBe(b);
    expect(await openSecret([first], 'globex', a)).toBeUndefined();
    for (const wrong of ['', 'k1', 'k1.', 'k1.!!', 'k9.abc', 'k1.abc.def']) {
      expect(await openSecret([first], 'acme', wrong)).toBeUndefined();
    }
  });
});
