/**
 * Every refusal and failure has one stable code here, and one place that says what it becomes on each wire:
 * an HTTP status, a JSON-RPC error, or the text and structure of a tool result that a model can act on.
 */
import type { JsonObject } from './json.ts';

interface CodeSpec {
  /** HTTP status where the failure is answered outside JSON-RPC. */
  readonly http: number;
  /** JSON-RPC 2.0 error code where the failure is answered by a JSON-RPC error object. */
  readonly rpc: number;
  /** Whether the same request can succeed later without anything else changing. */
  readonly retryable: boolean;
  /** What the audit row says: refused on purpose, waiting for a person, or failed. */
  readonly status: 'denied' | 'error' | 'cancelled' | 'input_required';
  /** What a model (or a person) should do next, unless the place that raised it knows better. */
  readonly hint: string;
}

const INVALID_PARAMS = -32602;
const INTERNAL = -32603;
/** Server-defined range of JSON-RPC 2.0 section 5.1; used for refusals that are not the protocol's own. */
const REFUSED = -32010;

export const CODES = {
  invalid_arguments: {
    http: 400,
    rpc: INVALID_PARAMS,
    retryable: false,
    status: 'error',
    hint: 'Correct the named argument and call again.',
  },
  unknown_tool: {
    http: 404,
    rpc: INVALID_PARAMS,
    retryable: false,
    status: 'error',
    hint: 'Call tools/list and use one of the names it returns.',
  },
  unknown_prompt: {
    http: 404,
    rpc: INVALID_PARAMS,
    retryable: false,
    status: 'error',
    hint: 'Call prompts/list and use one of the names it returns.',
  },
  unknown_resource: {
    http: 404,
    rpc: -32002,
    retryable: false,
    status: 'error',
    hint: 'Use a URI from resources/list, or fill in a template from resources/templates/list.',
  },
  insufficient_scope: {
    http: 403,
    rpc: REFUSED,
    retryable: false,
    status: 'denied',
    hint: 'The person has to grant the named scope: reconnect this server and tick it on the consent page.',
  },
  forbidden_by_policy: {
    http: 403,
    rpc: REFUSED,
    retryable: false,
    status: 'denied',
    hint: 'The administrator of this server does not allow this. Do not retry; tell the person.',
  },
  confirmation_required: {
    http: 403,
    rpc: REFUSED,
    retryable: true,
    status: 'input_required',
    hint: 'Show the person this link. Once they have confirmed, repeat exactly the same call, within 10 minutes.',
  },
  confirmation_invalid: {
    http: 403,
    rpc: REFUSED,
    retryable: false,
    status: 'denied',
    hint: 'Nothing was done. Call again without requestState, and ask the person anew.',
  },
  declined: {
    http: 403,
    rpc: REFUSED,
    retryable: false,
    status: 'denied',
    hint: 'Do not call it again unless the person asks for it.',
  },
  rate_limited: {
    http: 429,
    rpc: REFUSED,
    retryable: true,
    status: 'denied',
    hint: 'Wait retry_after_seconds, then call again. Fewer, larger calls help.',
  },
  too_many_concurrent_calls: {
    http: 429,
    rpc: REFUSED,
    retryable: true,
    status: 'denied',
    hint: 'Wait until a running call has ended, after retry_after_seconds at the latest, then call again. Run fewer calls at the same time.',
  },
  audit_unavailable: {
    http: 503,
    rpc: REFUSED,
    retryable: true,
    status: 'denied',
    hint: 'This server refuses calls that it cannot record. Try again shortly; tell the administrator if it lasts.',
  },
  upstream_unauthorized: {
    http: 502,
    rpc: REFUSED,
    retryable: false,
    status: 'error',
    hint: 'GitHub no longer accepts the sign-in behind this connection. The person has to reconnect this server.',
  },
  upstream_forbidden: {
    http: 502,
    rpc: REFUSED,
    retryable: false,
    status: 'error',
    hint: 'GitHub refuses this to the signed-in account. Check the permissions of the account and of the app.',
  },
  upstream_not_found: {
    http: 502,
    rpc: REFUSED,
    retryable: false,
    status: 'error',
    hint: 'Check owner, repo and number. GitHub also says "not found" for what the account may not see.',
  },
  upstream_conflict: {
    http: 502,
    rpc: REFUSED,
    retryable: false,
    status: 'error',
    hint: 'Something changed meanwhile. Read the current state, then decide whether to write again.',
  },
  upstream_invalid: {
    http: 502,
    rpc: REFUSED,
    retryable: false,
    status: 'error',
    hint: 'GitHub rejected a value. Correct the named field and call again.',
  },
  upstream_rate_limited: {
    http: 502,
    rpc: REFUSED,
    retryable: true,
    status: 'error',
    hint: 'GitHub limits this account. Wait retry_after_seconds before calling any tool again.',
  },
  upstream_unavailable: {
    http: 502,
    rpc: REFUSED,
    retryable: true,
    status: 'error',
    hint: 'GitHub failed or could not be reached. Reads can be repeated; before repeating a write, check whether it happened.',
  },
  upstream_malformed: {
    http: 502,
    rpc: REFUSED,
    retryable: false,
    status: 'error',
    hint: 'GitHub answered in a shape this server does not know. Report it to the administrator.',
  },
  too_large: {
    http: 413,
    rpc: REFUSED,
    retryable: false,
    status: 'error',
    hint: 'Ask for a smaller part.',
  },
  timeout: {
    http: 504,
    rpc: REFUSED,
    retryable: true,
    status: 'error',
    hint: 'The call took longer than its time limit. Ask for less, or try again; before repeating a write, check whether it happened.',
  },
  cancelled: {
    http: 499,
    rpc: REFUSED,
    retryable: true,
    status: 'cancelled',
    hint: 'The client cancelled the call.',
  },
  internal: {
    http: 500,
    rpc: INTERNAL,
    retryable: false,
    status: 'error',
    hint: 'This is a fault of the server. Give the administrator the request id.',
  },
} as const satisfies Record<string, CodeSpec>;

export type ErrorCode = keyof typeof CODES;

export interface AppErrorOptions {
  /** Replaces the code's own hint where the place that raised it knows better. */
  readonly hint?: string | undefined;
  /** Seconds, at least 1, after which a retry would be let through. Only when it is true. */
  readonly retryAfterSeconds?: number | undefined;
  /** Facts a caller may read: field names, limits, upstream status. Never a secret, never a raw upstream body. */
  readonly details?: JsonObject | undefined;
  readonly cause?: unknown;
}

/**
 * A failure that may be shown. `message` is one sentence for the person or model at the other end: it names the field
 * and the rule, and holds no secret and no text of others that was not sanitised.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly retryable: boolean;
  readonly retryAfterSeconds: number | undefined;
  readonly details: JsonObject | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.hint = options.hint ?? CODES[code].hint;
    this.retryable = CODES[code].retryable;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.details = options.details;
  }
}

/** What goes to the other end of any wire: snake_case, nothing undefined. */
export interface ErrorBody extends JsonObject {
  code: ErrorCode;
  message: string;
  hint: string;
  retryable: boolean;
}

/**
 * In: any thrown value. Out: the same failure as an AppError. What is not ours becomes `internal`, without its message,
 * because a message from elsewhere may hold anything.
 */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('internal', 'The server failed while handling this call.', { cause: error });
}

/** The error as data; `retry_after_seconds` and `details` only where known. */
export function errorBody(error: AppError): ErrorBody {
  return {
    code: error.code,
    message: error.message,
    hint: error.hint,
    retryable: error.retryable,
    ...(error.retryAfterSeconds !== undefined && { retry_after_seconds: error.retryAfterSeconds }),
    ...(error.details !== undefined && { details: error.details }),
  };
}

/** The error as text for a model: hosts that drop structured content on errors still pass this on. */
export function errorText(error: AppError): string {
  const retry = error.retryAfterSeconds === undefined ? '' : ` retry_after_seconds: ${error.retryAfterSeconds}.`;
  return `Error ${error.code}: ${error.message}${retry} ${error.hint}`;
}
