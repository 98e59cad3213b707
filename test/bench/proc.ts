/** What Linux says of a workerd process. Elsewhere there is no /proc, and figures that need it are left out. */
import { readdir, readFile } from 'node:fs/promises';

/** Ids of the workerd processes that this one has started. */
export async function workerdProcesses(): Promise<Set<number>> {
  const found = new Set<number>();
  for (const name of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const [, command, parent] = /\((.*)\) \S (\d+)/.exec(stat) ?? [];
    if (command === 'workerd' && Number(parent) === process.pid) found.add(Number(name));
  }
  return found;
}

/** Microseconds of CPU that all threads of a process have used so far. */
export async function cpuMicros(pid: number): Promise<number> {
  let nanos = 0;
  for (const thread of await readdir(`/proc/${pid}/task`).catch(() => [])) {
    const stat = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '');
    nanos += Number(stat.split(' ')[0] ?? 0);
  }
  return nanos / 1000;
}

/** Bytes that a process holds in memory. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) * 1024;
}
