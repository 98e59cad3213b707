/** Texts that only who has a secret can read: AES-256-GCM, with a key that follows from the secret and its use. */
import { createHash } from 'node:crypto';

/** In: a secret with chance enough in it, such as a token; what the key is for; a text. Out: `iv.data`, base64url. */
export async function sealUnder(secret: string, purpose: string, text: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const key = await keyOf(secret, purpose);
  const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, new TextEncoder().encode(text));
  return `${Buffer.from(iv).toString('base64url')}.${Buffer.from(data).toString('base64url')}`;
}

/** Undoes `sealUnder`. Throws where it was sealed under something else, or changed. */
export async function openUnder(secret: string, purpose: string, sealed: string): Promise<string> {
  const [iv = '', data = ''] = sealed.split('.');
  const algorithm = { name: 'AES-GCM', iv: Buffer.from(iv, 'base64url') };
  const key = await keyOf(secret, purpose);
  return new TextDecoder().decode(await crypto.subtle.decrypt(algorithm, key, Buffer.from(data, 'base64url')));
}

async function keyOf(secret: string, purpose: string): Promise<CryptoKey> {
  const digest = createHash('sha256').update(`gatehouse ${purpose}\0${secret}`).digest();
  return await crypto.subtle.importKey('raw', digest, 'AES-GCM', false, ['encrypt', 'decrypt']);
}
