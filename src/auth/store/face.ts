/**
 * The face of a KV namespace over Durable Objects, as far as the OAuth provider uses one. What has a user lives in that
 * user's Gate; what has none yet (clients, half-done sign-ins) in the Registry. Nothing is asked about a made-up user.
 */
import { createHash } from 'node:crypto';
import type { Keys } from '../../core/ids.ts';
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
  readonly secretKeys: Keys;
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
  const placeOf = (key: string) => place(key, options);
  const face = {
    async get(key: string, type?: GetOptions | 'text' | 'json') {
      const at = placeOf(key);
      const record = await at?.keeper.getRecord(at.key);
      if (record === undefined) return null;
      const wanted = typeof type === 'string' ? type : type?.type;
      return wanted === 'json' ? (JSON.parse(record.value) as unknown) : record.value;
    },
    async put(key: string, value: string, { expiration, expirationTtl, metadata }: KvPutOptions = {}) {
      const at = placeOf(key);
      if (at === undefined) throw new Error('a record of a user that this gate does not know');
      const until = expirationTtl === undefined ? expiration : Math.floor(options.clock() / 1000) + expirationTtl;
      await at.keeper.putRecord(at.key, value, { expiration: until, metadata });
    },
    async delete(key: string) {
      const at = placeOf(key);
      await at?.keeper.deleteRecord(at.key);
    },
    async list({ prefix, limit, cursor }: KVNamespaceListOptions = {}) {
      // Only a user's own records can be listed: the others are spread over registries by their keys.
      const owned = OWNED.exec(prefix ?? '');
      if (owned === null) throw new Error('only the records of one user can be listed');
      const at = placeOf(prefix ?? '');
      const page = await at?.keeper.listRecords(at.key, limit ?? 1000, cursor ?? undefined);
      const [, kind, sealed] = owned;
      const keys = (page?.keys ?? []).map((key) => ({ ...key, name: key.name.replace(OWNED, `${kind}:${sealed}:`) }));
      return page?.cursor === undefined
        ? { keys, list_complete: true, cacheStatus: null }
        : { keys, list_complete: false, cursor: page.cursor, cacheStatus: null };
    },
  };
  return face as unknown as KVNamespace;
}

/** `grant:{user}:…` and `token:{user}:…`: what belongs to a user. */
const OWNED = /^(grant|token):([^:]+):/;

/**
 * Who keeps a key, and under which name; undefined for a user's key whose seal is not of this gate. The seal is not part
 * of the stored name: what was stored is found again after the key that seals was replaced.
 */
function place(key: string, options: FaceOptions): { keeper: RecordKeeper; key: string } | undefined {
  const owned = OWNED.exec(key);
  if (owned === null) return { keeper: options.registry(shardOf(key)), key };
  const userId = openUserId(owned[2] ?? '', options.tenant, options.secretKeys);
  if (userId === undefined) return undefined;
  return { keeper: options.gate(userId), key: key.replace(OWNED, `${owned[1]}:${userId}:`) };
}

/** Which of the tenant's registries holds a key. */
export function shardOf(key: string): number {
  return (createHash('sha256').update(key).digest()[0] ?? 0) % REGISTRY_SHARDS;
}
