/** The table of tenants, through wrangler: SQL that says all it needs, because `d1 execute` takes no parameters. */
import * as z from 'zod';
import type { Wrangler } from '../deploy/run.ts';
import { UserError } from '../errors.ts';
import { DATABASE_NAME } from '../project.ts';

const rowShape = z.object({
  id: z.string(),
  settings: z.string(),
  client_secret: z.string().nullable(),
  disabled: z.number(),
  updated_at: z.string(),
});
export type TenantEntry = z.output<typeof rowShape>;

/** The database has no such table yet: there was no tenant in it either. */
export class NoTable extends UserError {}

/** In: the command that makes the table. */
export function noTable(first: string): NoTable {
  return new NoTable(`The table of tenants is not there yet: run ${first} once, which makes it.`);
}

const answerShape = z.array(z.object({ results: z.array(z.unknown()) })).min(1);

export class TenantTable {
  readonly #wrangler: Wrangler;
  readonly #where: readonly string[];

  /** `where`: the flags that say which database, such as `--remote`. */
  constructor(wrangler: Wrangler, where: readonly string[]) {
    this.#wrangler = wrangler;
    this.#where = where;
  }

  async all(): Promise<TenantEntry[]> {
    return (await this.#run('SELECT * FROM mcp_tenants ORDER BY id')).map((row) => rowShape.parse(row));
  }

  async one(id: string): Promise<TenantEntry | undefined> {
    return (await this.all()).find((row) => row.id === id);
  }

  /** Adds a tenant. Out: false where there is one of that name. */
  async add(entry: TenantEntry): Promise<boolean> {
    const { id, settings, client_secret, disabled, updated_at } = entry;
    const values = [text(id), text(settings), text(client_secret), String(disabled), text(updated_at)].join(', ');
    return await this.#changed(`INSERT INTO mcp_tenants VALUES (${values}) ON CONFLICT (id) DO NOTHING RETURNING id`);
  }

  /** Writes over what was read. Out: false where somebody else changed it meanwhile. */
  async replace(entry: TenantEntry, readAt: string): Promise<boolean> {
    const { id, settings, client_secret, disabled, updated_at } = entry;
    return await this.#changed(
      `UPDATE mcp_tenants SET settings = ${text(settings)}, client_secret = ${text(client_secret)}, disabled = ${disabled}, ` +
        `updated_at = ${text(updated_at)} WHERE id = ${text(id)} AND updated_at = ${text(readAt)} RETURNING id`,
    );
  }

  async #changed(sql: string): Promise<boolean> {
    return (await this.#run(sql)).length > 0;
  }

  async #run(sql: string): Promise<readonly unknown[]> {
    const args = ['d1', 'execute', DATABASE_NAME, ...this.#where, '--yes', '--json', '--command', sql];
    const { status, stdout, stderr } = await this.#wrangler(args);
    if (status === 0) return answerShape.parse(JSON.parse(stdout))[0]?.results ?? [];
    const words = `${stdout}\n${stderr}`.trim();
    if (/no such table/i.test(words)) {
      const first = this.#where.includes('--remote') ? 'npm run deploy' : 'npm start';
      throw noTable(first);
    }
    throw new UserError(`wrangler d1 execute failed:\n${words}`);
  }
}

/** An SQL literal (SQLite, "Literal Values"). */
function text(value: string | null): string {
  return value === null ? 'NULL' : `'${value.replaceAll("'", "''")}'`;
}
