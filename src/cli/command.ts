/** What every command of ours does alike: `--help`, one line for a failure that can be mended, and leaving nothing behind. */
import { parseArgs } from 'node:util';
import { errorMessage, UserError } from './errors.ts';

export interface Flag {
  readonly type: 'boolean' | 'string';
  /** For `--help`. */
  readonly help: string;
}

export interface Command<F extends Readonly<Record<string, Flag>>> {
  /** As a person types it: `npm run demo`. */
  readonly usage: string;
  readonly summary: string;
  readonly flags: F;
  /** Whether it takes words besides flags; `usage` says which. */
  readonly takesWords?: boolean;
  /** Environment variables it reads, with one line each. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Out: the exit status. The signal aborts at the first SIGINT, SIGTERM or SIGHUP; a second one ends the process at once. */
  readonly run: (flags: Values<F>, signal: AbortSignal, words: readonly string[]) => Promise<number>;
}

type Values<F extends Readonly<Record<string, Flag>>> = {
  readonly [K in keyof F]?: F[K]['type'] extends 'boolean' ? boolean : string;
};

/** Runs the command with this process's arguments and ends the process with its status: 1 for a failure, 130 for an interrupt. */
export async function runCommand<F extends Readonly<Record<string, Flag>>>(command: Command<F>): Promise<never> {
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort(new UserError('Interrupted.'));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  watchParent(() => stop.abort(new UserError('Interrupted.')));
  try {
    const parsed = parse(command);
    if (parsed === undefined) {
      console.log(help(command));
      process.exit(0);
    }
    process.exit(await command.run(parsed.values, stop.signal, parsed.words));
  } catch (error) {
    const known = error instanceof UserError || stop.signal.aborted;
    console.error(known ? errorMessage(error) : error);
    process.exit(stop.signal.aborted ? 130 : 1);
  }
}

function parse<F extends Readonly<Record<string, Flag>>>(
  command: Command<F>,
): { values: Values<F>; words: readonly string[] } | undefined {
  refuseTaken(toFlags(command), command.flags, process.env);
  const options = Object.fromEntries(Object.entries(command.flags).map(([name, { type }]) => [name, { type }]));
  try {
    const { values, positionals } = parseArgs({
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      strict: true,
      allowPositionals: command.takesWords === true,
    });
    return values.help === true ? undefined : { values: values as Values<F>, words: positionals };
  } catch (error) {
    // Node goes on with advice that is right for its own parser only.
    const [wrong = ''] = errorMessage(error).split(/(?<=\.)\s|\n/);
    throw new UserError(`${wrong.replace(/\.?$/, '.')} \`${toFlags(command)} --help\` says what there is.`);
  }
}

/** What a person types before the flags: npm's own dashes, and a verb where the command is one of several. */
function toFlags({ usage, takesWords }: Pick<Command<Readonly<Record<string, Flag>>>, 'usage' | 'takesWords'>): string {
  const [script = '', ...verb] = usage.split(' -- ');
  return takesWords === true || verb.length === 0 ? `${script} --` : usage;
}

/** `npm run deploy --dry-run` gives the flag to npm, which says nothing: what was meant as a rehearsal would be real. */
function refuseTaken(upToFlags: string, flags: Readonly<Record<string, Flag>>, env: NodeJS.ProcessEnv): void {
  // Empty is what npm makes of `audit=false` in somebody's own settings: nothing that was typed.
  const taken = Object.keys(flags).find((name) => (env[`npm_config_${name.replaceAll('-', '_')}`] ?? '') !== '');
  if (taken === undefined) return;
  const meant = [upToFlags, ...process.argv.slice(2), `--${taken}`].join(' ');
  throw new UserError(
    `npm took --${taken} for itself: what is meant for the command stands behind two dashes.\n  ${meant}`,
  );
}

function help<F extends Readonly<Record<string, Flag>>>(command: Command<F>): string {
  const flags = Object.entries(command.flags).map(([name, flag]) => [
    flag.type === 'string' ? `--${name} VALUE` : `--${name}`,
    flag.help,
  ]);
  const rows = (pairs: readonly (readonly string[])[]) => {
    const width = Math.max(...pairs.map(([left = '']) => left.length));
    return pairs.map(([left = '', right = '']) => `  ${left.padEnd(width)}  ${right}`);
  };
  // What is behind npm's own dashes already needs no second ones.
  const dashes = command.usage.includes(' -- ') ? ' [flags]' : ' -- [flags]';
  const tail = flags.length > 0 && command.takesWords !== true ? dashes : '';
  return [
    `Usage: ${command.usage}${tail}`,
    '',
    command.summary,
    ...(flags.length > 0 ? ['', 'Flags:', ...rows(flags)] : []),
    ...(command.environment === undefined ? [] : ['', 'Environment:', ...rows(Object.entries(command.environment))]),
  ].join('\n');
}

/** npm passes a signal on to its shell only, which ends and leaves this process behind: then its parent changes. */
function watchParent(onGone: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) onGone();
  }, 500).unref();
}

/** Resolves when the signal aborts. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
