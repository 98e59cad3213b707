/** What a thousand sessions that nobody uses cost in memory. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Generator } from './load.ts';
import { residentBytes } from './proc.ts';
import { sessionTarget } from './requests.ts';
import { openSessions } from './sessions.ts';
import type { Running } from './start.ts';
import type { Name } from './subjects.ts';
import { MARKER } from './upstream.ts';

export const SESSIONS = 1000;
/** workerd puts an idle object away after 10 s. */
const IDLE_MS = 12_000;
/** Milliseconds of calls before the first look, so that what any server grows by at first is not counted. */
const WARM_MS = 1500;

export interface SessionMemory {
  /** Bytes resident more than before: with all sessions just opened, and after they were idle for 12 s. */
  readonly opened: number;
  readonly idle: number;
}

/** In: those that have sessions. Out: bytes by name. Takes about 20 s; run it before anything else. */
export async function sessionMemory(
  running: readonly Running[],
  generator: Generator,
  signal: AbortSignal,
): Promise<ReadonlyMap<Name, SessionMemory>> {
  const found: { one: Running; before: number; opened: number }[] = [];
  for (const one of running) {
    signal.throwIfAborted();
    const [id = ''] = await openSessions(one, 1);
    const targets = [sessionTarget(one, 'call', id)];
    const slice = { port: one.port, method: 'POST', path: '/mcp', targets, marker: MARKER } as const;
    await generator.run({ ...slice, connections: 4, warmupMs: 0, ms: WARM_MS });
    const before = await bytesOf(one);
    await openSessions(one, SESSIONS);
    found.push({ one, before, opened: (await bytesOf(one)) - before });
  }
  await sleep(IDLE_MS);
  const memory = new Map<Name, SessionMemory>();
  for (const { one, before, opened } of found) memory.set(one.name, { opened, idle: (await bytesOf(one)) - before });
  return memory;
}

async function bytesOf({ pid }: Running): Promise<number> {
  return pid === undefined ? Number.NaN : await residentBytes(pid);
}
