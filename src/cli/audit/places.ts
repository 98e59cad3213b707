/** Whose log is audited: the one of `npm start` on this machine, or the deployment's. */
import type { LogSources } from '../../audit/audit-log.ts';
import { hasLog, readRunning } from '../data-dir.ts';
import { UserError } from '../errors.ts';
import { DATABASE_NAME, runNode, WRANGLER, WRANGLER_ENV } from '../project.ts';
import { settingsFrom } from '../settings.ts';
import { startStack } from '../stack.ts';
import type { GateAddress } from './gate.ts';
import { gateSources } from './gate.ts';

export interface AuditPlace {
  /** What is looked at, for the person who asked. */
  readonly what: string;
  readonly gate: GateAddress;
  readonly sources: LogSources;
  stop(): Promise<void>;
}

export interface PlaceOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly dataDir: string;
  readonly signal: AbortSignal;
}

/** The deployment: rows through wrangler, straight from D1; the rest from the gate. */
export function deployedPlace({ env, signal }: PlaceOptions): AuditPlace {
  const [origin, token] = [env.PUBLIC_URL?.trim(), env.AUDIT_TOKEN?.trim()];
  const missing = [!origin && 'PUBLIC_URL', !token && 'AUDIT_TOKEN'].filter(Boolean);
  if (!origin || !token)
    throw new UserError(`Set ${missing.join(' and ')} in the environment, as the deployment has them.`);
  const gate = { origin, token };
  return {
    what: `The log of ${origin}.`,
    gate,
    sources: { ...gateSources(gate), query: throughWrangler(['--remote'], signal) },
    stop: async () => {},
  };
}

/** This machine: the stack that runs on the data directory, or one that is started for this and stopped again. */
export async function localPlace({ env, dataDir, signal }: PlaceOptions): Promise<AuditPlace> {
  const running = await readRunning(dataDir);
  if (running !== undefined) {
    const { origin, publicUrl, auditToken: token } = running;
    const gate = { origin, host: new URL(publicUrl).host, token };
    const query = throughWrangler(['--local', '--persist-to', dataDir], signal);
    const what = `The log in ${dataDir}, and the gate that runs on it at ${publicUrl}.`;
    return { what, gate, sources: { ...gateSources(gate), query }, stop: async () => {} };
  }
  // A mistyped directory would be made, and found to be whole.
  if (!(await hasLog(dataDir))) {
    throw new UserError(`There is no log in ${dataDir}. Name the data directory of your npm start with --data-dir.`);
  }
  const stack = await startStack({ dataDir, settings: settingsFrom(env), signal });
  const gate = {
    origin: `http://127.0.0.1:${stack.directPort}`,
    host: new URL(stack.settings.PUBLIC_URL ?? stack.url).host,
    token: stack.settings.AUDIT_TOKEN ?? '',
  };
  const sources = { ...gateSources(gate), query: (sql: string) => stack.query(sql) };
  const what = `The log in ${dataDir}: no gate runs on it, so one was started to look.`;
  return { what, gate, sources: sources as LogSources, stop: () => stack.stop() };
}

function throughWrangler(where: readonly string[], signal: AbortSignal): LogSources['query'] {
  return async <Row>(sql: string) => {
    const args = ['d1', 'execute', DATABASE_NAME, ...where, '--json', '--command', sql];
    const ran = await runNode(WRANGLER, args, { env: WRANGLER_ENV, signal });
    if (ran.status !== 0) throw failure(`${ran.stdout}\n${ran.stderr}`.trim());
    const [answer] = JSON.parse(ran.stdout) as [{ results: Row[] }];
    return answer.results;
  };
}

/** In: what wrangler printed. A log that is gone as a whole is the worst that can be found, and no slip of wrangler's. */
function failure(words: string): UserError {
  return /no such table: mcp_audit_log/i.test(words)
    ? new UserError('BROKEN: the table mcp_audit_log is gone from the database, and every row with it.')
    : new UserError(`wrangler d1 execute failed:\n${words}`);
}
