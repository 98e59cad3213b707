/** `npm run stdio`: the catalogue for one MCP client on this machine, over standard input and output, without a Worker. */
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { buildServer } from '../mcp/server.ts';
import { runCommand, untilAborted } from './command.ts';
import { DATA_DIR } from './project.ts';
import { SETTINGS_HELP } from './settings.ts';
import { LocalCalls } from './stdio/calls.ts';
import { Connection } from './stdio/connection.ts';
import { openJournal } from './stdio/journal.ts';
import { principalOf } from './stdio/principal.ts';
import { HONOURED, localConfig, localSelection, tokenFrom } from './stdio/settings.ts';
import { sayOnStderr } from './stdio/stderr.ts';

await runCommand({
  usage: 'npm run -s stdio',
  summary:
    'Speaks MCP on standard input and output, for a client on this machine that starts it: the tools, resources and prompts\n' +
    'of the gate with a GitHub token of your own. Each call is a line of stdio-audit.ndjson in the data directory.',
  flags: {
    'read-only': { type: 'boolean', help: 'Nothing that writes, like READ_ONLY=true' },
    toolsets: { type: 'string', help: 'Toolsets to list, separated by commas; default and all are such words too' },
  },
  environment: {
    GITHUB_TOKEN: 'required: the token that everything is done with; never printed',
    DATA_DIR: 'where the log is kept; .gatehouse unless said',
    ...Object.fromEntries(HONOURED.map((name) => [name, SETTINGS_HELP[name]])),
  },
  run: async (flags, signal) => {
    sayOnStderr();
    const upstreamToken = tokenFrom(process.env);
    const config = localConfig(process.env, flags['read-only'] === true);
    const selection = localSelection(config, flags.toolsets);
    const journal = await openJournal(DATA_DIR);
    const principal = await principalOf(config, upstreamToken, signal);
    const calls = new LocalCalls({ config, principal, upstreamToken, selection, journal, clock: Date.now });
    const connection = new Connection(new StdioServerTransport(), calls);
    const handle = serveStdio(() => connection.identified(buildServer(selection)), {
      transport: connection,
      onerror: (error) => connection.report(error),
    });
    console.error(`Gatehouse: MCP over stdio, as ${principal.user.login}. Calls are recorded in ${journal.file}.`);
    await Promise.race([connection.closed, untilAborted(signal)]);
    await handle.close();
    await calls.end();
    return journal.failing ? 1 : 0;
  },
});
