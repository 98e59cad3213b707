/** `mcp-remote`: how hosts that only start local servers reach the gate. Spoken to over its stdin and stdout. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { Host, HostOptions } from './host.ts';
import { answerOf, textOf } from './host.ts';
import { commandOf, programEnv } from './program.ts';

/** In: `legacy` (its default) or `auto`, which prefers the modern era. */
export async function mcpRemote({ mcpUrl, home }: HostOptions, protocol: 'legacy' | 'auto'): Promise<Host> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [commandOf('mcp-remote', 'mcp-remote'), mcpUrl, '--protocol', protocol],
    env: await programEnv(home),
    stderr: 'pipe',
  });
  let said = '';
  transport.stderr?.on('data', (part) => {
    said += String(part);
  });
  const client = new Client({ name: 'hosts-test', version: '1.0.0' });
  try {
    await client.connect(transport as Parameters<Client['connect']>[0]);
  } catch (error) {
    await transport.close();
    throw new Error(`mcp-remote did not connect; it said:\n${said}`, { cause: error });
  }
  return {
    listTools: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call: async (name, args) => answerOf(await client.callTool({ name, arguments: args })),
    read: async (uri) => textOf((await client.readResource({ uri })).contents),
    close: () => client.close(),
  };
}
