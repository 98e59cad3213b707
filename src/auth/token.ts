/** The token endpoint (RFC 6749 section 3.2), which is also where tokens are revoked (RFC 7009). */
import { openUserId } from '../core/ids.ts';
import type { OAuthClient, User } from '../core/principal.ts';
import { DEFAULT_TENANT } from '../core/tenant.ts';
import { oneLine } from '../core/text.ts';
import type { AuthContext } from './context.ts';
import { recordEvents } from './context.ts';
import type { AuthEvent } from './events.ts';
import type { GrantMetadata, GrantProps } from './server.ts';
import { authorizationServer } from './server.ts';

/**
 * POST /token. `body` is the form as it came; the provider reads `request` itself. Every token that is issued has its
 * row before it leaves; a refused code or token of a person this gate knows has one too.
 */
export async function answerToken(
  request: Request,
  body: string,
  context: AuthContext,
  ctx: ExecutionContext,
): Promise<Response> {
  let refusedFor: string | undefined;
  const server = authorizationServer(context.config, {
    onToken: async ({ grantType, grantId, clientId, props, requestedScope }) => {
      const { user, clientName } = props as GrantProps;
      await recordEvents(context, user, { id: clientId, name: clientName }, [
        { method: 'auth/token', status: 'success', grantId, facts: { grant_type: grantType, scope: requestedScope } },
      ]);
    },
    onRefusal: (reason) => {
      refusedFor = reason;
    },
  });
  const response = await server.fetch(request, context.env, ctx);
  await recordRest(new URLSearchParams(body), response.ok, refusedFor, context);
  return response;
}

/** Reasons of the provider that mean: this was a code or token of ours, and it is not good any more. */
const REPLAYS: Readonly<Record<string, string>> = {
  code_replayed: 'An authorization code was used a second time; its grant is revoked.',
  refresh_token_mismatch: 'A refresh token that is not the current one was used.',
  grant_not_found: 'A code or refresh token of a grant that is gone was used.',
};

async function recordRest(
  form: URLSearchParams,
  ok: boolean,
  refusedFor: string | undefined,
  context: AuthContext,
): Promise<void> {
  const event = eventOf(form.get('grant_type'), ok, refusedFor);
  const presented = form.get('code') ?? form.get('refresh_token') ?? form.get('token') ?? '';
  const person = event === undefined ? undefined : await personBehind(presented, form.get('client_id'), context);
  if (event === undefined || person === undefined) return;
  await recordEvents(context, person.user, person.client, [{ ...event, grantId: person.grantId }]);
}

function eventOf(grantType: string | null, ok: boolean, refusedFor: string | undefined): AuthEvent | undefined {
  if (grantType === null) return ok ? { method: 'auth/revoke', status: 'success', facts: {} } : undefined;
  const message = refusedFor === undefined ? undefined : REPLAYS[refusedFor];
  if (ok || message === undefined) return undefined;
  return {
    method: 'auth/token',
    status: 'denied',
    facts: { grant_type: grantType },
    errorCode: 'invalid_grant',
    errorMessage: message,
  };
}

interface Person {
  readonly user: User;
  readonly client: OAuthClient;
  readonly grantId: string;
}

/**
 * In: a code or token, `user:grant:secret`. Out: whose it is, where only this gate can have made it. The names come
 * from the person's other grants, since the grant itself may be gone.
 */
async function personBehind(
  presented: string,
  clientId: string | null,
  context: AuthContext,
): Promise<Person | undefined> {
  const [sealed = '', grantId, secret] = presented.split(':');
  const id = openUserId(sealed, DEFAULT_TENANT, context.config.secretKey);
  if (id === undefined || grantId === undefined || secret === undefined || !/^[A-Za-z0-9]{1,64}$/.test(grantId)) {
    return undefined;
  }
  const oauth = authorizationServer(context.config).getOAuthApi(context.env);
  const { items } = await oauth.listUserGrants(sealed, { limit: 100 });
  const grant = items.find((item) => item.id === grantId) ?? items[0];
  const metadata = grant?.metadata as GrantMetadata | undefined;
  return {
    user: { id, login: metadata?.login ?? id },
    client: { id: oneLine(clientId ?? grant?.clientId ?? 'unknown', 200), name: metadata?.clientName ?? 'unknown' },
    grantId,
  };
}
