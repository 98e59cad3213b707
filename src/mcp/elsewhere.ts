/** Calls of a session that run in a Worker and have asked the session's object for a stream: which of them were cancelled. */
import type { RpcId } from './messages.ts';

/** Cancellations that are remembered of calls that are not known here, or not yet; and for how many milliseconds. */
const MAX_EARLY = 100;
const EARLY_MS = 5000;
/** Characters of an id that is remembered. */
const MAX_ID = 200;

interface Call {
  readonly outcome: PromiseWithResolvers<boolean>;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** Whether a call with this id may run in a Worker: a cancellation that comes first has to be kept for it. */
export function isShortId(id: RpcId): boolean {
  return typeof id === 'number' || id.length <= MAX_ID;
}

export class CallsElsewhere {
  readonly #calls = new Map<RpcId, Call>();
  /** When what was not known here was cancelled, the oldest first. */
  readonly #early = new Map<RpcId, number>();
  readonly #clock: () => number;
  readonly #lostMs: number;

  /** `lostMs`: milliseconds after which a Worker that did not answer is taken for dead. */
  constructor(clock: () => number, lostMs: number) {
    this.#clock = clock;
    this.#lostMs = lostMs;
  }

  /** A call wants a stream; `onLost` is called when its Worker has died. Out: whether it was cancelled before. */
  begin(id: RpcId, onLost: () => void): boolean {
    const timer = setTimeout(() => {
      this.forget(id);
      onLost();
    }, this.#lostMs);
    this.#calls.set(id, { outcome: Promise.withResolvers<boolean>(), timer });
    const at = this.#early.get(id);
    this.#early.delete(id);
    return at !== undefined && this.#clock() - at < EARLY_MS;
  }

  has(id: RpcId): boolean {
    return this.#calls.has(id);
  }

  /** Nobody will ask about it any more; who has asked is told to stop. */
  forget(id: RpcId): void {
    this.#resolve(id, true);
    this.#calls.delete(id);
  }

  cancel(id: RpcId): void {
    this.#resolve(id, true);
  }

  /** Of a call that nobody knows here: it may run in a Worker, and ask for a stream in a moment. */
  cancelEarly(id: RpcId): void {
    if (!isShortId(id)) return;
    this.#early.set(id, this.#clock());
    const [oldest] = this.#early.keys();
    if (this.#early.size > MAX_EARLY && oldest !== undefined) this.#early.delete(oldest);
  }

  /** It was answered. */
  over(id: RpcId): void {
    this.#resolve(id, false);
  }

  /** Resolves when a call is cancelled (true), or over (false). Whoever runs it asks once. */
  async cancelled(id: RpcId): Promise<boolean> {
    const call = this.#calls.get(id);
    if (call === undefined) return false;
    const yes = await call.outcome.promise;
    if (this.#calls.get(id) === call) this.#calls.delete(id);
    return yes;
  }

  /** The session ends: so do they. Those who run them may have yet to ask. */
  end(): void {
    for (const id of this.#calls.keys()) this.#resolve(id, true);
    this.#early.clear();
  }

  #resolve(id: RpcId, yes: boolean): void {
    const call = this.#calls.get(id);
    clearTimeout(call?.timer);
    call?.outcome.resolve(yes);
  }
}
