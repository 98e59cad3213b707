/** Charts as inline SVG without scripts and without text in them: labels are HTML, so that they stay readable on a phone. */
import type { CallCount, Latency } from '../../audit/charts.ts';
import { spanText } from './frame.tsx';

/** One column of the chart of calls. */
export interface Bar {
  /** UTC: `2026-11-24T16` or `2026-11-24`. */
  readonly time: string;
  readonly good: number;
  readonly bad: number;
  readonly stop: number;
}

const HEIGHT = 100;
const HOUR = 3_600_000;

/** Which of the three a status counts as: it went well, waits or was cancelled, it failed, it was refused. */
function kindOf(status: string): 'good' | 'bad' | 'stop' {
  if (status === 'denied') return 'stop';
  return status === 'error' || status === 'unknown' ? 'bad' : 'good';
}

/** In: counts, milliseconds since the epoch from and to, the unit. Out: a bar for every hour or day, empty ones too. */
export function barsOf(counts: readonly CallCount[], from: number, to: number, unit: 'hour' | 'day'): Bar[] {
  const length = unit === 'hour' ? 13 : 10;
  const step = unit === 'hour' ? HOUR : 24 * HOUR;
  const bars = new Map<string, { time: string; good: number; bad: number; stop: number }>();
  for (let at = Math.floor(from / step) * step; at <= to; at += step) {
    const time = new Date(at).toISOString().slice(0, length);
    bars.set(time, { time, good: 0, bad: 0, stop: 0 });
  }
  for (const { time, status, calls } of counts) {
    const bar = bars.get(time);
    if (bar !== undefined) bar[kindOf(status)] += calls;
  }
  return [...bars.values()];
}

/** Calls over time, stacked: what went well below, what failed above it, what was refused on top. */
export function CallsChart({ bars }: { bars: readonly Bar[] }) {
  const most = Math.max(1, ...bars.map(({ good, bad, stop }) => good + bad + stop));
  const sums = bars.reduce(
    (sum, bar) => ({ good: sum.good + bar.good, bad: sum.bad + bar.bad, stop: sum.stop + bar.stop }),
    {
      good: 0,
      bad: 0,
      stop: 0,
    },
  );
  const height = (calls: number) => (calls / most) * HEIGHT;
  const label = `Calls over time: ${sums.good} went well, wait or were cancelled, ${sums.bad} failed, ${sums.stop} were refused; at most ${most} at once.`;
  return (
    <>
      <p class="legend soft">
        <Swatch kind="good" /> went well, wait or cancelled: {sums.good} · <Swatch kind="bad" /> failed: {sums.bad} ·{' '}
        <Swatch kind="stop" /> refused: {sums.stop}
      </p>
      <svg
        class="chart"
        role="img"
        aria-label={label}
        viewBox={`0 0 ${bars.length * 10} ${HEIGHT}`}
        preserveAspectRatio="none"
      >
        {bars.map(({ good, bad, stop }, i) => (
          <>
            {good > 0 && <Box kind="good" at={i} top={HEIGHT - height(good)} height={height(good)} />}
            {bad > 0 && <Box kind="bad" at={i} top={HEIGHT - height(good + bad)} height={height(bad)} />}
            {stop > 0 && <Box kind="stop" at={i} top={HEIGHT - height(good + bad + stop)} height={height(stop)} />}
          </>
        ))}
      </svg>
      <p class="axis">
        <span>{hourText(bars[0]?.time)}</span>
        <span>tallest: {most}</span>
        <span>{hourText(bars.at(-1)?.time)}</span>
      </p>
    </>
  );
}

/** From the median to the 99th percentile on a scale of tenfold steps, from 1 ms to 30 s. */
export function LatencySpan({ latency: { name, p50, p95, p99 } }: { latency: Latency }) {
  const at = (milliseconds: number) => (Math.log10(Math.max(1, milliseconds)) / Math.log10(30_000)) * 200;
  return (
    <svg
      class="span"
      role="img"
      aria-label={`${name}: p50 ${spanText(p50)}, p95 ${spanText(p95)}, p99 ${spanText(p99)}`}
      viewBox="-4 0 208 16"
      preserveAspectRatio="none"
    >
      {[10, 100, 1000, 10_000].map((mark) => (
        <line class="rule" x1={at(mark)} x2={at(mark)} y1="0" y2="16" stroke-width="1" />
      ))}
      <line class="reach" x1={at(p50)} x2={at(p99)} y1="8" y2="8" stroke-width="2" />
      {[p50, p95, p99].map((value) => (
        <rect class="dot" x={at(value) - 1.5} y="3" width="3" height="10" />
      ))}
    </svg>
  );
}

function Box({ kind, at, top, height }: { kind: string; at: number; top: number; height: number }) {
  return <rect class={kind} x={at * 10 + 1} y={top.toFixed(2)} width="8" height={height.toFixed(2)} />;
}

function Swatch({ kind }: { kind: string }) {
  return (
    <svg viewBox="0 0 10 10" aria-hidden="true">
      <rect class={kind} width="10" height="10" />
    </svg>
  );
}

/** `2026-11-24 16:00` or `2026-11-24`. */
export function hourText(time: string | undefined): string {
  return time === undefined ? '' : time.replace(/T(\d\d)$/, ' $1:00');
}
