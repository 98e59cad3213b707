/**
 * The seal over a chain's ends, which its Writer keeps: made with a key of the Worker, so that ends that somebody put
 * into the Writer's storage are known for what they are. Pure.
 */
import { derivedKey, macOf, sameText } from '../core/derived-key.ts';
import type { ChainHead } from './chain.ts';

/** Where the rows begin that are in D1, and where they end. */
export interface ChainEnds {
  /** The last row that was archived or dropped; `seq` 0 where none was. */
  readonly cut: ChainHead;
  readonly head: ChainHead;
}

/** Keys that seal: the first one makes seals, all of them open. */
export type SealKeys = readonly [string, ...string[]];

/** In: the Worker's secret keys, the current one first. */
export function sealKeys([current, ...others]: readonly [{ secret: string }, ...{ secret: string }[]]): SealKeys {
  const keyOf = ({ secret }: { secret: string }) => derivedKey(secret, 'audit chain ends');
  return [keyOf(current), ...others.map(keyOf)];
}

/** Out: the seal, made with the current key. */
export function seal(ends: ChainEnds, [current]: SealKeys): string {
  return macOf(current, ...partsOf(ends));
}

/** Whether the seal was made over these ends with one of the keys. */
export function isSealed(ends: ChainEnds, mac: string, keys: SealKeys): boolean {
  return keys.some((key) => sameText(mac, macOf(key, ...partsOf(ends))));
}

function partsOf({ cut, head }: ChainEnds): string[] {
  return [head.chain_id, String(cut.seq), cut.hash, String(head.seq), head.hash];
}
