/** What the account page is given. */
import type { User } from '../../core/principal.ts';
import type { ClosedRecord } from '../../core/record.ts';
import type { PendingConfirmation } from '../../gate/confirmations.ts';
import type { AuthContext } from '../context.ts';
import { shardOf } from '../store/face.ts';
import type { Connection } from './connections.ts';
import type { AccountPages } from './views.ts';

export interface AccountContext extends AuthContext {
  readonly accountPages: AccountPages;
  /** Asks a person's gate what is connected. */
  readonly connections: (userId: string) => Promise<readonly Connection[]>;
  /** Has a person's gate end one grant, or all where none is named. Out: how many ended. */
  readonly disconnect: (user: User, grantId: string | undefined) => Promise<number>;
  /** Asks a person's gate for a question that is still open. */
  readonly pendingConfirmation: (userId: string, id: string) => Promise<PendingConfirmation | undefined>;
  /** Brings the person's answer with its row: both are kept, or neither. Out: whether the question was still open. */
  readonly decideConfirmation: (
    userId: string,
    id: string,
    yes: boolean,
    records: readonly ClosedRecord[],
  ) => Promise<boolean>;
  /** Takes a name for so many seconds. Out: true for the first who asks, false for everybody after. */
  readonly claim: (name: string, seconds: number) => Promise<boolean>;
}

/** The context of a request to the account page. */
export function accountContext(context: AuthContext, env: Env, accountPages: AccountPages): AccountContext {
  const { config, requestId, now } = context;
  const gateOf = (userId: string) => env.GATE.getByName(`${config.tenant}:${userId}`);
  return {
    ...context,
    accountPages,
    connections: (userId) => gateOf(userId).connections(config.tenant, userId, requestId),
    disconnect: (user, grantId) => gateOf(user.id).disconnect(config.tenant, user, grantId, requestId),
    pendingConfirmation: async (userId, id) => await gateOf(userId).pendingConfirmation(id),
    decideConfirmation: async (userId, ...answer) => await gateOf(userId).decideConfirmation(...answer),
    claim: (name, seconds) =>
      env.REGISTRY.getByName(`${config.tenant}:${shardOf(name)}`).claim(name, Math.floor(now / 1000) + seconds),
  };
}
