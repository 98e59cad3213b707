/** Rows about who may act at all: sign-ins, consents, step-ups, tokens, revocations; and who read the log. */
import { ulid } from '../core/ids.ts';
import type { Identity } from '../core/principal.ts';
import type { ClosedRecord, ResultStatus } from '../core/record.ts';
import { closeRecord } from '../core/record.ts';
import { redactArguments } from '../core/redaction.ts';

export interface AuthEvent {
  readonly method:
    | 'auth/sign_in'
    | 'auth/consent'
    | 'auth/step_up'
    | 'auth/token'
    | 'auth/revoke'
    | 'auth/confirm'
    | 'audit/read';
  readonly status: Extract<ResultStatus, 'success' | 'denied'>;
  /** Facts for the `arguments` column; redacted like those of a call. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly grantId?: string;
  /** The call it belongs to; its own id unless said. */
  readonly callId?: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
}

export interface EventSource {
  readonly identity: Identity;
  readonly serverId: string;
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** In: who, where, when and what, in the order it happened. Out: closed records for the user's gate, ids in that order. */
export function authRecords(source: EventSource, events: readonly AuthEvent[]): ClosedRecord[] {
  const ids = events.map(() => ulid(source.now)).sort();
  return events.map((event, i) => authRecord(source, event, ids[i] as string));
}

function authRecord(source: EventSource, event: AuthEvent, id: string): ClosedRecord {
  const { identity } = source;
  return closeRecord(
    {
      id,
      timestamp: new Date(source.now).toISOString(),
      tenant_id: identity.tenant,
      user_id: identity.user.id,
      user_login: identity.user.login,
      client_id: identity.client.id,
      client_name: identity.client.name,
      server_id: source.serverId,
      session_id: null,
      call_id: event.callId ?? id,
      request_id: source.requestId,
      grant_id: event.grantId ?? null,
      method: event.method,
      tool_name: null,
      arguments: redactArguments(event.facts),
    },
    {
      result_status: event.status,
      duration_ms: null,
      error_code: event.errorCode ?? null,
      error_message: event.errorMessage ?? null,
    },
  );
}
