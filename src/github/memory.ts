/**
 * What an isolate remembers of GitHub between calls: each person's quota, and answers that need not be sent again. It
 * is shared with no other isolate and may be gone at any time; nothing depends on it being there.
 */
import { Digests } from '../core/digests.ts';
import { Lru } from './lru.ts';
import { Quota } from './quota.ts';
import type { Exchange, Received } from './transport.ts';

/** Most people whose quota is remembered. */
const MAX_PEOPLE = 2_000;
/** Most answers kept, and their bytes in all: an isolate has 128 MB for everything. */
const MAX_ANSWERS = 500;
const MAX_KEPT_BYTES = 8 * 1024 * 1024;
/** Largest answer that is kept. */
export const MAX_ANSWER_BYTES = 256 * 1024;
/** What an entry weighs besides its body: key, headers and objects, roughly. */
const OVERHEAD = 1_024;
/** RFC 9110 section 8.8.3. Longer ones are not ours to carry. */
const ETAG = /^(?:W\/)?"[\x21\x23-\x7e]{1,200}"$/;
/** What of an answer's head is needed to read it again. */
const KEPT_HEADERS = ['content-type', 'link', 'x-oauth-scopes'] as const;

interface Kept {
  readonly etag: string;
  readonly received: Received;
}

export interface Bounds {
  readonly people?: number;
  readonly answers?: number;
  readonly bytes?: number;
}

export class Memory {
  readonly #quotas: Lru<Quota>;
  readonly #answers: Lru<Kept>;
  // Tokens are never keys themselves: a dump of what is kept for long must not open GitHub.
  readonly #digests = new Digests('base64url');

  constructor({ people = MAX_PEOPLE, answers = MAX_ANSWERS, bytes = MAX_KEPT_BYTES }: Bounds = {}) {
    this.#quotas = new Lru(people);
    this.#answers = new Lru(answers, bytes);
  }

  /** In: where the API is, and a person's token there. Out: what is remembered of this person, and of nobody else. */
  person(api: string, token: string): Person {
    const key = this.#digests.of(`${api} ${token}`);
    let quota = this.#quotas.get(key);
    if (quota === undefined) {
      quota = new Quota();
      this.#quotas.set(key, quota);
    }
    return { quota, answers: new Answers(key, this.#answers) };
  }
}

export interface Person {
  readonly quota: Quota;
  readonly answers: Answers;
}

/** The kept answers of one person (RFC 9110 section 13.1.2, RFC 9111 section 4.3). */
export class Answers {
  readonly #person: string;
  readonly #kept: Lru<Kept>;

  constructor(person: string, kept: Lru<Kept>) {
    this.#person = person;
    this.#kept = kept;
  }

  /** What the answer to a request is kept under; only reads are. */
  keyOf({ method, url, headers }: Exchange): string | undefined {
    return method === 'GET' ? `${this.#person} ${url} ${headers.accept ?? ''}` : undefined;
  }

  /** The kept answer, or undefined: none has more than `maxBytes`. */
  find(key: string, maxBytes: number): Kept | undefined {
    const kept = this.#kept.get(key);
    return kept !== undefined && kept.received.body.byteLength <= maxBytes ? kept : undefined;
  }

  /** Takes a fresh answer in the place of what was kept, or forgets that where it is not to be kept. */
  keep(key: string, received: Received): void {
    const etag = received.headers.get('etag') ?? '';
    const { byteLength } = received.body;
    if (received.status !== 200 || !ETAG.test(etag) || byteLength > MAX_ANSWER_BYTES) {
      this.#kept.delete(key);
      return;
    }
    const headers = new Headers();
    for (const name of KEPT_HEADERS) {
      const value = received.headers.get(name);
      if (value !== null) headers.set(name, value);
    }
    // A copy: who asked may do with the bytes what they like.
    this.#kept.set(
      key,
      { etag, received: { status: 200, headers, body: received.body.slice() } },
      byteLength + OVERHEAD,
    );
  }
}

/** In: what was kept, and the head of the 304 that confirmed it. Out: the answer as if it had come anew. */
export function revived({ received }: Kept, confirmed: Headers): Received {
  const headers = new Headers(received.headers);
  for (const [name, value] of confirmed) if (!name.startsWith('content-')) headers.set(name, value);
  return { status: received.status, headers, body: received.body.slice() };
}
