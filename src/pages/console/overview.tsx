/** Calls over time, how long tools take, who was refused, and how the chains stand. */
import type { ChainStatus } from '../../audit/chain-status.ts';
import type { CallCount, Denial, Latency } from '../../audit/charts.ts';
import { barsOf, CallsChart, hourText, LatencySpan } from './chart.tsx';
import { queryOf } from './filter.ts';
import { Cell, type Frame, framed, spanText, Text, timeText } from './frame.tsx';

const HOUR = 3_600_000;

/** Spans that can be chosen; each says how it is cut into columns. */
export const SPANS = {
  '24h': { title: '24 hours', milliseconds: 24 * HOUR, unit: 'hour' },
  '7d': { title: '7 days', milliseconds: 7 * 24 * HOUR, unit: 'hour' },
  '30d': { title: '30 days', milliseconds: 30 * 24 * HOUR, unit: 'day' },
  '365d': { title: '365 days', milliseconds: 365 * 24 * HOUR, unit: 'day' },
} as const;
export type Span = keyof typeof SPANS;

export interface OverviewView {
  readonly frame: Frame;
  readonly span: Span;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly counts: readonly CallCount[];
  readonly latencies: readonly Latency[];
  readonly denials: readonly Denial[];
  readonly chains: readonly ChainStatus[];
}

export function overviewPage(view: OverviewView): Response {
  const { frame, span, now, counts, latencies, denials, chains } = view;
  const { milliseconds, unit } = SPANS[span];
  const from = now - milliseconds;
  const bars = barsOf(counts, from, now, unit);
  return framed(
    frame,
    'Overview',
    'overview',
    <>
      <p class="between">
        <span>
          {(Object.keys(SPANS) as Span[]).map((one) => (
            <a href={`${frame.base}/console/overview?span=${one}`} aria-current={one === span ? 'true' : undefined}>
              {SPANS[one].title}
            </a>
          ))}
        </span>
      </p>
      <h2>Calls</h2>
      <CallsChart bars={bars} />
      <details>
        <summary>The same as a table</summary>
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">{unit === 'hour' ? 'Hour' : 'Day'}</th>
                <th scope="col" class="number">
                  Well, waiting or cancelled
                </th>
                <th scope="col" class="number">
                  Failed
                </th>
                <th scope="col" class="number">
                  Refused
                </th>
              </tr>
            </thead>
            <tbody>
              {bars
                .filter(({ good, bad, stop }) => good + bad + stop > 0)
                .map(({ time, good, bad, stop }) => (
                  <tr>
                    <th scope="row">{hourText(time)}</th>
                    <td class="number">{good}</td>
                    <td class="number">{bad}</td>
                    <td class="number">{stop}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      </details>
      <h2>How long tools take</h2>
      <Latencies frame={frame} latencies={latencies} />
      <h2>What was refused</h2>
      <Denials frame={frame} denials={denials} from={new Date(from).toISOString()} />
      <h2>Hash chains</h2>
      <Chains chains={chains} />
    </>,
  );
}

function Latencies({ frame, latencies }: { frame: Frame; latencies: readonly Latency[] }) {
  if (latencies.length === 0) return <p>No call ran to its end in this span.</p>;
  return (
    <table class="cards">
      <caption>
        Estimated from the histogram, within its buckets. The marks of each line are p50, p95 and p99; the rules are 10
        ms, 100 ms, 1 s and 10 s.
      </caption>
      <thead>
        <tr>
          <th scope="col">Tool</th>
          {['Calls', 'p50', 'p95', 'p99'].map((name) => (
            <th scope="col" class="number">
              {name}
            </th>
          ))}
          <th scope="col">1 ms to 30 s</th>
        </tr>
      </thead>
      <tbody>
        {latencies.map((latency) => (
          <tr>
            <Cell label="Tool">
              <a href={`${frame.base}/console${queryOf({ filter: callOf(latency.name) })}`}>
                <Text text={latency.name} max={60} />
              </a>
            </Cell>
            <Cell label="Calls" kind="number">
              {latency.timed}
            </Cell>
            {(['p50', 'p95', 'p99'] as const).map((name) => (
              <Cell label={name} kind="number">
                {spanText(latency[name])}
              </Cell>
            ))}
            <Cell label="">
              <LatencySpan latency={latency} />
            </Cell>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Denials({ frame, denials, from }: { frame: Frame; denials: readonly Denial[]; from: string }) {
  if (denials.length === 0) return <p>Nothing was refused in this span.</p>;
  return (
    <table class="cards">
      <caption>The most often refused first.</caption>
      <thead>
        <tr>
          <th scope="col">User</th>
          <th scope="col">Client</th>
          <th scope="col">Call</th>
          <th scope="col">Why</th>
          <th scope="col" class="number">
            Times
          </th>
          <th scope="col">Last</th>
        </tr>
      </thead>
      <tbody>
        {denials.map(({ user_id, user_login, client_name, name, error_code, calls, last }) => (
          <tr>
            <Cell label="User">
              <a
                href={`${frame.base}/console${queryOf({ filter: { user: user_id, status: 'denied', from, ...(error_code !== null && { error: error_code }) } })}`}
              >
                <Text text={user_login} max={40} />
              </a>
            </Cell>
            <Cell label="Client">
              <Text text={client_name} max={40} />
            </Cell>
            <Cell label="Call">
              <Text text={name} max={60} />
            </Cell>
            <Cell label="Why">
              <Text text={error_code ?? '–'} max={60} />
            </Cell>
            <Cell label="Times" kind="number">
              {calls}
            </Cell>
            <Cell label="Last" kind="time">
              <time datetime={last}>{timeText(last)}</time>
            </Cell>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Chains({ chains }: { chains: readonly ChainStatus[] }) {
  return (
    <>
      {chains
        .filter(({ problem }) => problem !== undefined)
        .map(({ chain_id, problem }) => (
          <div class="warning" role="alert">
            <p>
              <strong>{chain_id}</strong>: {problem}. Run <code>npm run audit -- verify --remote</code>.
            </p>
          </div>
        ))}
      <table class="cards">
        <caption>
          Each Writer keeps a chain. Its end is kept outside D1 and compared here with the newest row in D1; all rows
          before it are looked at in the course of a day.
        </caption>
        <thead>
          <tr>
            <th scope="col">Chain</th>
            <th scope="col" class="number">
              Rows given a number
            </th>
            <th scope="col" class="number">
              Waiting for D1
            </th>
            <th scope="col">Newest row in D1</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {chains.map(({ chain_id, seq, waiting, written, problem }) => (
            <tr>
              <Cell label="Chain">
                <code>{chain_id}</code>
              </Cell>
              <Cell label="Rows given a number" kind="number">
                {seq}
              </Cell>
              <Cell label="Waiting for D1" kind="number">
                {waiting}
              </Cell>
              <Cell label="Newest row in D1">
                {written === undefined ? (
                  'none'
                ) : (
                  <span>
                    {written.seq}, <time datetime={written.timestamp}>{timeText(written.timestamp)}</time>
                  </span>
                )}
              </Cell>
              <Cell label="State">
                <span class={`status ${problem === undefined ? 'success' : 'error'}`}>
                  {problem === undefined ? 'no damage found' : 'damaged'}
                </span>
              </Cell>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** What stands in the place of a tool's name is the method, where it is no tool call. */
function callOf(name: string) {
  return name.includes('/') ? { method: name } : { tool: name };
}
