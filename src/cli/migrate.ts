/** Applies the audit database's migrations to a local D1, keeping wrangler's own table of what was applied. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unstable_splitSqlQuery as splitSql } from 'wrangler';
import { MIGRATIONS } from './project.ts';

interface Statement {
  bind(...values: unknown[]): Statement;
  all<T>(): Promise<{ results: T[] }>;
  run(): Promise<unknown>;
}

/** The part of a D1 binding that is needed here. */
export interface Database {
  prepare(sql: string): Statement;
  batch(statements: Statement[]): Promise<unknown>;
}

/** As `wrangler d1 migrations apply` creates it, so that either tool sees what the other did. */
const TABLE = `CREATE TABLE IF NOT EXISTS d1_migrations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;

/** File names in the order in which they are applied. */
export async function migrationFiles(dir = MIGRATIONS): Promise<string[]> {
  return (await readdir(dir)).filter((name) => name.endsWith('.sql')).sort();
}

/** Out: the names that were applied now. Each file is one transaction. Rejects with the file's name when one fails. */
export async function applyMigrations(db: Database, dir = MIGRATIONS): Promise<string[]> {
  await db.prepare(TABLE).run();
  const { results } = await db.prepare('SELECT name FROM d1_migrations').all<{ name: string }>();
  const known = new Set(results.map((row) => row.name));
  const fresh = (await migrationFiles(dir)).filter((name) => !known.has(name));
  for (const name of fresh) {
    const statements = splitSql(await readFile(join(dir, name), 'utf8')).map((sql) => db.prepare(sql));
    const mark = db.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name);
    await db.batch([...statements, mark]).catch((error: unknown) => {
      throw new Error(`Migration ${name} failed: ${error instanceof Error ? error.message : String(error)}`);
    });
  }
  return fresh;
}
