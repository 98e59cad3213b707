/**
 * Exact sliding windows: never more than `count` admissions in any span of `seconds`. Pure; milliseconds since the
 * epoch are passed in.
 */

/** One limit that applies to one request. */
export interface WindowRule {
  /** What is limited, for the error: `client`, `user`, `tool`, `other`. */
  readonly name: string;
  /** Which admissions count together, such as `client:abc`. */
  readonly key: string;
  readonly count: number;
  readonly seconds: number;
}

/** A limit that is reached, and when it no longer is. */
export interface Exceeded {
  readonly rule: WindowRule;
  /** Milliseconds, at least 1, after which this request would be let through if nothing else came. */
  readonly retryAfterMs: number;
}

/**
 * In: the rules of a request; `times(key)`, the admissions of a key in ascending order; the time now.
 * Out: of the rules that are reached the one that takes longest, or undefined where the request may pass.
 */
export function checkWindows(
  rules: readonly WindowRule[],
  times: (key: string) => readonly number[],
  now: number,
): Exceeded | undefined {
  let worst: Exceeded | undefined;
  for (const rule of rules) {
    const admitted = times(rule.key);
    // The admission that has to leave the window before another may enter.
    const blocking = admitted[admitted.length - rule.count];
    if (blocking === undefined) continue;
    const retryAfterMs = blocking + rule.seconds * 1000 - now;
    if (retryAfterMs > 0 && (worst === undefined || retryAfterMs > worst.retryAfterMs)) worst = { rule, retryAfterMs };
  }
  return worst;
}

/** What is left of one limit, for headers that tell a client before it is refused. */
export interface Quota {
  readonly name: string;
  readonly count: number;
  readonly seconds: number;
  /** Requests that would still be let through now. */
  readonly remaining: number;
  /** Whole seconds until there is room for one more than that; 0 where nothing counts at all. */
  readonly resetSeconds: number;
}

/** In: a rule; the admissions of its key, ascending; the time now. Out: what is left of it. */
export function quotaOf(rule: WindowRule, admitted: readonly number[], now: number): Quota {
  const { name, count, seconds } = rule;
  const first = admitted.findIndex((at) => at > now - seconds * 1000);
  const counted = first === -1 ? 0 : admitted.length - first;
  const leaves = counted === 0 ? now : (admitted[Math.max(first, admitted.length - count)] as number) + seconds * 1000;
  return {
    name,
    count,
    seconds,
    remaining: Math.max(0, count - counted),
    resetSeconds: Math.ceil((leaves - now) / 1000),
  };
}

/** A clock that jumped back must not make room: time in the gate never goes backwards. */
export function monotonic(now: number, latest: number | undefined): number {
  return latest !== undefined && latest > now ? latest : now;
}
