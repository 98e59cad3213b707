/**
 * Cursors: where a result goes on, sealed. A tool says which of its arguments read on (`next` in its data); what goes
 * out is those and a MAC over them, the person, the tool and all other arguments, so that a cursor continues the very
 * call it came from and says nothing that it was not told. Predecessors of the gate's key still open what they sealed.
 */
import type { Position } from '../catalogue/define.ts';
import type { Config } from '../config.ts';
import { derivedKey, macOf, sameText } from '../core/derived-key.ts';
import { isObject } from '../core/json.ts';
import type { Principal } from '../core/principal.ts';
import { unfit } from '../github/guard.ts';
import { ordered } from './confirm-state.ts';

/** The argument that takes a cursor. */
const AFTER = 'after';
/** Characters of the MAC kept: 128 bits (RFC 2104, section 5). */
const MAC = 22;

/** What a cursor belongs to. */
export interface PagedCall {
  readonly principal: Pick<Principal, 'tenant' | 'user'>;
  readonly tool: string;
  /** As checked by the tool's schema. */
  readonly args: Readonly<Record<string, unknown>>;
}

type Keys = Pick<Config, 'secretKeys'>;

/** Out: the cursor that leads to a position of this call. */
export function sealCursor({ secretKeys }: Keys, call: PagedCall, position: Position): string {
  return macOfPosition(secretKeys[0].secret, call, position) + toBase64Url(JSON.stringify(position));
}

/**
 * In: a call. Out: its arguments, and where it brings a cursor, those with which it goes on. Throws `invalid_arguments`
 * for a cursor that was made up or changed, or came from another call.
 */
export function openCursor<Args extends Readonly<Record<string, unknown>>>(
  { secretKeys }: Keys,
  call: PagedCall & { readonly args: Args },
): Args {
  const { [AFTER]: cursor, ...others } = call.args;
  if (typeof cursor !== 'string') return call.args;
  const position = positionIn(cursor.slice(MAC));
  const fits = (secret: string) => sameText(cursor.slice(0, MAC), macOfPosition(secret, call, position ?? {}));
  if (position === undefined || !secretKeys.some(({ secret }) => fits(secret))) {
    throw unfit(AFTER, 'must be a next_cursor of this tool, with the same other arguments as the call it came from');
  }
  return { ...others, ...position } as unknown as Args;
}

function macOfPosition(secret: string, { principal: { tenant, user }, tool, args }: PagedCall, position: Position) {
  const others = Object.entries(args).filter(([name]) => name !== AFTER && !Object.hasOwn(position, name));
  const parts = [tenant, user.id, tool, ordered(Object.fromEntries(others)), ordered(position)];
  return macOf(derivedKey(secret, 'cursor'), JSON.stringify(parts)).slice(0, MAC);
}

function positionIn(written: string): Position | undefined {
  try {
    const position: unknown = JSON.parse(fromBase64Url(written));
    return isObject(position) ? (position as Position) : undefined;
  } catch {
    return undefined;
  }
}

/** RFC 4648 section 5. */
function toBase64Url(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function fromBase64Url(text: string): string {
  return Buffer.from(text, 'base64url').toString();
}
