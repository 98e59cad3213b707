/** What every step of a sign-in is given. */
import type { Config } from '../config.ts';
import type { OAuthClient, User } from '../core/principal.ts';
import { DEFAULT_TENANT } from '../core/tenant.ts';
import { GateClient } from '../gate/client.ts';
import type { AuthEvent } from './events.ts';
import { authRecords } from './events.ts';
import type { AuthPages } from './views.ts';

export interface AuthContext {
  readonly env: Env;
  readonly config: Config;
  readonly pages: AuthPages;
  /** X-Request-Id of the answer. */
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Writes rows for one person and client. Throws `audit_unavailable`: what cannot be recorded must not go on. */
export async function recordEvents(
  context: AuthContext,
  user: User,
  client: OAuthClient,
  events: readonly AuthEvent[],
): Promise<void> {
  const { env, config, requestId, now } = context;
  const identity = { tenant: DEFAULT_TENANT, user, client };
  const source = { identity, serverId: new URL(config.publicUrl).host, requestId, now };
  const gate = new GateClient(env.GATE, identity.tenant, user.id);
  await gate.record(...authRecords(source, events));
}

/** A redirect with the headers the provider wants set. */
export function redirect(location: string, headers: Headers = new Headers()): Response {
  headers.set('location', location);
  headers.set('cache-control', 'no-store');
  return new Response(null, { status: 302, headers });
}
