/** Who calls, and how a handler finds out: the lane says it with each request, the client never does. */
import type { AuthInfo, ServerContext } from '@modelcontextprotocol/server';
import type { Selection } from '../catalogue/selection.ts';
import type { Config } from '../config.ts';
import type { AuditReader } from '../core/audit-query.ts';
import { AppError } from '../core/errors.ts';
import type { Principal } from '../core/principal.ts';
import type { OpenCalls } from './calls.ts';
import type { ConfirmationGate } from './confirm.ts';
import type { RpcId } from './messages.ts';

/** What a handler finds behind its request: set by the lane, never by the client. */
export interface Caller {
  /** The tenant's settings as they were when this request came. */
  readonly config: Config;
  readonly principal: Principal;
  readonly upstreamToken: string;
  readonly calls: OpenCalls;
  /** Ends the grant: GitHub does not accept its upstream token any more. */
  readonly endGrant: () => Promise<void>;
  /** Where questions to the person are remembered. */
  readonly gate: ConfirmationGate;
  /** What the request's headers and the policy chose of the catalogue. */
  readonly selection: Selection;
  /** The log of the principal's tenant. */
  readonly audit: AuditReader;
}

/** What is read of a request, whoever hands it over: the SDK's server, or `direct.ts`. */
export interface CallRequest {
  readonly mcpReq: Pick<ServerContext['mcpReq'], 'id' | 'signal' | 'notify' | 'requestState' | 'inputResponses'> & {
    readonly _meta?: { readonly progressToken?: RpcId | undefined } | undefined;
    /** Set in the modern era only. */
    readonly envelope?: unknown;
  };
  readonly http?: { readonly authInfo?: AuthInfo } | undefined;
}

/** What the SDK hands to handlers with each request. The token itself is not among it: nothing needs it. */
export function authInfoOf(caller: Caller): AuthInfo {
  const { client, scopes, expiresAt } = caller.principal;
  return { token: '', clientId: client.id, scopes: [...scopes], expiresAt, extra: { caller } };
}

/** Who calls, behind what the SDK was handed with the request. */
export function callerIn(authInfo: AuthInfo | undefined): Caller | undefined {
  return authInfo?.extra?.caller as Caller | undefined;
}

/** Who calls: fails closed where a lane forgot to say. */
export function callerOf(ctx: CallRequest): Caller {
  const caller = callerIn(ctx.http?.authInfo);
  if (caller === undefined) throw new AppError('internal', 'The server failed while handling this call.');
  return caller;
}
