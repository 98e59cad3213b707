/** Sends inputs of every kind to a running gate and judges what comes back. */
import { callTool, tokenOf } from '../support/rpc.ts';
import { drawFor } from './draw.ts';
import type { LogWatch } from './judge.ts';
import { faultOf } from './judge.ts';
import { argumentsShot } from './kinds/arguments.ts';
import { consoleShot } from './kinds/console.ts';
import { cookiesShot } from './kinds/cookies.ts';
import { edgeShot } from './kinds/edge.ts';
import { formsShot } from './kinds/forms.ts';
import { headersShot } from './kinds/headers.ts';
import { jsonRpcShot } from './kinds/json-rpc.ts';
import { proofsShot } from './kinds/proofs.ts';
import { tokensShot } from './kinds/tokens.ts';
import type { Shot } from './shot.ts';
import { shoot } from './shot.ts';
import type { Target } from './target.ts';

export const KINDS = {
  edge: edgeShot,
  'json-rpc': jsonRpcShot,
  arguments: argumentsShot,
  headers: headersShot,
  tokens: tokensShot,
  proofs: proofsShot,
  cookies: cookiesShot,
  forms: formsShot,
  console: consoleShot,
} as const;

export type Kind = keyof typeof KINDS;
const NAMES = Object.keys(KINDS) as Kind[];

export interface Failure {
  /** Number of the input in its run: `--seed S --only N` sends it again. Undefined for what only the log tells. */
  readonly index: number | undefined;
  readonly kind: Kind | undefined;
  readonly fault: string;
  readonly shot?: Shot;
}

export interface FuzzReport {
  /** How many inputs of a kind had which status for an answer; 0 for a connection that ended without one. */
  readonly answers: Readonly<Record<Kind, Readonly<Record<string, number>>>>;
  readonly failures: readonly Failure[];
  readonly milliseconds: number;
}

export interface FuzzOptions {
  readonly seed: number;
  /** Numbers of the inputs: from `from` (0 if left out) up to `from + count - 1`. */
  readonly count: number;
  readonly from?: number;
  /** Inputs under way at once. */
  readonly parallel?: number;
}

/** In: the seed and number of an input. Out: which kind it is, and the request. The kinds take turns. */
export async function inputOf(seed: number, index: number, target: Target): Promise<{ kind: Kind; shot: Shot }> {
  const kind = NAMES[index % NAMES.length] as Kind;
  return { kind, shot: await KINDS[kind](drawFor(seed, index), target) };
}

/** Sends them all. What the log says meanwhile counts, and afterwards the gate must still serve a call. */
export async function fuzz(
  target: Target,
  log: LogWatch,
  { seed, count, from = 0, parallel = 16 }: FuzzOptions,
): Promise<FuzzReport> {
  const answers = Object.fromEntries(NAMES.map((name) => [name, {}])) as Record<Kind, Record<string, number>>;
  const failures: Failure[] = [];
  const began = performance.now();
  let next = from;
  const work = async () => {
    while (next < from + count) {
      const index = next++;
      const { kind, shot } = await inputOf(seed, index, target);
      const hit = await shoot(target.port, shot);
      answers[kind][hit.status] = (answers[kind][hit.status] ?? 0) + 1;
      const fault = faultOf(hit);
      if (fault !== undefined) failures.push({ index, kind, fault: `${fault}: ${hit.body.slice(0, 500)}`, shot });
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  const milliseconds = performance.now() - began;
  const after = await callTool(target.stack, (await tokenOf(target.stack)).token, 'get_me', {});
  if (after.status !== 200) {
    failures.push({
      index: undefined,
      kind: undefined,
      fault: `a good call afterwards: ${after.status} ${after.text}`,
    });
  }
  for (const fault of log.faults) failures.push({ index: undefined, kind: undefined, fault: `log: ${fault}` });
  return { answers, failures, milliseconds };
}
