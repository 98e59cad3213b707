/**
 * The local stack: the Worker exactly as deployed, in workerd with local D1 and Durable Objects, and (unless the settings
 * name another) the embedded GitHub. `npm start`, `npm run demo` and the end-to-end tests all run this.
 */
import { join, relative } from 'node:path';
import type { V4WorkerOptions } from 'miniflare';
import { convertV4MiniflareOptions, Miniflare, NoOpLog } from 'miniflare';
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from 'wrangler';
import { parseConfig } from '../config.ts';
import type { Bundle } from './bundle.ts';
import { buildWorker, readBundle } from './bundle.ts';
import { auditToken, readTokens, secretKey, takeDataDir, writeRunning, writeTokens } from './data-dir.ts';
import { UserError } from './errors.ts';
import { openFront } from './front.ts';
import type { EmbeddedGitHub } from './github/index.ts';
import { startGitHub } from './github/index.ts';
import { applyMigrations } from './migrate.ts';
import { freePort } from './ports.ts';
import { DATABASE_BINDING, DATABASE_NAME, ROOT, WRANGLER_CONFIG } from './project.ts';
import type { Settings } from './settings.ts';
import { EMBEDDED_ALLOWED, hasOwnGitHub } from './settings.ts';

export interface StackOptions {
  /** Port of the gate; 0 (the default) for any free one. */
  readonly port?: number;
  /** Port of the embedded GitHub; 0 (the default) for any free one. */
  readonly githubPort?: number;
  /** Kept when the stack stops. Without it: a fresh directory that goes with the stack. */
  readonly dataDir?: string | undefined;
  /** The Worker's settings by name, such as `LIMIT_CLIENT`; with `GITHUB_CLIENT_ID` no GitHub is embedded. */
  readonly settings?: Settings;
  /** Directory that `buildWorker` filled. Without it the Worker is built anew. */
  readonly bundleDir?: string | undefined;
  /** Another wrangler.toml, for trying the stack with another Worker. */
  readonly config?: string;
  /** Called with every line the Worker logs, besides keeping it in `logs`. */
  readonly onLog?: (line: LogLine) => void;
  /** Stops a start under way. Who passes it answers SIGINT, SIGTERM and SIGHUP and calls `stop`; otherwise Miniflare ends the process. */
  readonly signal?: AbortSignal | undefined;
  /** Starts even with settings that the Worker will refuse, to look at how it does. */
  readonly allowBadSettings?: boolean;
}

export interface LogLine {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  /** `log`, `info`, `warn`, `error`, … */
  readonly level: string;
  readonly message: string;
}

export interface Stack {
  /** Origin of the gate, without a trailing slash. */
  readonly url: string;
  readonly mcpUrl: string;
  readonly dataDir: string;
  readonly settings: Settings;
  /** Throws when the settings name another GitHub: ask `embedded` first. */
  readonly github: EmbeddedGitHub;
  readonly embedded: boolean;
  readonly bundle: Bundle;
  /** What the Worker logged, oldest first; the newest 5,000 lines. */
  readonly logs: readonly LogLine[];
  /** For what only the runtime can do: evicting a Durable Object, listing their ids. The Worker's name is `WORKER_NAME`. */
  readonly miniflare: Miniflare;
  /** Where workerd itself listens on 127.0.0.1, past the front door: for measuring. The `Host` header must stay that of `url`. */
  readonly directPort: number;
  /** Runs one statement against the audit database. Out: its rows. */
  query<T = Record<string, unknown>>(sql: string, ...params: readonly unknown[]): Promise<T[]>;
  /** The same from a shell in the project's directory, while the stack runs. In: one SQL statement. */
  sqlCommand(sql: string): string;
  /** Ends everything that was started; a temporary data directory goes too. Safe to call twice. */
  stop(): Promise<void>;
}

/** Name under which workerd knows the Worker: `miniflare.listDurableObjectIds('GATE', WORKER_NAME)`. */
export const WORKER_NAME = 'gatehouse';
const MOST_LOG_LINES = 5000;

/** Starts it. Rejects, with nothing left running, with a UserError for what the person can mend (ports, settings, build). */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const cleanups: (() => Promise<unknown>)[] = [];
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= (async () => {
      for (const cleanup of cleanups.reverse()) await cleanup().catch(() => undefined);
    })();
    return stopping;
  };
  try {
    return await start(options, cleanups, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  options: StackOptions,
  cleanups: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<Stack> {
  const given = options.settings ?? {};
  const ownGitHub = hasOwnGitHub(given);
  const data = await takeDataDir(options.dataDir);
  cleanups.push(data.release);
  const inner = await freePort();
  const front = await openFront(options.port ?? 0, () => inner);
  cleanups.push(front.stop);
  const url = `http://localhost:${front.port}`;
  const publicUrl = given.PUBLIC_URL ?? url;
  const [github, key, token, bundle] = await settle([
    ownGitHub
      ? undefined
      : embed(options.githubPort ?? 0, data.path, publicUrl).then((started) => {
          cleanups.push(started.stop);
          return started;
        }),
    ownKey(given) ? undefined : secretKey(data.path),
    auditToken(data.path),
    options.bundleDir === undefined
      ? buildWorker(join(data.path, 'bundle'), options.config, options.signal)
      : readBundle(options.bundleDir),
  ]);
  options.signal?.throwIfAborted();

  const settings: Settings = {
    ...(github !== undefined && embeddedSettings(github)),
    PUBLIC_URL: publicUrl,
    ...(key !== undefined && { SECRET_KEY: key }),
    AUDIT_TOKEN: token,
    ...given,
  };
  const checked = parseConfig(settings);
  if (!checked.ok && options.allowBadSettings !== true) {
    throw new UserError(checked.error.map(({ variable, rule }) => `${variable} ${rule}.`).join('\n'));
  }
  const logs: LogLine[] = [];
  const onLog = (line: LogLine) => {
    if (logs.length >= MOST_LOG_LINES) logs.shift();
    logs.push(line);
    options.onLog?.(line);
  };
  const config = options.config ?? WRANGLER_CONFIG;
  const run = () => runWorker({ port: inner, dataDir: data.path, config, bundle, settings, onLog });
  const miniflare = options.signal === undefined ? run() : withoutItsSignals(run);
  cleanups.push(() => miniflare.dispose());
  await miniflare.ready;
  const db = await miniflare.getD1Database(DATABASE_BINDING);
  await applyMigrations(db);
  const running = { origin: `http://127.0.0.1:${inner}`, publicUrl };
  cleanups.push(await writeRunning(data.path, { ...running, auditToken: settings.AUDIT_TOKEN ?? token }));

  return {
    url,
    mcpUrl: `${publicUrl}/mcp`,
    dataDir: data.path,
    settings,
    get github() {
      if (github === undefined) throw new UserError('This stack uses another GitHub, none is embedded.');
      return github;
    },
    embedded: github !== undefined,
    bundle,
    logs,
    miniflare,
    directPort: inner,
    query: async <T>(sql: string, ...params: readonly unknown[]) =>
      (
        await db
          .prepare(sql)
          .bind(...params)
          .all<T>()
      ).results,
    sqlCommand: (sql) =>
      `npx wrangler d1 execute ${DATABASE_NAME} --local --persist-to ${shellQuote(fromRoot(data.path))} --command ${shellQuote(sql)}`,
    stop,
  };
}

function runWorker(run: {
  port: number;
  dataDir: string;
  config: string;
  bundle: Bundle;
  settings: Settings;
  onLog: (line: LogLine) => void;
}): Miniflare {
  // From wrangler.toml alone: what a developer keeps in .dev.vars or .env stays out of it.
  const { modulesRules: _rules, ...worker } = unstable_getMiniflareWorkerOptions(run.config).workerOptions;
  const vars = unstable_readConfig({ config: run.config }).vars;
  const options: V4WorkerOptions = {
    ...worker,
    name: WORKER_NAME,
    modulesRoot: run.bundle.dir,
    modules: [...run.bundle.modules],
    bindings: { ...vars, ...run.settings },
    // The archive, which a deployment may have or not.
    r2Buckets: { ARCHIVE: 'gatehouse-archive' },
    // Straight into the Worker: behind Miniflare's own front door a client's disconnect is not seen as an abort.
    unsafeDirectSockets: [{ host: '127.0.0.1', port: run.port }],
  };
  return new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      // The layout of `wrangler dev`, so that `wrangler d1 execute --local --persist-to` finds the same database.
      resourcePersistencePath: join(run.dataDir, 'v3'),
      log: new NoOpLog(),
      handleStructuredLogs: run.onLog,
      cf: false,
      telemetry: { enabled: false },
      workers: [options],
    }),
  );
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Miniflare ends the process by itself at a signal, before anybody could clean up: its listeners are taken away again. */
function withoutItsSignals<T>(make: () => T): T {
  const before = new Map(SIGNALS.map((signal) => [signal, new Set(process.listeners(signal))]));
  const made = make();
  for (const signal of SIGNALS) {
    for (const listener of process.listeners(signal)) {
      if (before.get(signal)?.has(listener) !== true) process.off(signal, listener);
    }
  }
  return made;
}

/** Whether the settings bring a key, under whichever number. */
function ownKey(settings: Settings): boolean {
  return Object.keys(settings).some((name) => /^SECRET_KEY(_\d+)?$/.test(name));
}

async function embed(port: number, dataDir: string, publicUrl: string): Promise<EmbeddedGitHub> {
  const tokens = await readTokens(dataDir);
  return startGitHub({
    port,
    redirectUris: [`${publicUrl}/callback`],
    tokens,
    onToken: (token, login) => {
      tokens[token] = login;
      // A token that could not be kept costs a sign-in after the next restart, no more.
      writeTokens(dataDir, tokens).catch(() => undefined);
    },
  });
}

function embeddedSettings(github: EmbeddedGitHub): Settings {
  return {
    GITHUB_URL: github.url,
    GITHUB_API_URL: github.url,
    GITHUB_CLIENT_ID: github.clientId,
    GITHUB_CLIENT_SECRET: github.clientSecret,
    ...EMBEDDED_ALLOWED,
  };
}

/** `Promise.all` that waits for every part even when one fails, so that nothing is still starting when we clean up. */
async function settle<T extends readonly unknown[]>(
  parts: readonly [...T],
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const settled = await Promise.allSettled(parts);
  const failed = settled.find((part): part is PromiseRejectedResult => part.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return settled.map((part) => (part as PromiseFulfilledResult<unknown>).value) as {
    -readonly [K in keyof T]: Awaited<T[K]>;
  };
}

/** Short where that can be: the command is read and copied by people. */
function fromRoot(path: string): string {
  const short = relative(ROOT, path);
  return short.startsWith('..') ? path : short;
}

function shellQuote(text: string): string {
  return /^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
