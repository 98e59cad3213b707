/** The MCP Inspector's command line: a process for each request, which keeps its sign-in in a file between them. */
import { execFile } from 'node:child_process';
import { freePort } from '../../../src/cli/ports.ts';
import type { Host, HostOptions } from './host.ts';
import { answerOf, textOf } from './host.ts';
import { commandOf, programEnv } from './program.ts';

const LONGEST_MS = 30_000;

/** In: the era it is told to speak. Signs in at its first request. */
export async function inspector({ mcpUrl, home }: HostOptions, era: 'legacy' | 'modern'): Promise<Host> {
  const env = {
    ...(await programEnv(home)),
    MCP_AUTO_OPEN_ENABLED: 'true',
    MCP_INSPECTOR_SECRET_STORE: 'file',
  };
  const callback = `http://127.0.0.1:${await freePort()}/oauth/callback`;
  const run = async (...request: string[]) => {
    const args = [commandOf('@modelcontextprotocol/inspector', 'mcp-inspector'), '--cli', mcpUrl];
    args.push('--callback-url', callback, '--protocol-era', era, '--format', 'json', ...request);
    return await new Promise<Result>((resolve, reject) => {
      execFile(process.execPath, args, { env, timeout: LONGEST_MS, maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
        // It ends with a status of its own where a tool failed, and still prints the result.
        if (stdout.startsWith('{')) resolve((JSON.parse(stdout) as { result: Result }).result);
        else reject(new Error(`The Inspector said: ${stderr}${stdout}`, { cause: error }));
      });
    });
  };
  return {
    listTools: async () => ((await run('--method', 'tools/list')).tools ?? []).map((tool) => tool.name),
    call: async (name, args) =>
      answerOf(await run('--method', 'tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args))),
    read: async (uri) => textOf((await run('--method', 'resources/read', '--uri', uri)).contents),
    close: async () => undefined,
  };
}

interface Result {
  readonly tools?: readonly { readonly name: string }[];
  readonly contents?: unknown;
  readonly content?: unknown;
  readonly structuredContent?: unknown;
  readonly isError?: unknown;
}
