/** Calls of a session that run in a Worker and have asked the session's object for a stream: which of them were cancelled. */
import type { RpcId } from './messages.ts';

/** Cancellations that are remembered of calls that are not known here, or not yet. */
const MAX_EARLY = 100;

export class CallsElsewhere {
  /** Whether they were cancelled, once that is certain. */
  readonly #calls = new Map<RpcId, PromiseWithResolvers<boolean>>();
  /** What was cancelled before it was known here, the oldest first. */
  readonly #early = new Set<RpcId>();

  /** A call wants a stream. Out: whether it was cancelled before. */
  begin(id: RpcId): boolean {
    this.#calls.set(id, Promise.withResolvers<boolean>());
    return this.#early.delete(id);
  }

  has(id: RpcId): boolean {
    return this.#calls.has(id);
  }

  /** It got no stream, and will not ask. */
  forget(id: RpcId): void {
    this.#calls.delete(id);
  }

  cancel(id: RpcId): void {
    this.#calls.get(id)?.resolve(true);
  }

  /** Of a call that nobody knows here: it may run in a Worker, and ask for a stream later. */
  cancelEarly(id: RpcId): void {
    this.#early.add(id);
    const [oldest] = this.#early;
    if (this.#early.size > MAX_EARLY && oldest !== undefined) this.#early.delete(oldest);
  }

  /** It was answered. */
  over(id: RpcId): void {
    this.#calls.get(id)?.resolve(false);
  }

  /** Resolves when a call is cancelled (true), or over (false). Whoever runs it asks once. */
  async cancelled(id: RpcId): Promise<boolean> {
    const call = this.#calls.get(id);
    if (call === undefined) return false;
    const yes = await call.promise;
    if (this.#calls.get(id) === call) this.#calls.delete(id);
    return yes;
  }

  /** The session ends: so do they. */
  end(): void {
    for (const call of this.#calls.values()) call.resolve(true);
    this.#calls.clear();
  }
}
