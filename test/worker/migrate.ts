/** The migrations of the audit log, for tests that run in workerd. */
import sql from '../../src/audit/migrations/0001_audit_log.sql?raw';

/** Applies them to an empty database; does nothing where they are applied. */
export async function migrate(db: D1Database): Promise<void> {
  const known = await db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'mcp_audit_log'").first();
  if (known !== null) return;
  // One statement from each CREATE that begins a line to the next: triggers have semicolons inside.
  const statements = sql.split(/^(?=CREATE )/m).filter((statement) => statement.startsWith('CREATE '));
  await db.batch(statements.map((statement) => db.prepare(statement.trim().replace(/;\s*(--.*\s*)*$/, ''))));
}
