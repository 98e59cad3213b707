/**
 * How often one address may begin a sign-in or register a client: what anybody can ask for before anybody is known. The
 * documents of clients (CIMD) are fetched by a sign-in that begins, so this limits them too.
 */
import type { Config } from '../config.ts';
import type { AttemptLimit } from '../gate/attempts.ts';
import { shardOf } from './store/face.ts';

/** The registries, as seen from here: no object is made for an address. */
export interface AttemptKeepers {
  readonly REGISTRY: {
    getByName(name: string): { attempt(key: string, limit: AttemptLimit): Promise<number> | number };
  };
}

export type AttemptKind = 'sign_in' | 'register';

/**
 * In: the value of CF-Connecting-IP, or null. Out: what counts as one address: an IPv4 address, the /64 of an IPv6 one,
 * which is what one network has. What is missing or no address is one too: Cloudflare always says it, a local gate never.
 */
export function addressKey(address: string | null): string {
  const text = address ?? '';
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return text;
  if (!/^[\da-f.]*:[\da-f:.]*$/i.test(text) || !URL.canParse(`http://[${text}]/`)) return 'unknown';
  // The URL parser writes it in its one short form (RFC 5952).
  const [head = '', tail] = new URL(`http://[${text}]/`).hostname.slice(1, -1).split('::');
  const [first, last] = [head, tail ?? ''].map((half) => half.split(':').filter((group) => group !== '')) as [
    string[],
    string[],
  ];
  const groups = [...first, ...Array<string>(8 - first.length - last.length).fill('0'), ...last];
  // An IPv4 address in IPv6 form (RFC 4291 section 2.5.5.2) has nothing of its own in its first 64 bits.
  const mapped = groups.slice(0, 5).every((group) => group === '0') && groups[5] === 'ffff';
  return mapped ? groups.slice(5).join(':') : `${groups.slice(0, 4).join(':')}::/64`;
}

/** Counts an attempt. Out: undefined where it may go on, or the whole seconds after which one would. */
export async function refusedFor(
  kind: AttemptKind,
  address: string | null,
  { REGISTRY }: AttemptKeepers,
  { tenant, limits }: Config,
): Promise<number | undefined> {
  const key = `${kind}:${addressKey(address)}`;
  const seconds = await REGISTRY.getByName(`${tenant}:${shardOf(key)}`).attempt(key, limits.signIn);
  return seconds === 0 ? undefined : seconds;
}
