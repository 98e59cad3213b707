/** `@ai-sdk/mcp`, the client of the AI SDK. */
import { auth, createMCPClient, UnauthorizedError } from '@ai-sdk/mcp';
import { Person } from '../../../src/cli/clients.ts';
import type { Host, HostOptions } from './host.ts';
import { answerOf, textOf, ticks } from './host.ts';

type Options = Parameters<typeof createMCPClient>[0];
type Provider = NonNullable<Extract<Options['transport'], { authProvider?: unknown }>['authProvider']>;

/** Adds what this client wants to be told besides. */
class AiSdkPerson extends Person {
  isClientInformationDynamicallyRegistered(): boolean {
    return true;
  }
}

/** In: whether it looks for the modern era first (its default), or begins with `initialize`. */
export async function aiSdk({ mcpUrl }: HostOptions, clientName: string, discovers: boolean): Promise<Host> {
  const person = new AiSdkPerson({ clientName, choose: ticks });
  const authProvider = person as unknown as Provider;
  const open = () =>
    createMCPClient({
      transport: { type: 'http', url: mcpUrl, authProvider },
      clientName: 'hosts-test',
      protocolVersionDiscovery: discovers,
    });
  const client = await open().catch(async (error) => {
    if (!(error instanceof UnauthorizedError)) throw error;
    const callback = person.callback();
    await auth(authProvider, {
      serverUrl: mcpUrl,
      authorizationCode: callback.get('code') ?? '',
      callbackState: callback.get('state') ?? '',
      callbackIssuer: callback.get('iss') ?? '',
    });
    return await open();
  });
  return {
    // As an application gets them: with their schemas turned into tools of the AI SDK.
    listTools: async () => Object.keys(await client.tools()),
    call: async (name, args) => answerOf(await client.callTool({ name, arguments: args })),
    read: async (uri) => textOf((await client.readResource({ uri })).contents),
    close: () => client.close(),
  };
}
