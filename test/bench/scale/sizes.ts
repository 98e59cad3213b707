/** What three sizes of a deployment come to: requests, rows, bytes, dollars. Pure, and the same at every run. */
import { random } from '../../support/random.ts';
import type { Flow } from './flow.ts';
import { RULES, randomCalls, simulate } from './flow.ts';
import { ASSUMED, PER_CALL } from './per-call.ts';
import type { Meter } from './prices.ts';
import { cost, D1_GB, FREE, PLAN, PRICES, STORAGE } from './prices.ts';

export interface Size {
  readonly name: string;
  readonly people: number;
  /** Calls a second, day and night. */
  readonly perSecond: number;
}

export const SIZES: readonly Size[] = [
  { name: 'a team', people: 50, perSecond: 10_000 / 86_400 },
  { name: 'a company', people: 5_000, perSecond: 500_000 / 86_400 },
  { name: 'a platform', people: 1_000_000, perSecond: 10_000 },
];

/** Requests a second that one object is asked to take at most: half of what the platform names as its rough limit. */
const WRITER_COMFORT = 500;
/** Rows that objects write for a call. */
const OBJECT_ROWS = PER_CALL.gateRowsWritten + PER_CALL.gateRowsForgotten + PER_CALL.writerRowsWritten;
const SECONDS_A_MONTH = 30 * 86_400;
const DURATION_MS = 300;

export interface Figures {
  readonly size: Size;
  readonly callsADay: number;
  /** For one call: requests to Gates and Writers, batches for D1. */
  readonly gateRequests: number;
  readonly writerRequests: number;
  readonly batches: number;
  /** A second, all together; and of one Gate an hour. */
  readonly gatePerSecond: number;
  readonly gatePerHour: number;
  readonly appendsPerSecond: number;
  /** Writers, so that each takes at most 500 appends a second. */
  readonly writers: number;
  readonly rowsWrittenPerSecond: number;
  readonly gbADay: number;
  /** Days until one D1 database is full. */
  readonly daysToFull: number;
  /** Databases that hold 30 days. */
  readonly databases: number;
  /** Dollars a month. */
  readonly bill: Readonly<Record<Meter | 'd1Storage' | 'archive', number>>;
  readonly total: number;
}

/** In: a size. Out: its figures, with the log of 30 days in D1 and a year of archive in R2. */
export function figuresOf(size: Size): Figures {
  const gates = gateShare(size);
  const writers = writerShare(size);
  const perMonth = size.perSecond * SECONDS_A_MONTH;
  const gateRequests = (gates.gate.admit + gates.gate.settle + gates.gate.alarm + gates.gate.tidy) / gates.calls;
  const appends = writers.writer.append / writers.calls;
  const writerRequests = appends + writers.writer.alarm / writers.calls;
  const objectRequests = gateRequests + writerRequests;
  const gbADay = (size.perSecond * 86_400 * ASSUMED.d1Bytes) / 1e9;
  const bill = {
    workerRequests: cost('workerRequests', perMonth * PER_CALL.workerRequests),
    cpuMilliseconds: cost('cpuMilliseconds', perMonth * ASSUMED.cpuMs),
    objectRequests: cost('objectRequests', perMonth * objectRequests),
    objectGbSeconds: cost('objectGbSeconds', (perMonth * objectRequests * ASSUMED.objectMs * ASSUMED.objectGb) / 1000),
    objectRowsWritten: cost('objectRowsWritten', perMonth * OBJECT_ROWS),
    d1RowsWritten: cost('d1RowsWritten', perMonth * PER_CALL.d1RowsWritten),
    d1Storage: Math.max(0, gbADay * 30 - STORAGE.d1Included) * STORAGE.d1,
    archive: Math.max(0, (perMonth * 12 * ASSUMED.archiveBytes) / 1e9 - STORAGE.r2Included) * STORAGE.r2,
  };
  return {
    size,
    callsADay: size.perSecond * 86_400,
    gateRequests,
    writerRequests,
    batches: writers.d1.batches / writers.calls,
    gatePerSecond: gateRequests * size.perSecond,
    gatePerHour: (gateRequests * size.perSecond * 3600) / size.people,
    appendsPerSecond: appends * size.perSecond,
    writers: Math.max(RULES.writers, Math.ceil((appends * size.perSecond) / WRITER_COMFORT)),
    rowsWrittenPerSecond: size.perSecond * PER_CALL.d1RowsWritten,
    gbADay,
    daysToFull: D1_GB / gbADay,
    databases: Math.ceil((gbADay * 30) / D1_GB),
    bill,
    total: PLAN + Object.values(bill).reduce((sum, dollars) => sum + dollars, 0),
  };
}

/** Calls a day that the free plan carries, by the meter that ends first. */
export function freePlan(): { readonly calls: number; readonly meter: string; readonly rowsInD1: number } {
  const { gateRequests, writerRequests } = figuresOf(SIZES[0] as Size);
  const most: readonly (readonly [string, number])[] = [
    ['requests to the Worker', FREE.workerRequests / PER_CALL.workerRequests],
    ['requests to Durable Objects', FREE.objectRequests / (gateRequests + writerRequests)],
    ['rows written in Durable Objects', FREE.objectRowsWritten / OBJECT_ROWS],
    ['rows written in D1', FREE.d1RowsWritten / PER_CALL.d1RowsWritten],
  ];
  const [meter, calls] = most.reduce((least, one) => (one[1] < least[1] ? one : least));
  return { calls, meter, rowsInD1: (FREE.d1Gb * 1e9) / ASSUMED.d1Bytes };
}

/** A few people for half an hour: what a Gate does depends on its own person only. */
function gateShare({ people, perSecond }: Size): Flow {
  const few = Math.min(people, 2000);
  const load = { people: few, perSecond: (perSecond * few) / people, seconds: 1800, duration: DURATION_MS };
  return simulate(randomCalls({ ...load, seconds: Math.max(1800, 400 / load.perSecond) }, random(7)));
}

/** Everybody, for long enough to see a few thousand calls: what a Writer does depends on all. */
function writerShare({ people, perSecond }: Size): Flow {
  const seconds = Math.max(3, 2000 / perSecond);
  const calls = randomCalls({ people, perSecond, seconds, duration: DURATION_MS }, random(11));
  return simulate(calls, { ...RULES, writers: Math.max(RULES.writers, Math.ceil(perSecond / WRITER_COMFORT)) });
}

/** The tables of docs/scale.md. */
export function tables(): string {
  const all = SIZES.map(figuresOf);
  const row = (name: string, cell: (figures: Figures) => string) => `| ${name} | ${all.map(cell).join(' | ')} |`;
  const dollars = (value: number) => `$${Math.round(value).toLocaleString('en-US')}`;
  const number = (value: number) =>
    value >= 100
      ? Math.round(value).toLocaleString('en-US')
      : value.toLocaleString('en-US', { maximumSignificantDigits: 2 });
  const meters = Object.keys(PRICES) as Meter[];
  const names: Record<Meter, string> = {
    workerRequests: 'requests to the Worker',
    cpuMilliseconds: 'CPU',
    objectRequests: 'requests to Durable Objects',
    objectGbSeconds: 'duration of Durable Objects',
    objectRowsWritten: 'rows written in Durable Objects',
    d1RowsWritten: 'rows written in D1',
  };
  return [
    `|  | ${SIZES.map(({ name }) => name).join(' | ')} |`,
    `| --- |${' --- |'.repeat(SIZES.length)}`,
    row('people, each with a Gate', ({ size }) => number(size.people)),
    row('calls a day', ({ callsADay }) => number(callsADay)),
    row('calls a second', ({ size }) => number(size.perSecond)),
    row('requests to Gates, for one call', ({ gateRequests }) => number(gateRequests)),
    row('requests to Writers, for one call', ({ writerRequests }) => number(writerRequests)),
    row('batches for D1, for one call', ({ batches }) => number(batches)),
    row('requests to all Gates a second', ({ gatePerSecond }) => number(gatePerSecond)),
    row('requests to one Gate an hour', ({ gatePerHour }) => number(gatePerHour)),
    row('appends to Writers a second', ({ appendsPerSecond }) => number(appendsPerSecond)),
    row('Writers for that', ({ writers }) => number(writers)),
    row('rows written in D1 a second', ({ rowsWrittenPerSecond }) => number(rowsWrittenPerSecond)),
    row('GB of log a day', ({ gbADay }) => number(gbADay)),
    row('one D1 database is full after, days', ({ daysToFull }) => number(daysToFull)),
    row('databases that hold 30 days', ({ databases }) => number(databases)),
    '',
    `| dollars a month | ${SIZES.map(({ name }) => name).join(' | ')} |`,
    `| --- |${' --- |'.repeat(SIZES.length)}`,
    row('the plan', () => dollars(PLAN)),
    ...meters.map((meter) => row(names[meter], ({ bill }) => dollars(bill[meter]))),
    row('30 days of log in D1', ({ bill }) => dollars(bill.d1Storage)),
    row('a year of it in R2', ({ bill }) => dollars(bill.archive)),
    row('**all**', ({ total }) => `**${dollars(total)}**`),
  ].join('\n');
}
