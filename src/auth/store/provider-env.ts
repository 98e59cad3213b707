/** The environment that the OAuth provider is given: its namespace is the face over our own objects. */
import type { Config } from '../../config.ts';
import type { RecordKeeper } from './face.ts';
import { kvFace } from './face.ts';

export interface ProviderEnv {
  readonly OAUTH_KV: KVNamespace;
}

/** The bindings that hold the provider's records. */
export interface StoreBindings {
  readonly GATE: { getByName(name: string): RecordKeeper };
  readonly REGISTRY: { getByName(name: string): RecordKeeper };
}

/**
 * In: the Worker's bindings, the settings, and inside a Gate the one user whose records are at hand.
 * Out: what the provider's methods take as `env`.
 */
export function providerEnv(
  bindings: StoreBindings,
  config: Config,
  own?: { readonly userId: string; readonly keeper: RecordKeeper },
): ProviderEnv {
  const { tenant, secretKeys } = config;
  return {
    OAUTH_KV: kvFace({
      tenant,
      secretKeys,
      gate: (userId) => (userId === own?.userId ? own.keeper : bindings.GATE.getByName(`${tenant}:${userId}`)),
      registry: (shard) => bindings.REGISTRY.getByName(`${tenant}:${shard}`),
      clock: Date.now,
    }),
  };
}
