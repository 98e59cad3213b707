/**
 * The rows of all tenants, as an isolate remembers them, so that a call does not ask D1. Read whole: there are few, and
 * a made-up name then costs nothing. The clock is passed in.
 */
import type { TenantRow } from './row.ts';

/** Milliseconds for which what was read counts without asking: a change holds after that at the latest. */
export const FRESH_MS = 30_000;
/** Age from which it is read anew beside a request that does not wait for it. */
export const REFRESH_MS = 10_000;
/** Milliseconds for which the last known rows stand where D1 cannot be asked; after that nothing is known. */
export const LAST_KNOWN_MS = 5 * 60_000;

export type Rows = ReadonlyMap<string, TenantRow>;

export class Directory {
  #rows: Rows | undefined;
  /** When what is known was asked for: a change after that may be missing in it. */
  #askedAt = 0;
  #refreshAt = 0;
  #asked = 0;
  #answered = 0;

  /**
   * The rows by tenant. `load` reads them; `later` is told of work that the request need not wait for. Throws what
   * `load` throws where nothing is known that is recent enough. No request waits for another's reading: the platform
   * may end that one with its request.
   */
  async rows(
    load: () => Promise<readonly TenantRow[]>,
    now: number,
    later: (work: Promise<unknown>) => void,
  ): Promise<Rows> {
    const age = now - this.#askedAt;
    const known = this.#rows;
    if (known !== undefined && age >= 0 && age < FRESH_MS) {
      if (age >= REFRESH_MS && now >= this.#refreshAt) {
        this.#refreshAt = now + REFRESH_MS;
        later(this.#read(load, now).catch(() => undefined));
      }
      return known;
    }
    try {
      return await this.#read(load, now);
    } catch (error) {
      if (known !== undefined && age >= 0 && age < LAST_KNOWN_MS) return known;
      throw error;
    }
  }

  async #read(load: () => Promise<readonly TenantRow[]>, now: number): Promise<Rows> {
    this.#asked += 1;
    const question = this.#asked;
    const rows: Rows = new Map((await load()).map((row) => [row.id, row]));
    // The latest question wins, whichever answer comes last.
    if (question > this.#answered) {
      this.#answered = question;
      this.#rows = rows;
      this.#askedAt = now;
    }
    return rows;
  }
}
