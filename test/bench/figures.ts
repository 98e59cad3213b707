/** From samples to the figures that are reported. Pure. */
import type { ListSize } from './lists.ts';
import type { Measure, Measured, Samples } from './measure.ts';
import type { SessionMemory } from './memory.ts';
import type { Spread } from './stats.ts';
import { pairedRatio, quantile, spread } from './stats.ts';
import type { Name } from './subjects.ts';
import { subjectOf } from './subjects.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly workerd: string;
  /** Where the databases of all lay: `memory`, or a `disk`, which they wait for. */
  readonly storage: string;
  /** Processes that wanted a core in the last minute (load average), before and after: above 1 before, it was not alone. */
  readonly loadBefore: number;
  readonly loadAfter: number;
}

export interface SubjectFigures {
  readonly name: Name;
  readonly title: string;
  readonly era: 'modern' | 'session';
  /** Milliseconds of a call over one connection, answers a second over one and over 16, µs of CPU a call over 16. */
  readonly p50: number;
  readonly p99: number;
  readonly perSecond1: number;
  readonly perSecond16: number;
  readonly p99at16: number;
  readonly cpu: number;
  /** Milliseconds of tools/list over one connection. */
  readonly listP50: number;
  readonly gzipBytes: number;
  readonly startupMs?: number | undefined;
  readonly sessions?: SessionMemory | undefined;
}

export interface Ratio extends Spread {
  readonly what: string;
  readonly of: Name;
  readonly to: Name;
  /** The figure of issues 3 and 6, where there is one. */
  readonly target?: { readonly bound: number; readonly atMost: boolean } | undefined;
  readonly met?: boolean | undefined;
}

export interface Figures {
  readonly date: string;
  readonly machine: Machine;
  readonly rounds: number;
  readonly delayMs: number;
  /** Milliseconds of a request straight to the upstream. */
  readonly upstreamMs: number;
  readonly subjects: readonly SubjectFigures[];
  readonly ratios: readonly Ratio[];
  readonly lists: readonly ListSize[];
}

export interface Raw {
  readonly measured: Measured;
  readonly startups: ReadonlyMap<Name, readonly number[]>;
  readonly memory: ReadonlyMap<Name, SessionMemory>;
  readonly gzipBytes: ReadonlyMap<Name, number>;
}

export function subjectFigures({ measured, startups, memory, gzipBytes }: Raw): SubjectFigures[] {
  return [...measured.subjects].map(([name, { call, call16, list }]) => {
    const started = startups.get(name);
    return {
      name,
      title: subjectOf(name).title,
      era: subjectOf(name).era,
      p50: quantile(call.latencies, 0.5),
      p99: quantile(call.latencies, 0.99),
      perSecond1: quantile(call.perSecond, 0.5),
      perSecond16: quantile(call16.perSecond, 0.5),
      p99at16: quantile(call16.latencies, 0.99),
      cpu: quantile(call16.cpu, 0.5),
      listP50: quantile(list.latencies, 0.5),
      gzipBytes: gzipBytes.get(name) ?? Number.NaN,
      startupMs: started === undefined ? undefined : quantile(started, 0.5),
      sessions: memory.get(name),
    };
  });
}

/** Every comparison whose two sides were measured. */
export function ratiosOf({ measured, startups }: Raw): Ratio[] {
  const found: Ratio[] = [];
  const add = (what: string, of: Name, to: Name, value: Spread | undefined, target?: Ratio['target']) => {
    if (value === undefined || Number.isNaN(value.median)) return;
    const met = target && (target.atMost ? value.median <= target.bound : value.median >= target.bound);
    found.push({ what, of, to, ...value, target, met });
  };
  const paired = (of: Name, to: Name, pick: (measures: Measures) => readonly number[]) => {
    const [a, b] = [measured.subjects.get(of), measured.subjects.get(to)];
    return a === undefined || b === undefined ? undefined : pairedRatio(pick(a), pick(b));
  };
  const compare = (of: Name, to: Name, targets: { p50?: number; perSecond?: number; cpu?: number } = {}) => {
    add(
      'p50 of a call',
      of,
      to,
      paired(of, to, (m) => m.call.p50),
      atMost(targets.p50),
    );
    add(
      'calls a second, 16 connections',
      of,
      to,
      paired(of, to, (m) => m.call16.perSecond),
      atLeast(targets.perSecond),
    );
    add(
      'CPU a call',
      of,
      to,
      paired(of, to, (m) => m.call16.cpu),
      atMost(targets.cpu),
    );
    add(
      'p50 of tools/list',
      of,
      to,
      paired(of, to, (m) => m.list.p50),
    );
  };
  compare('gate', 'pattern', { p50: 1, perSecond: 1 });
  compare('gate', 'pattern-lean');
  compare('gate', 'handler');
  add('what the gate adds to a call, of what that costs', 'gate', 'handler', added(measured), atMost(0.5));
  compare('gate-dpop', 'gate', { p50: 1.25, cpu: 1.25 });
  const pings = (of: Name, target?: Ratio['target']) => {
    const value = paired(of, 'mcp-agent', (m) => m.ping16.perSecond);
    add('pings a second, 16 connections: the transport alone', of, 'mcp-agent', value, target);
  };
  pings('session', atLeast(3));
  compare('session', 'mcp-agent');
  pings('gate-session');
  compare('gate-session', 'mcp-agent', { perSecond: 2 });
  const [gate, agent] = [startups.get('gate'), startups.get('mcp-agent')];
  if (gate !== undefined && agent !== undefined) {
    add('start-up', 'gate', 'mcp-agent', pairedRatio(gate, agent), atMost(1));
  }
  return found;
}

type Measures = Readonly<Record<Measure, Samples>>;

/** The upstream's own time is no cost of the handler: it is taken off before the comparison. */
function added({ subjects, upstream }: Measured): Spread | undefined {
  const [gate, handler] = [subjects.get('gate'), subjects.get('handler')];
  if (gate === undefined || handler === undefined) return undefined;
  return spread(
    gate.call.p50.map((value, round) => {
      const bare = handler.call.p50[round] ?? Number.NaN;
      return (value - bare) / (bare - (upstream[round] ?? 0));
    }),
  );
}

function atMost(bound: number | undefined): Ratio['target'] {
  return bound === undefined ? undefined : { bound, atMost: true };
}

function atLeast(bound: number | undefined): Ratio['target'] {
  return bound === undefined ? undefined : { bound, atMost: false };
}
