/**
 * Which sessions of a person are open, as their objects said a while ago. A gate that does not know one asks nobody: its
 * call goes to the session's object, which knows, and says so here again. Nothing is stored.
 */

/** Most sessions that are remembered. */
const MAX_SESSIONS = 1000;

export class OpenSessions {
  /** By name: until when it may be taken for open, in milliseconds since the epoch. */
  readonly #until = new Map<string, number>();

  /** In: what names the session and whose it is; until when its object stands by that. */
  opened(name: string, until: number): void {
    this.#until.delete(name);
    this.#until.set(name, until);
    // The oldest goes first: a Map keeps the order of insertion.
    for (const oldest of this.#until.size > MAX_SESSIONS ? this.#until.keys() : []) {
      this.#until.delete(oldest);
      break;
    }
  }

  ended(name: string): void {
    this.#until.delete(name);
  }

  /** Whether it is certainly open; false also where nothing is known. */
  isOpen(name: string, now: number): boolean {
    return (this.#until.get(name) ?? 0) > now;
  }
}
