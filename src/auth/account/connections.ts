/** What is connected in a person's name, and ending it: both run inside that person's Gate, which has the grants at hand. */
import type { GrantSummary } from '@cloudflare/workers-oauth-provider';
import { sealUserId } from '../../core/ids.ts';
import type { OAuthClient, User } from '../../core/principal.ts';
import type { GrantUse } from '../../gate/uses.ts';
import type { TokenContext } from '../context.ts';
import { recordEvents } from '../context.ts';
import type { GrantMetadata } from '../server.ts';
import { authorizationServer } from '../server.ts';

/** One grant of a person. Plain data: it crosses from the Gate to the page. */
export interface Connection {
  readonly grantId: string;
  readonly client: OAuthClient;
  /** Where a verified client's metadata was fetched from; absent for one that registered itself. */
  readonly clientDomain: string | undefined;
  /** Where its code went; absent for grants from before this was kept. */
  readonly redirectHost: string | undefined;
  readonly scopes: readonly string[];
  /** What it is limited to, such as `acme/*`; absent for everything the person can reach. */
  readonly repositories: readonly string[] | undefined;
  /** Whether its tokens are bound to a key of the client (RFC 9449). */
  readonly bound: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Milliseconds since the epoch; absent where it never was. */
  readonly usedAt: number | undefined;
}

/** In: a grant as the provider lists it, what the gate saw of it. Pure. */
export function connectionOf(grant: GrantSummary, use: GrantUse): Connection {
  const metadata = grant.metadata as Partial<GrantMetadata> | undefined;
  return {
    grantId: grant.id,
    client: { id: grant.clientId, name: metadata?.clientName ?? '' },
    clientDomain: metadata?.clientDomain,
    redirectHost: metadata?.redirectHost,
    scopes: grant.scope,
    repositories: metadata?.repositories,
    bound: use.bound,
    createdAt: grant.createdAt * 1000,
    usedAt: use.usedAt,
  };
}

/** Every grant of a person, the one used or made last first. */
export async function connectionsOf(
  userId: string,
  context: TokenContext,
  use: (grantId: string) => GrantUse,
): Promise<Connection[]> {
  const grants = await grantsOf(userId, context);
  const connections = grants.map((grant) => connectionOf(grant, use(grant.id)));
  const lastSeen = ({ usedAt, createdAt }: Connection) => Math.max(usedAt ?? 0, createdAt);
  return connections.sort((a, b) => lastSeen(b) - lastSeen(a) || (a.grantId < b.grantId ? -1 : 1));
}

/**
 * In: whose, and which grant; all where none is named. Out: how many ended. Each has its row; a grant that is not the
 * person's is not found.
 */
export async function disconnect(
  user: User,
  grantId: string | undefined,
  context: TokenContext,
  reason: 'requested_by_person' | 'upstream_revoked' = 'requested_by_person',
): Promise<number> {
  const oauth = authorizationServer(context.config).getOAuthApi(context.provider);
  const grants = (await grantsOf(user.id, context)).filter(({ id }) => grantId === undefined || id === grantId);
  for (const { id, clientId, userId, metadata } of grants) {
    await oauth.revokeGrant(id, userId);
    const client = { id: clientId, name: (metadata as GrantMetadata | undefined)?.clientName ?? 'unknown' };
    await recordEvents(context, user, client, [
      { method: 'auth/revoke', status: 'success', grantId: id, facts: { reason } },
    ]);
  }
  return grants.length;
}

async function grantsOf(userId: string, context: TokenContext): Promise<GrantSummary[]> {
  const { tenant, secretKeys } = context.config;
  const oauth = authorizationServer(context.config).getOAuthApi(context.provider);
  const sealed = sealUserId(userId, tenant, secretKeys);
  const grants: GrantSummary[] = [];
  let cursor: string | undefined;
  do {
    const page = await oauth.listUserGrants(sealed, cursor === undefined ? {} : { cursor });
    grants.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return grants;
}
