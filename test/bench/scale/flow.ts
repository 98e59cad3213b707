/**
 * How calls become requests to Durable Objects and statements of D1: a simulation of the rules that src/objects/gate.ts
 * and src/objects/writer.ts follow. Pure: calls in, counts out.
 *
 * A call is one `admit` of its person's Gate. Its outcome waits in the isolate for the next `admit` of the person, which
 * takes it along, or goes alone after a moment, with all that wait by then: a `settle`. All calls of a person are taken to
 * come through one isolate. The first outcome that arrives sets the Gate's alarm; when it rings, all that is closed goes to a Writer, the same for one Gate always, in shipments of at most 500. The first shipment sets
 * the Writer's alarm; when that rings, all that waits goes to D1 in batches of at most 1,000 rows, each an INSERT that
 * says which it added. A Gate rings once more when its last answer may be forgotten.
 */

export interface Call {
  /** Number of the person, from 0. */
  readonly person: number;
  /** Milliseconds at which the call was admitted, and at which its outcome came. */
  readonly admittedAt: number;
  readonly settledAt: number;
}

export interface Rules {
  /** Milliseconds that an outcome waits to be taken along. */
  readonly hold: number;
  /** Milliseconds that a Gate waits for company before it ships, and a Writer before it drains. */
  readonly shipDelay: number;
  readonly drainDelay: number;
  readonly shipmentSize: number;
  readonly batchRows: number;
  readonly writers: number;
  /** Milliseconds that an answer is remembered. */
  readonly remember: number;
}

/** Those of the source. A test reads them there. */
export const RULES: Rules = {
  hold: 50,
  shipDelay: 200,
  drainDelay: 100,
  shipmentSize: 500,
  batchRows: 1000,
  writers: 2,
  remember: 120_000,
};

export interface Flow {
  readonly calls: number;
  readonly gate: { readonly admit: number; readonly settle: number; readonly alarm: number; readonly tidy: number };
  readonly writer: { readonly append: number; readonly alarm: number };
  readonly d1: { readonly batches: number; readonly rows: number; readonly mostRows: number };
}

/** In: calls in any order. Out: what they cause, until nothing waits any more. */
export function simulate(calls: readonly Call[], rules: Rules = RULES): Flow {
  const shipments: { at: number; writer: number; rows: number }[] = [];
  let settles = 0;
  let alarms = 0;
  let tidy = 0;
  for (const [person, own] of Map.groupBy(calls, (call) => call.person)) {
    const arrived = arrivals(own, rules.hold);
    settles += arrived.alone;
    const outcomes = arrived.at;
    for (let i = 0; i < outcomes.length; ) {
      const rings = (outcomes[i] ?? 0) + rules.shipDelay;
      let rows = 0;
      for (; i < outcomes.length && (outcomes[i] ?? 0) <= rings; i += 1) rows += 1;
      alarms += 1;
      for (let left = rows; left > 0; left -= rules.shipmentSize) {
        shipments.push({ at: rings, writer: person % rules.writers, rows: Math.min(left, rules.shipmentSize) });
      }
    }
    const admissions = own.map((call) => call.admittedAt).sort((a, b) => a - b);
    tidy += admissions.filter((at, i) => (admissions[i + 1] ?? Number.POSITIVE_INFINITY) - at > rules.remember).length;
  }
  let drains = 0;
  let batches = 0;
  let mostRows = 0;
  for (const [, arriving] of Map.groupBy(shipments, (shipment) => shipment.writer)) {
    const ordered = arriving.sort((a, b) => a.at - b.at);
    for (let i = 0; i < ordered.length; ) {
      const rings = (ordered[i]?.at ?? 0) + rules.drainDelay;
      let rows = 0;
      for (; i < ordered.length && (ordered[i]?.at ?? 0) <= rings; i += 1) rows += ordered[i]?.rows ?? 0;
      drains += 1;
      for (let left = rows; left > 0; left -= rules.batchRows) {
        batches += 1;
        mostRows = Math.max(mostRows, Math.min(left, rules.batchRows));
      }
    }
  }
  return {
    calls: calls.length,
    gate: { admit: calls.length, settle: settles, alarm: alarms, tidy },
    writer: { append: shipments.length, alarm: drains },
    d1: { batches, rows: calls.length, mostRows },
  };
}

/** When the outcomes of one person's calls are at the Gate, ascending, and how many times they came without an admission. */
function arrivals(own: readonly Call[], hold: number): { readonly at: readonly number[]; readonly alone: number } {
  const admissions = own.map((call) => call.admittedAt).sort((a, b) => a - b);
  const outcomes = own.map((call) => call.settledAt).sort((a, b) => a - b);
  const at: number[] = [];
  let alone = 0;
  while (at.length < outcomes.length) {
    const first = outcomes[at.length] ?? 0;
    const next = admissions.find((admission) => admission > first) ?? Number.POSITIVE_INFINITY;
    const goes = Math.min(next, first + hold);
    if (goes < next) alone += 1;
    for (let i = at.length; (outcomes[i] ?? Number.POSITIVE_INFINITY) <= goes; i += 1) at.push(goes);
  }
  return { at, alone };
}

export interface Load {
  readonly people: number;
  /** Calls a second of all people together. */
  readonly perSecond: number;
  readonly seconds: number;
  /** Milliseconds from admission to outcome. */
  readonly duration: number;
}

/** Calls of people who call independently of one another, at random times. In: a source of numbers in [0, 1). */
export function randomCalls({ people, perSecond, seconds, duration }: Load, draw: () => number): Call[] {
  return Array.from({ length: Math.round(perSecond * seconds) }, () => {
    const admittedAt = draw() * seconds * 1000;
    return { person: Math.floor(draw() * people), admittedAt, settledAt: admittedAt + duration };
  });
}
