/** What went through the embedded GitHub, and what a test wants to go wrong. In-process only: nothing here is reachable over HTTP. */

/** One request that reached the embedded GitHub. */
export interface RecordedRequest {
  readonly method: string;
  /** Path with its query. */
  readonly path: string;
  /** Lower-case names; `authorization` and `cookie` are left out. */
  readonly headers: Readonly<Record<string, string>>;
  /** Who the token belonged to, if there was one that is known. */
  login?: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Set when the answer was sent whole or the caller left. */
  endedAt?: number;
  status?: number;
  /** The caller closed the connection before it had the whole answer. */
  aborted: boolean;
}

/** What happens instead of (or before) the real answer to a request. */
export interface Fault {
  /** Any method if left out. */
  readonly method?: string;
  /** Matched against the path with its query. */
  readonly path: RegExp;
  /** How many requests it hits before it is spent. Every one if left out. */
  readonly times?: number;
  /** Waits this long first. */
  readonly delayMs?: number;
  /** Never answers. */
  readonly hang?: boolean;
  /** Answers this instead of asking the emulator; without it the real answer follows (after the delay). */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string as it is, anything else as JSON. */
  readonly body?: unknown;
}

/** Enough for any test; an `npm start` that runs for a week must not grow. */
const MOST_RECORDED = 10_000;

export class Traffic {
  readonly requests: RecordedRequest[] = [];
  readonly #faults: { fault: Fault; left: number }[] = [];

  /** Adds a rule; the newest that matches wins. Out: a function that takes the rule away again. */
  inject(fault: Fault): () => void {
    const rule = { fault, left: fault.times ?? Number.POSITIVE_INFINITY };
    this.#faults.unshift(rule);
    return () => {
      const at = this.#faults.indexOf(rule);
      if (at >= 0) this.#faults.splice(at, 1);
    };
  }

  /** Takes all rules away and forgets what was recorded. */
  reset(): void {
    this.#faults.length = 0;
    this.requests.length = 0;
  }

  /** The rule that hits this request, used up by one. */
  faultFor(method: string, path: string): Fault | undefined {
    const rule = this.#faults.find(
      ({ fault, left }) => left > 0 && (fault.method ?? method) === method && fault.path.test(path),
    );
    if (rule !== undefined) rule.left -= 1;
    return rule?.fault;
  }

  open(
    method: string,
    path: string,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): RecordedRequest {
    const kept = Object.entries(headers).filter(([name]) => name !== 'authorization' && name !== 'cookie');
    const entry: RecordedRequest = {
      method,
      path,
      headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
      startedAt: Date.now(),
      aborted: false,
    };
    if (this.requests.length >= MOST_RECORDED) this.requests.shift();
    this.requests.push(entry);
    return entry;
  }
}
