/** The generator: closed loops over a number of connections, in a thread of its own. */
import { Agent } from 'node:http';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { send } from './http.ts';
import type { Bound } from './proofs.ts';
import { noteNonce, proofFor } from './proofs.ts';

/** Where one connection sends its requests. The id of each stands between the two halves of the body. */
export interface Target {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: readonly [before: string, after: string];
  /** Where the token is bound to a key: each request gets a proof of its own. */
  readonly bound?: Bound | undefined;
}

export interface Slice {
  readonly port: number;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Connection i sends to target i, and so on around. */
  readonly targets: readonly Target[];
  readonly connections: number;
  /** Milliseconds that are not counted, then milliseconds that are. */
  readonly warmupMs: number;
  readonly ms: number;
  /** What every answer must hold. */
  readonly marker: string;
}

export interface SliceResult {
  /** Milliseconds of each counted request. */
  readonly latencies: Float64Array;
  /** Answers a second, in the counted time. */
  readonly perSecond: number;
  /** All requests, those of the warm-up too. */
  readonly sent: number;
}

export interface Generator {
  /** Rejects when one answer is not as it must be: what is refused or fails is not measured. */
  run(slice: Slice): Promise<SliceResult>;
  stop(): Promise<void>;
}

export function startGenerator(): Generator {
  const thread = new Worker(new URL(import.meta.url));
  return {
    run: (slice) =>
      new Promise((resolve, reject) => {
        thread.once('message', (answer: SliceResult | { failed: string }) => {
          if ('failed' in answer) reject(new Error(answer.failed));
          else resolve(answer);
        });
        thread.postMessage(slice);
      }),
    stop: async () => {
      await thread.terminate();
    },
  };
}

let nextId = 1;

async function run(slice: Slice): Promise<SliceResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: slice.connections });
  const proofs = await proofsFor(slice);
  const latencies: number[] = [];
  const begin = performance.now() + slice.warmupMs;
  const end = begin + slice.ms;
  let sent = 0;
  let failure: Error | undefined;
  const loop = async (target: Target) => {
    for (;;) {
      if (performance.now() >= end || failure !== undefined) return;
      const { bound } = target;
      const proof = bound === undefined ? {} : { dpop: proofs.pop() ?? (await proofFor(bound)) };
      const at = performance.now();
      sent += 1;
      await ask(slice, { ...target, headers: { ...target.headers, ...proof } }, agent);
      const done = performance.now();
      if (done >= begin && done <= end) latencies.push(done - at);
    }
  };
  const loops = Array.from({ length: slice.connections }, (_, i) =>
    loop(slice.targets[i % slice.targets.length] as Target).catch((error: Error) => {
      failure ??= error;
    }),
  );
  await Promise.all(loops);
  agent.destroy();
  if (failure !== undefined) throw failure;
  return { latencies: Float64Array.from(latencies), perSecond: (latencies.length / slice.ms) * 1000, sent };
}

/** More than any gate here answers. */
const REQUESTS_A_MS = 1;

/** Signed before the slice begins: a signature is work for the cores that the gate is measured on. */
async function proofsFor({ targets, warmupMs, ms }: Slice): Promise<string[]> {
  const bound = targets[0]?.bound;
  if (bound === undefined) return [];
  const count = Math.ceil((warmupMs + ms) * REQUESTS_A_MS);
  return await Promise.all(Array.from({ length: count }, () => proofFor(bound)));
}

async function ask(
  { port, method, path, marker }: Slice,
  { headers, body, bound }: Target,
  agent: Agent,
): Promise<void> {
  const text = method === 'GET' ? '' : `${body[0]}${nextId++}${body[1]}`;
  const answer = await send({ port, method, path, headers, body: text, agent });
  if (bound !== undefined) noteNonce(bound, answer.headers['dpop-nonce']);
  const good = answer.status === 200 && answer.text.includes(marker) && !answer.text.includes('"isError":true');
  if (!good) throw new Error(`${path} answered with ${answer.status}: ${answer.text.slice(0, 300)}`);
}

if (!isMainThread) {
  parentPort?.on('message', (slice: Slice) => {
    run(slice).then(
      (result) => parentPort?.postMessage(result, [result.latencies.buffer as ArrayBuffer]),
      (error) => parentPort?.postMessage({ failed: error instanceof Error ? error.message : String(error) }),
    );
  });
}
