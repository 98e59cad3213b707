/** What every step of a sign-in is given. */
import type { Config } from '../config.ts';
import type { OAuthClient, User } from '../core/principal.ts';
import type { ClosedRecord } from '../core/record.ts';
import { GateClient } from '../gate/client.ts';
import type { AuthEvent } from './events.ts';
import { authRecords } from './events.ts';
import type { ProviderEnv } from './store/provider-env.ts';
import { providerEnv } from './store/provider-env.ts';
import type { AuthPages } from './views.ts';

/** What token requests need; they have no pages. */
export interface TokenContext {
  readonly provider: ProviderEnv;
  readonly config: Config;
  /** X-Request-Id of the answer. */
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Hands rows to a person's gate. Throws `audit_unavailable`: what cannot be recorded must not go on. */
  readonly record: (userId: string, records: readonly ClosedRecord[]) => Promise<void>;
}

export interface AuthContext extends TokenContext {
  readonly pages: AuthPages;
}

/** The context of a token request that is answered in the Worker. */
export function tokenContext(env: Env, config: Config, requestId: string): TokenContext {
  return {
    provider: providerEnv(env, config),
    config,
    requestId,
    now: Date.now(),
    record: (userId, records) => new GateClient(env.GATE, config.tenant, userId).record(...records),
  };
}

/** The context of a page of the sign-in. */
export function authContext(env: Env, config: Config, pages: AuthPages, requestId: string): AuthContext {
  return { ...tokenContext(env, config, requestId), pages };
}

/** Writes rows for one person and client. */
export async function recordEvents(
  context: TokenContext,
  user: User,
  client: OAuthClient,
  events: readonly AuthEvent[],
): Promise<void> {
  await context.record(user.id, eventRecords(context, user, client, events));
}

/** The rows themselves, for whoever writes them together with what they are about. */
export function eventRecords(
  { config, requestId, now }: TokenContext,
  user: User,
  client: OAuthClient,
  events: readonly AuthEvent[],
): ClosedRecord[] {
  const identity = { tenant: config.tenant, user, client };
  return authRecords({ identity, serverId: new URL(config.publicUrl).host, requestId, now }, events);
}

/** A redirect with the headers the provider wants set. */
export function redirect(location: string, headers: Headers = new Headers()): Response {
  headers.set('location', location);
  headers.set('cache-control', 'no-store');
  return new Response(null, { status: 302, headers });
}
