/** Raw requests to `/mcp`, for what no well-behaved client would send. */

import type { PersonOptions } from '../../src/cli/clients.ts';
import { connectModern, Person } from '../../src/cli/clients.ts';
import type { Stack } from '../../src/cli/stack.ts';

export interface SignedInPerson {
  readonly person: Person;
  readonly token: string;
}

/** Signs in through the real pages. Out: the access token of a person. */
export async function tokenOf(stack: Stack, options: PersonOptions = {}): Promise<SignedInPerson> {
  const person = new Person(options);
  const { close } = await connectModern(stack.mcpUrl, { person });
  await close();
  if (person.accessToken === undefined) throw new Error('the sign-in gave no token');
  return { person, token: person.accessToken };
}

export interface RpcAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server said
  readonly json: any;
}

/** Headers of a modern request. */
export function modernHeaders(token: string, method: string, name?: string): Record<string, string> {
  return {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': method,
    ...(name !== undefined && { 'mcp-name': name }),
  };
}

/** The body of a modern request. */
export function modernBody(method: string, params: object = {}, id: number | string = 1): string {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  return JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta } });
}

/** One modern tools/call; `init` may add a signal or headers. */
export async function callTool(
  stack: Stack,
  token: string,
  name: string,
  args: object,
  init: RequestInit = {},
): Promise<RpcAnswer> {
  return await post(stack, modernBody('tools/call', { name, arguments: args }), {
    ...init,
    headers: { ...modernHeaders(token, 'tools/call', name), ...(init.headers as Record<string, string>) },
  });
}

/** POST to the MCP endpoint. */
export async function post(stack: Stack, body: BodyInit, init: RequestInit = {}): Promise<RpcAnswer> {
  return await read(await fetch(stack.mcpUrl, { method: 'POST', body, ...init }));
}

/** Reads an answer to its end; `json` is the body, or the last message of a stream. */
export async function read(response: Response): Promise<RpcAnswer> {
  const text = await response.text();
  const data = text.startsWith('{') ? text : [...text.matchAll(/^data: (\{.+)$/gm)].at(-1)?.[1];
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: data === undefined ? undefined : JSON.parse(data),
  };
}
