/** Failures that cannot be results: errors of the protocol. */
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { AppError, CODES, errorBody } from '../core/errors.ts';
import { safeError } from '../output/safe.ts';

/** Failures of requests whose result cannot say `isError`. In: the work, and the URI where a resource is read. */
export async function asProtocolError<T>(work: () => Promise<T>, uri?: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof AppError ? protocolError(error, uri) : error;
  }
}

/**
 * A resource that does not exist, be it GitHub that says so, is -32602 with its URI as data (MCP 2026-07-28,
 * server/resources, Error Handling); the SDK answers the same in a session, where -32002 would be the older code.
 */
export function protocolError(error: AppError, uri?: string): ProtocolError {
  const { message, data } = safeError({
    message: error.message,
    data: { ...errorBody(error), ...(uri !== undefined && { uri }) },
  }).value;
  if (uri === undefined) return new ProtocolError(CODES[error.code].rpc, message, data);
  const missing = error.code === 'unknown_resource' || error.code === 'upstream_not_found';
  const code = missing ? ProtocolErrorCode.InvalidParams : CODES[error.code].rpc;
  return new ProtocolError(code, message, data);
}
