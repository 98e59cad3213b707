/** The handshake of a session, played once more: for a transport that was made anew after an eviction. */
import type { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import type { JsonValue } from '../core/json.ts';

/** In: a transport that a server is connected to, the session's `initialize` and its id. Its answers are for nobody. */
export async function playHandshake(
  transport: WebStandardStreamableHTTPServerTransport,
  initialize: JsonValue,
  sessionId: string,
): Promise<void> {
  const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' };
  for (const message of [initialize, initialized]) {
    const headers = {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...(message === initialized && { 'mcp-session-id': sessionId }),
    };
    const request = new Request('http://session.internal/mcp', { method: 'POST', headers });
    const answer = await transport.handleRequest(request, { parsedBody: message });
    // Read to its end: the handshake is over when its answer is.
    await answer.text();
  }
}
