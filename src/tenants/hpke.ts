/**
 * Hybrid public key encryption (RFC 9180), one message, base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM.
 * Whoever has the public key can seal, only the Worker can open: a command line needs no secret of the Worker.
 */
import { createHmac } from 'node:crypto';

type Bytes = Uint8Array<ArrayBuffer>;

const X25519 = { name: 'X25519' };
/** Section 7: KEM 0x0020; KDF 0x0001; AEAD 0x0001. */
const KEM_SUITE = Buffer.from('KEM\x00\x20', 'latin1');
const HPKE_SUITE = Buffer.from('HPKE\x00\x20\x00\x01\x00\x01', 'latin1');
const KEY_BYTES = 32;
const NONE = Buffer.alloc(0);
/** RFC 8410 section 7: the DER before the 32 bytes of a private key. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b656e04220420', 'hex');

export interface KeyPair {
  readonly privateKey: CryptoKey;
  /** 32 bytes. */
  readonly publicKey: Bytes;
}

/** In: any bytes with 256 bits of chance in them. Out: the key pair they stand for (section 7.1.3). */
export async function deriveKeyPair(ikm: Uint8Array): Promise<KeyPair> {
  const prk = labeledExtract(KEM_SUITE, NONE, 'dkp_prk', ikm);
  return await keyPairOf(labeledExpand(KEM_SUITE, prk, 'sk', NONE, KEY_BYTES));
}

/** In: the 32 bytes of a private key. Out: the pair. */
export async function keyPairOf(secret: Uint8Array): Promise<KeyPair> {
  const der = Buffer.concat([PKCS8_HEAD, secret]);
  // Extractable, because its public half is asked for; it does not leave this function so.
  const key = await crypto.subtle.importKey('pkcs8', der, X25519, true, ['deriveBits']);
  const { x = '' } = (await crypto.subtle.exportKey('jwk', key)) as JsonWebKey;
  const privateKey = await crypto.subtle.importKey('pkcs8', der, X25519, false, ['deriveBits']);
  return { privateKey, publicKey: bytes(Buffer.from(x, 'base64url')) };
}

/** What a message is sealed with besides its key: what it is for, and what it belongs to. */
export interface Binding {
  readonly info: Uint8Array;
  readonly aad: Uint8Array;
}

/** In: the recipient's public key, a message, a fresh key pair. Out: the fresh public key, then the sealed message. */
export async function seal(
  publicKey: Uint8Array,
  message: Uint8Array,
  binding: Binding,
  fresh: KeyPair,
): Promise<Bytes> {
  const shared = await dh(fresh.privateKey, publicKey);
  const { key, iv } = await schedule(shared, fresh.publicKey, publicKey, binding.info);
  const sealed = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData: bytes(binding.aad) },
    key,
    bytes(message),
  );
  return bytes(Buffer.concat([fresh.publicKey, new Uint8Array(sealed)]));
}

/** Undoes `seal`. Throws where the message was sealed for another key or binding, or was changed. */
export async function open({ privateKey, publicKey }: KeyPair, sealed: Uint8Array, binding: Binding): Promise<Bytes> {
  const enc = sealed.slice(0, KEY_BYTES);
  const shared = await dh(privateKey, enc);
  const { key, iv } = await schedule(shared, enc, publicKey, binding.info);
  const opened = await crypto.subtle.decrypt(
    { name: 'AES-GCM', iv, additionalData: bytes(binding.aad) },
    key,
    bytes(sealed.slice(KEY_BYTES)),
  );
  return new Uint8Array(opened);
}

/** Section 4.1. WebCrypto refuses a shared secret of zeros, as section 7.1.4 demands. */
async function dh(privateKey: CryptoKey, publicKey: Uint8Array): Promise<Buffer> {
  const other = await crypto.subtle.importKey('raw', bytes(publicKey), X25519, false, []);
  // The Workers' types call it `$public`; the standard's name is what every runtime reads.
  const algorithm = { ...X25519, public: other } as object as Parameters<SubtleCrypto['deriveBits']>[0];
  return Buffer.from(await crypto.subtle.deriveBits(algorithm, privateKey, KEY_BYTES * 8));
}

/** Sections 4.1 and 5.1: from what both sides share to the key and nonce of the one message, mode 0. */
async function schedule(shared: Buffer, enc: Uint8Array, recipient: Uint8Array, info: Uint8Array) {
  const prk = labeledExtract(KEM_SUITE, NONE, 'eae_prk', shared);
  const secret = labeledExpand(KEM_SUITE, prk, 'shared_secret', Buffer.concat([enc, recipient]), KEY_BYTES);
  const context = Buffer.concat([
    Buffer.from([0]),
    labeledExtract(HPKE_SUITE, NONE, 'psk_id_hash', NONE),
    labeledExtract(HPKE_SUITE, NONE, 'info_hash', info),
  ]);
  const base = labeledExtract(HPKE_SUITE, secret, 'secret', NONE);
  const raw = labeledExpand(HPKE_SUITE, base, 'key', context, 16);
  const key = await crypto.subtle.importKey('raw', bytes(raw), 'AES-GCM', false, ['encrypt', 'decrypt']);
  return { key, iv: bytes(labeledExpand(HPKE_SUITE, base, 'base_nonce', context, 12)) };
}

function labeledExtract(suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array): Buffer {
  const parts = [Buffer.from('HPKE-v1'), suite, Buffer.from(label), ikm];
  return createHmac('sha256', salt).update(Buffer.concat(parts)).digest();
}

/** One round of HKDF-Expand (RFC 5869 section 2.3) is 32 bytes, which is the most that is asked for here. */
function labeledExpand(suite: Uint8Array, prk: Uint8Array, label: string, info: Uint8Array, length: number): Buffer {
  const parts = [Buffer.from([length >> 8, length & 255]), Buffer.from('HPKE-v1'), suite, Buffer.from(label), info];
  return createHmac('sha256', prk)
    .update(Buffer.concat([...parts, Buffer.from([1])]))
    .digest()
    .subarray(0, length);
}

function bytes(view: Uint8Array): Bytes {
  return new Uint8Array(view);
}
