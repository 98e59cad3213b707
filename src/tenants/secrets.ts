/**
 * Secrets of tenants, sealed to a key of the Worker. Its public half can be known to anyone; which of the Worker's keys a
 * secret is sealed to stands in front of it, so that a predecessor still opens it.
 */
import type { KeyRing, SecretKey } from '../config.ts';
import { derivedKey } from '../core/derived-key.ts';
import type { Binding, KeyPair } from './hpke.ts';
import { deriveKeyPair, open, seal } from './hpke.ts';

/** What to seal to. Plain data: `GET /sealing-key` answers it. */
export interface SealingKey {
  /** Of the Worker's secret key: `k1` for SECRET_KEY, `k2` for SECRET_KEY_2. */
  readonly key_id: string;
  /** X25519, 32 bytes in base64url. */
  readonly public_key: string;
}

/** The key to seal to from now on. */
export async function sealingKey([current]: KeyRing): Promise<SealingKey> {
  const { publicKey } = await pairOf(current);
  return { key_id: current.id, public_key: Buffer.from(publicKey).toString('base64url') };
}

/** In: a key to seal to, whose secret it is, the secret. Out: `{key id}.{base64url}`. */
export async function sealSecret(to: SealingKey, tenant: string, secret: string): Promise<string> {
  const fresh = await deriveKeyPair(crypto.getRandomValues(new Uint8Array(32)));
  const sealed = await seal(Buffer.from(to.public_key, 'base64url'), Buffer.from(secret), bindingOf(tenant), fresh);
  return `${to.key_id}.${Buffer.from(sealed).toString('base64url')}`;
}

/** Undoes `sealSecret`; undefined where no key of the Worker opens it for this tenant. */
export async function openSecret(ring: KeyRing, tenant: string, sealed: string): Promise<string | undefined> {
  const [id, data = ''] = sealed.split('.');
  const key = ring.find((known) => known.id === id);
  if (key === undefined) return undefined;
  try {
    const opened = await open(await pairOf(key), Buffer.from(data, 'base64url'), bindingOf(tenant));
    return new TextDecoder().decode(opened);
  } catch {
    return undefined;
  }
}

/** A secret that is moved to another tenant's row does not open there. */
function bindingOf(tenant: string): Binding {
  return { info: Buffer.from('gatehouse tenant secret'), aad: Buffer.from(tenant) };
}

async function pairOf({ secret }: SecretKey): Promise<KeyPair> {
  return await deriveKeyPair(Buffer.from(derivedKey(secret, 'tenant secrets'), 'base64url'));
}
