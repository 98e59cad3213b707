/**
 * The face of a KV namespace over Durable Objects, as far as the OAuth provider uses one. What has a user lives in that
 * user's Gate; what has none yet (clients, half-done sign-ins) in the Registry. Nothing is asked about a made-up user.
 */
import { createHash } from 'node:crypto';
import { openUserId } from '../../core/ids.ts';
import type { ListPage, PutOptions, StoredRecord } from './table.ts';

/** Where records are kept: a Gate or a Registry, through its stub or from within. */
export interface RecordKeeper {
  getRecord(key: string): Promise<StoredRecord | undefined> | StoredRecord | undefined;
  putRecord(key: string, value: string, options: PutOptions): Promise<void> | void;
  deleteRecord(key: string): Promise<void> | void;
  listRecords(prefix: string, limit: number, cursor?: string): Promise<ListPage> | ListPage;
}

export interface FaceOptions {
  readonly tenant: string;
  readonly secretKey: string;
  /** The gate of a user, by the id without its seal. */
  readonly gate: (userId: string) => RecordKeeper;
  /** One of the registries of the tenant. */
  readonly registry: (shard: number) => RecordKeeper;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** Registries of a tenant. Fixed: which one holds a record follows from its key. */
export const REGISTRY_SHARDS = 8;

interface GetOptions {
  readonly type?: 'text' | 'json';
}

interface KvPutOptions {
  readonly expiration?: number;
  /** Seconds from now. */
  readonly expirationTtl?: number;
  readonly metadata?: unknown;
}

/** What the provider gets as `OAUTH_KV`. */
export function kvFace(options: FaceOptions): KVNamespace {
  const keeperOf = (key: string) => keeper(key, options);
  const face = {
    async get(key: string, type?: GetOptions | 'text' | 'json') {
      const record = await keeperOf(key)?.getRecord(key);
      if (record === undefined) return null;
      const wanted = typeof type === 'string' ? type : type?.type;
      return wanted === 'json' ? (JSON.parse(record.value) as unknown) : record.value;
    },
    async put(key: string, value: string, { expiration, expirationTtl, metadata }: KvPutOptions = {}) {
      const keeper = keeperOf(key);
      if (keeper === undefined) throw new Error('a record of a user that this gate does not know');
      const until = expirationTtl === undefined ? expiration : Math.floor(options.clock() / 1000) + expirationTtl;
      await keeper.putRecord(key, value, { expiration: until, metadata });
    },
    async delete(key: string) {
      await keeperOf(key)?.deleteRecord(key);
    },
    async list(listing: KVNamespaceListOptions = {}) {
      const prefix = listing.prefix ?? '';
      // Only a user's own records can be listed: the others are spread over registries by their keys.
      if (!/^(grant|token):[^:]+:/.test(prefix)) throw new Error('only the records of one user can be listed');
      const page = await keeperOf(prefix)?.listRecords(prefix, listing.limit ?? 1000, listing.cursor ?? undefined);
      if (page === undefined) return { keys: [], list_complete: true, cacheStatus: null };
      return page.cursor === undefined
        ? { keys: page.keys, list_complete: true, cacheStatus: null }
        : { keys: page.keys, list_complete: false, cursor: page.cursor, cacheStatus: null };
    },
  };
  return face as unknown as KVNamespace;
}

/** Who keeps a key; undefined for a user's key whose seal is not of this gate. */
function keeper(key: string, options: FaceOptions): RecordKeeper | undefined {
  const owned = /^(?:grant|token):([^:]+):/.exec(key);
  if (owned === null) return options.registry(shardOf(key));
  const userId = openUserId(owned[1] ?? '', options.tenant, options.secretKey);
  return userId === undefined ? undefined : options.gate(userId);
}

/** Which of the tenant's registries holds a key. */
export function shardOf(key: string): number {
  return (createHash('sha256').update(key).digest()[0] ?? 0) % REGISTRY_SHARDS;
}
