/**
 * The state that goes out with a question and comes back with its answer: sealed, good for ten minutes, and only for
 * the same person, client, tool and arguments. That it is good once, the person's Gate remembers.
 */
import { createHash } from 'node:crypto';
import type { ServerContext } from '@modelcontextprotocol/server';
import { createRequestStateCodec } from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { Config } from '../config.ts';
import { derivedKey } from '../core/derived-key.ts';
import { isObject } from '../core/json.ts';
import type { Principal } from '../core/principal.ts';
import { CONFIRM_MS } from '../gate/confirmations.ts';

/** What an answer is good for. */
export interface BoundTo {
  readonly principal: Pick<Principal, 'tenant' | 'user' | 'client' | 'jkt'>;
  readonly tool: string;
  /** As checked by the tool's schema. */
  readonly args: Readonly<Record<string, unknown>>;
}

const stateShape = z.strictObject({
  /** Names this question, so that its answer is used once. */
  id: z.string(),
  /** The call_id of the round that asked. */
  callId: z.string(),
  question: z.string(),
  /** What the question was about; nothing else runs on its answer. */
  pins: z.record(z.string(), z.string()),
});
export type ConfirmState = z.output<typeof stateShape>;

type Keys = Pick<Config, 'secretKeys'>;

/** Out: the sealed state. The client can read it, not change it. */
export async function sealState({ secretKeys }: Keys, bound: BoundTo, state: ConfirmState): Promise<string> {
  return await codecOf(secretKeys[0].secret, bound).mint(state, NO_CONTEXT);
}

/** Out: the state; undefined where it was made up or changed, is too old, or was sealed for another call. */
export async function openState(
  { secretKeys }: Keys,
  bound: BoundTo,
  sealed: string,
): Promise<ConfirmState | undefined> {
  for (const { secret } of secretKeys) {
    const opened = await codecOf(secret, bound)
      .verify(sealed, NO_CONTEXT)
      .catch(() => undefined);
    const state = stateShape.safeParse(opened);
    if (state.success) return state.data;
  }
  return undefined;
}

/** Names a call by who, which client, which tool and which arguments, whatever the order of their fields. */
export function callKey({ principal: { tenant, user, client, jkt }, tool, args }: BoundTo): string {
  const parts = [tenant, user.id, client.id, jkt ?? null, tool, ordered(args)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

/** What the state is bound to is known here, not read from the SDK's context. */
const NO_CONTEXT = {} as ServerContext;

function codecOf(secret: string, bound: BoundTo) {
  return createRequestStateCodec<ConfirmState>({
    key: derivedKey(secret, 'confirmation'),
    ttlSeconds: CONFIRM_MS / 1000,
    bind: () => callKey(bound),
  });
}

/** Any JSON value with the members of its objects in one order. */
export function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (!isObject(value)) return value;
  return Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => [key, ordered(value[key])]);
}
