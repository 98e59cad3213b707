/**
 * What GitHub lets one person ask, as its answers say it (GitHub REST, "Rate limits for the REST API"). Pure: the time is
 * passed in, and whoever asks does the waiting. Best effort: an isolate knows only what went through it, and GitHub's own
 * refusal stands behind.
 */
import { AppError } from '../core/errors.ts';

/** Part of a window that is never used: the person works at GitHub with the same quota. */
const RESERVE = 0.05;
/** Part of a window from which on requests are spread over the time that is left of it. */
const SPREAD = 0.1;
/** Longest that a request is made to wait, in milliseconds; one that would have to wait longer is refused. */
export const MAX_WAIT_MS = 5_000;
/** A window longer than GitHub's hour is a mistake of somebody's clock, and must not lock anyone out. */
const MAX_WINDOW_MS = 3_700_000;
/** Windows that GitHub has besides ours are few. */
const MAX_WINDOWS = 20;

interface Window {
  limit: number;
  remaining: number;
  /** Milliseconds since the epoch. */
  resetAt: number;
  /** When the next request may leave, once they are spread. */
  nextAt: number;
}

/** In: a path inside the API. Out: the window it counts against, as `x-ratelimit-resource` names it. */
export function resourceOf(path: string): string {
  if (path.startsWith('/search/code')) return 'code_search';
  if (path.startsWith('/search/')) return 'search';
  return path === '/graphql' ? 'graphql' : 'core';
}

/** The quota of one person. Times are milliseconds since the epoch. */
export class Quota {
  readonly #windows = new Map<string, Window>();
  readonly #underway = new Map<string, number>();
  #blockedUntil = 0;

  /**
   * Asks for one request; `done` must follow it. Out: milliseconds to wait before sending it, 0 to 5,000. Throws
   * `upstream_rate_limited` with the time after which a request would be let through.
   */
  take(resource: string, now: number): number {
    this.mustBeOpen(now);
    const wait = this.#wait(resource, now);
    this.#underway.set(resource, this.#countOf(resource) + 1);
    return wait;
  }

  /** Throws while a secondary limit lasts: it holds for everything the person asks. */
  mustBeOpen(now: number): void {
    if (this.#blockedUntil > now)
      throw refused('GitHub limits the requests of this account.', this.#blockedUntil - now);
  }

  /** After a request. In: the headers of its answer, or undefined where none came. */
  done(resource: string, headers: Headers | undefined, now: number): void {
    this.#underway.set(resource, Math.max(0, this.#countOf(resource) - 1));
    const said = headers && windowOf(headers, now);
    if (said === undefined) return;
    const name = headers?.get('x-ratelimit-resource') ?? resource;
    const known = this.#windows.get(name);
    if (known !== undefined && known.resetAt > now) {
      // Answers overtake one another: of one window the lowest word is the newest.
      if (said.resetAt < known.resetAt) return;
      if (said.resetAt === known.resetAt) said.remaining = Math.min(said.remaining, known.remaining);
      said.nextAt = known.nextAt;
    }
    if (known !== undefined || this.#windows.size < MAX_WINDOWS) this.#windows.set(name, said);
  }

  /** GitHub refused for a secondary limit: nothing is asked until it is over. In: seconds. */
  block(seconds: number, now: number): void {
    this.#blockedUntil = Math.max(this.#blockedUntil, now + Math.min(seconds * 1000, MAX_WINDOW_MS));
  }

  #countOf(resource: string): number {
    return this.#underway.get(resource) ?? 0;
  }

  #wait(resource: string, now: number): number {
    const window = this.#windows.get(resource);
    if (window === undefined || window.resetAt <= now) return 0;
    const usable = window.remaining - this.#countOf(resource) - Math.ceil(window.limit * RESERVE);
    if (usable <= 0) {
      throw refused('The quota of this account at GitHub is used up but for a reserve.', window.resetAt - now);
    }
    if (window.remaining > window.limit * SPREAD) return 0;
    const at = Math.max(now, window.nextAt);
    if (at - now > MAX_WAIT_MS) throw refused('The quota of this account at GitHub is nearly used up.', at - now);
    window.nextAt = at + (window.resetAt - at) / usable;
    return Math.ceil(at - now);
  }
}

/** The window that an answer names, or undefined where it names none: a GitHub Enterprise Server may have no limits. */
export function windowOf(headers: Headers, now: number): Window | undefined {
  const limit = numberIn(headers, 'x-ratelimit-limit');
  if (limit === undefined) return undefined;
  const remaining = numberIn(headers, 'x-ratelimit-remaining');
  const reset = numberIn(headers, 'x-ratelimit-reset');
  if (remaining === undefined || reset === undefined) return undefined;
  const resetAt = reset * 1000;
  if (resetAt <= now || resetAt - now > MAX_WINDOW_MS) return undefined;
  return { limit, remaining, resetAt, nextAt: 0 };
}

function numberIn(headers: Headers, name: string): number | undefined {
  const value = headers.get(name) ?? '';
  return /^\d{1,12}$/.test(value) ? Number(value) : undefined;
}

function refused(message: string, waitMs: number): AppError {
  return new AppError('upstream_rate_limited', message, { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) });
}
