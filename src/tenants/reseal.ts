/** Secrets of tenants move to the Worker's current key, so that its predecessors can be taken away. For scheduled work. */
import type { KeyRing } from '../config.ts';
import { openSecret, sealingKey, sealSecret } from './secrets.ts';

interface SealedRow {
  readonly id: string;
  readonly client_secret: string;
}

/**
 * Seals anew what an earlier key sealed. What is changed meanwhile is left as it is changed, and what no key opens as it
 * is. Out: how many were sealed. Throws where D1 cannot be asked.
 */
export async function resealSecrets(db: D1Database, ring: KeyRing): Promise<number> {
  const to = await sealingKey(ring);
  const { results } = await db
    .prepare("SELECT id, client_secret FROM mcp_tenants WHERE client_secret NOT LIKE ? || '.%'")
    .bind(to.key_id)
    .all<SealedRow>();
  let sealed = 0;
  for (const { id, client_secret: before } of results) {
    const secret = await openSecret(ring, id, before);
    if (secret === undefined) continue;
    const { meta } = await db
      .prepare('UPDATE mcp_tenants SET client_secret = ? WHERE id = ? AND client_secret = ?')
      .bind(await sealSecret(to, id, secret), id, before)
      .run();
    sealed += meta.changes;
  }
  return sealed;
}
