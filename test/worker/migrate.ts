/** The migrations of the audit log, for tests that run in workerd. */
import { applyD1Migrations, type D1Migration } from 'cloudflare:test';
import { env } from 'cloudflare:workers';

/** Applies them to an empty database; does nothing where they are applied. */
export async function migrate(db: D1Database): Promise<void> {
  await applyD1Migrations(db, (env as unknown as { TEST_MIGRATIONS: D1Migration[] }).TEST_MIGRATIONS);
}
