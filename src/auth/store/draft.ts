/**
 * The records of a token request while it is answered: nothing of it is stored until the answer is there, and then all at
 * once with it. An object that dies in between leaves code or refresh token as good as they were.
 */
import type { RecordKeeper } from './face.ts';
import type { ListPage, PutOptions, StoredRecord } from './table.ts';

interface Put {
  readonly value: string;
  readonly options: PutOptions;
}

/** What a request wants to change, in its order; null deletes. */
export type Change = readonly [key: string, put: Put | null];

export class Draft implements RecordKeeper {
  readonly #kept: RecordKeeper;
  /** Undefined once they are stored: what still comes goes straight on. */
  #changes: Map<string, Put | null> | undefined = new Map();

  constructor(kept: RecordKeeper) {
    this.#kept = kept;
  }

  async getRecord(key: string): Promise<StoredRecord | undefined> {
    const change = this.#changes?.get(key);
    if (change === undefined) return await this.#kept.getRecord(key);
    if (change === null) return undefined;
    const { value, options } = change;
    return { value, metadata: options.metadata === undefined ? null : JSON.stringify(options.metadata) };
  }

  async putRecord(key: string, value: string, options: PutOptions): Promise<void> {
    if (this.#changes === undefined) await this.#kept.putRecord(key, value, options);
    else this.#changes.set(key, { value, options });
  }

  async deleteRecord(key: string): Promise<void> {
    if (this.#changes === undefined) await this.#kept.deleteRecord(key);
    else this.#changes.set(key, null);
  }

  /** Those that are stored and not deleted; those that were put come with the last page, in no order. */
  async listRecords(prefix: string, limit: number, cursor?: string): Promise<ListPage> {
    const page = await this.#kept.listRecords(prefix, limit, cursor);
    const changes = this.#changes ?? new Map<string, Put | null>();
    const keys = page.keys.filter(({ name }) => changes.get(name) !== null);
    if (page.cursor !== undefined) return { ...page, keys };
    const known = new Set(keys.map(({ name }) => name));
    for (const [name, put] of changes) {
      if (put === null || known.has(name) || !name.startsWith(prefix)) continue;
      const { expiration, metadata } = put.options;
      keys.push({ name, metadata, ...(expiration !== undefined && { expiration }) });
    }
    return { keys };
  }

  /** Hands over what is to be stored, once. */
  take(): readonly Change[] {
    const changes = [...(this.#changes ?? [])];
    this.#changes = undefined;
    return changes;
  }
}
