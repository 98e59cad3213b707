/** `npm start`: the gate on this machine, with an embedded GitHub unless the environment names another. */
import { styleText } from 'node:util';
import { connectTexts } from '../pages/connect.ts';
import { CallLines } from './call-lines.ts';
import { runCommand, untilAborted } from './command.ts';
import { UserError } from './errors.ts';
import { USERS } from './github/seed.ts';
import { DATA_DIR } from './project.ts';
import { doubtsIn, namesIn, SETTINGS_HELP, settingsFrom } from './settings.ts';
import type { Stack } from './stack.ts';

/** Not 8787, wrangler's default: Cursor listens there for its own sign-in. */
const PORT = 8788;
const GITHUB_PORT = 4001;
const LAST_CALLS = `SELECT timestamp, user_login, client_name, method, tool_name, result_status, error_code, duration_ms, request_id
FROM mcp_audit_log ORDER BY timestamp DESC LIMIT 20`;

function portFrom(name: string, fallback: number): number {
  const text = process.env[name]?.trim() ?? '';
  if (text === '') return fallback;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UserError(`${name} must be a port from 0 to 65535.`);
  return port;
}

/**
 * What to do next, ready to copy. In: a stack that runs, and the environment it was started with, so that a command to
 * start it again keeps the ports, the data and who administers.
 */
export function nextSteps(stack: Stack, env: NodeJS.ProcessEnv): string {
  const { url, claudeCode, cursorEntry, cursorLink, vsCode } = connectTexts({
    base: '',
    issuer: stack.settings.PUBLIC_URL ?? stack.url,
  });
  // Port 0 would be another one the next time, and what leads here now would not find it.
  const known: NodeJS.ProcessEnv = { ...env, ...(env.PORT?.trim() && { PORT: new URL(stack.url).port }) };
  const again = (settings: string) => {
    const kept = ['PORT', 'GITHUB_PORT', 'DATA_DIR', 'ADMINS'].flatMap((name) => {
      const value = known[name]?.trim() ?? '';
      return /^[\w.,:/@-]+$/.test(value) && !settings.includes(`${name}=`) ? [`${name}=${value}`] : [];
    });
    return [...kept, settings, 'npm start'].join(' ');
  };
  const bold = (text: string) => styleText('bold', text);
  const who = [
    stack.settings.ALLOWED_USERS,
    stack.settings.ALLOWED_ORGS && `members of ${stack.settings.ALLOWED_ORGS}`,
  ];
  return [
    `${bold('Gatehouse runs.')} MCP URL: ${bold(url)}`,
    '',
    bold('Add it to a client'),
    `  Claude Code   ${claudeCode}`,
    `  VS Code       ${vsCode}`,
    '  Cursor        in ~/.cursor/mcp.json or .cursor/mcp.json:',
    ...cursorEntry.split('\n').map((line) => `                ${line}`),
    '                or open this link:',
    `                ${cursorLink}`,
    '',
    bold('Sign in'),
    stack.embedded
      ? `  The embedded GitHub at ${stack.github.url} lets you pick an account; there is no password.`
      : `  With your account at ${stack.settings.GITHUB_URL ?? 'https://github.com'}.`,
    `  May sign in: ${who
      .filter(Boolean)
      .join('; ')
      .replaceAll(/,(?=\S)/g, ', ')}.`,
    ...(stack.embedded
      ? [
          '  There is the repository acme/web with files, issues and pull requests: ask about issue 4, or review pull request 7.',
          '  What is written there is forgotten when it stops.',
          `  \`${again('GITHUB_CLIENT_ID=… GITHUB_CLIENT_SECRET=… ALLOWED_USERS=…')}\` uses github.com instead;`,
          `  the callback to enter there is ${stack.settings.PUBLIC_URL}/callback.`,
        ]
      : [`  The callback URL to enter there is ${stack.settings.PUBLIC_URL}/callback.`]),
    '',
    bold('See who did what'),
    `  ${stack.sqlCommand(LAST_CALLS.replace('\n', ' '))}`,
    stack.settings.ADMINS?.trim()
      ? `  or in the console: ${stack.settings.PUBLIC_URL ?? stack.url}/console`
      : `  or in the console, at /console, after \`${again('ADMINS=octocat')}\``,
    '',
    ...(env.PUBLIC_URL?.trim()
      ? []
      : [
          bold('Claude on the web, desktop and mobile'),
          '  connects from the internet and cannot reach this address. Open a tunnel to it, such as',
          `  \`cloudflared tunnel --url ${stack.url}\`, and start again with the address that it prints:`,
          `  \`${again(`PUBLIC_URL=https://NAME.trycloudflare.com TRUSTED_HOSTS=${new URL(stack.url).host}`)}\``,
          '  Clients then use the tunnel; TRUSTED_HOSTS lets requests to this address in besides.',
          '',
        ]),
    ...[...strangersIn(stack), ...doubtsIn(stack.settings, { archive: true })].map((doubt) =>
      styleText('yellow', `Note: ${doubt}`),
    ),
    'Each call is a line below: ✔ it went well, ✘ it failed or was refused; `req_…` is its row’s `request_id`.',
    'Ctrl+C stops everything.',
  ].join('\n');
}

/** Administrators that the embedded GitHub has no account for: nobody can sign in as them. */
function strangersIn({ embedded, settings }: Pick<Stack, 'embedded' | 'settings'>): string[] {
  const logins = USERS.map(({ login }) => login);
  const strangers = namesIn(settings.ADMINS).filter((name) => !logins.includes(name));
  if (!embedded || strangers.length === 0) return [];
  return [`ADMINS names ${strangers.join(', ')}, and the embedded GitHub has only ${logins.join(', ')}.`];
}

if (import.meta.main) {
  await runCommand({
    usage: 'npm start',
    summary:
      'Runs the gate on this machine: the Worker with local storage and, unless you name another, an embedded GitHub.',
    flags: {},
    environment: {
      PORT: `port of the gate (${PORT}); 0 for any free one`,
      GITHUB_PORT: `port of the embedded GitHub (${GITHUB_PORT}); 0 for any free one`,
      DATA_DIR: 'directory for what it keeps (.gatehouse)',
      ...SETTINGS_HELP,
      GITHUB_CLIENT_ID: `${SETTINGS_HELP.GITHUB_CLIENT_ID}: no GitHub is embedded then`,
    },
    run: async (_flags, signal) => {
      // On stderr, so that the text on stdout can be kept by itself.
      const lines = new CallLines(console.error);
      // Not before it is needed: wrangler takes a second to load, which a mistyped flag need not wait for.
      const { startStack } = await import('./stack.ts');
      const stack = await startStack({
        port: portFrom('PORT', PORT),
        githubPort: portFrom('GITHUB_PORT', GITHUB_PORT),
        dataDir: DATA_DIR,
        settings: settingsFrom(process.env),
        onLog: (line) => lines.log(line),
        signal,
      });
      try {
        console.log(nextSteps(stack, process.env));
        await Promise.all([lines.follow(stack.query, signal), untilAborted(signal)]);
        console.log('\nStopping.');
      } finally {
        await stack.stop();
      }
      return 0;
    },
  });
}
