/** The SDKs themselves: v1, which knows sessions only, and v2 in each way to agree on a revision. */
import type { VersionNegotiationMode } from '@modelcontextprotocol/client';
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { connectSession, Person } from '../../../src/cli/clients.ts';
import type { Host, HostOptions } from './host.ts';
import { answerOf, textOf, ticks } from './host.ts';

/** `@modelcontextprotocol/sdk`. */
export async function sdkV1({ mcpUrl }: HostOptions, clientName: string): Promise<Host> {
  const { client, close } = await connectSession(mcpUrl, { person: new Person({ clientName, choose: ticks }) });
  return {
    listTools: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call: async (name, args) => answerOf(await client.callTool({ name, arguments: args })),
    read: async (uri) => textOf((await client.readResource({ uri })).contents),
    close,
  };
}

/** `@modelcontextprotocol/client`. In: `legacy`, `auto` or `{ pin }`. */
export async function sdkV2({ mcpUrl }: HostOptions, clientName: string, mode: VersionNegotiationMode): Promise<Host> {
  const person = new Person({ clientName, choose: ticks });
  const open = () => ({
    client: new Client({ name: 'hosts-test', version: '1.0.0' }, { versionNegotiation: { mode } }),
    transport: new StreamableHTTPClientTransport(new URL(mcpUrl), { authProvider: person }),
  });
  let { client, transport } = open();
  try {
    await client.connect(transport);
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
    await transport.finishAuth(person.callback());
    await transport.close();
    ({ client, transport } = open());
    await client.connect(transport);
  }
  return {
    listTools: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call: async (name, args) => answerOf(await client.callTool({ name, arguments: args })),
    read: async (uri) => textOf((await client.readResource({ uri })).contents),
    close: async () => {
      await transport.terminateSession().catch(() => undefined);
      await client.close();
    },
  };
}
