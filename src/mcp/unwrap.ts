/**
 * A call through `call_read_tool` or `call_write_tool` becomes the inner call before anything else looks at it: scope,
 * limits, confirmation, time limit and the row are those of the inner tool, and the SDK sees the very call that was
 * admitted. Pure.
 */
import { toolByName } from '../catalogue/index.ts';
import { refusalOf, type Selection } from '../catalogue/selection.ts';
import { WrappedCall, wrapProblem } from '../catalogue/tools/call-tool.ts';
import type { JsonValue } from '../core/json.ts';
import { isObject } from '../core/json.ts';

/** In: a message or a batch of a 2025-era session. Out: the same with every wrapped call replaced by its inner one. */
export function unwrapSession(body: JsonValue, selection: Selection): JsonValue {
  return Array.isArray(body) ? body.map((message) => unwrapCall(message, selection)) : unwrapCall(body, selection);
}

/**
 * The same for a request of the modern era, whose header `Mcp-Name` names the tool of its body (SEP-2243): it names the
 * inner tool after this. A request whose header does not fit its body stays as it is, for the SDK to refuse.
 */
export function unwrapModern(
  request: Request,
  body: JsonValue,
  selection: Selection,
): { readonly request: Request; readonly body: JsonValue } {
  const inner = unwrapCall(body, selection);
  const [from, to] = [nameOf(body), nameOf(inner)];
  if (to === undefined || to === from || request.headers.get('mcp-name') !== from) return { request, body };
  const headers = new Headers(request.headers);
  headers.set('mcp-name', to);
  return {
    request: new Request(request.url, { method: request.method, headers, signal: request.signal }),
    body: inner,
  };
}

/** A wrapper stays where it names nothing it may call, or is itself refused: then it answers for itself. */
function unwrapCall(message: JsonValue, selection: Selection): JsonValue {
  if (!isObject(message) || message.method !== 'tools/call' || !isObject(message.params)) return message;
  const { params } = message;
  const wrapper = toolByName(nameOf(message) ?? '');
  if (!wrapper?.wraps || refusalOf(wrapper, selection) !== undefined) return message;
  const call = WrappedCall.safeParse(params.arguments);
  if (!call.success || wrapProblem(wrapper.access, call.data.name, toolByName) !== undefined) return message;
  // As it came, not as it was parsed: the inner tool checks it.
  const args = isObject(params.arguments) ? params.arguments.arguments : undefined;
  return { ...message, params: { ...params, name: call.data.name, arguments: args ?? {} } } as JsonValue;
}

function nameOf(message: JsonValue): string | undefined {
  if (!isObject(message) || !isObject(message.params)) return undefined;
  return typeof message.params.name === 'string' ? message.params.name : undefined;
}
