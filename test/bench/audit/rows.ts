/** A log of many rows, as one month of a hundred people would leave it: the fixture of the audit's figures. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { GENESIS } from '../../../src/audit/chain.ts';
import { COLUMNS } from '../../../src/audit/row.ts';
import { MIGRATIONS } from '../../../src/cli/project.ts';
import { ulid } from '../../../src/core/ids.ts';
import type { ClosedRecord } from '../../../src/core/record.ts';
import { linkRow } from '../../support/log-rows.ts';
import { UNEQUAL_COUNTS } from '../../support/metrics.ts';

/** Said beside the figures. */
export const FIXTURE =
  '100 people with a client each and 2 chains; calls of the modern era, one in 25 failed; 100 bytes of arguments; ' +
  'registered clients; rows in the order of time';

const PEOPLE = 100;
const END = Date.UTC(2026, 10, 30);
const SPAN_MS = 30 * 86_400_000;

const secret = (bytes: number) => randomBytes(bytes).toString('base64url');
const people = Array.from({ length: PEOPLE }, (_, i) => ({
  user_id: `gh_${1_583_231 + i}`,
  user_login: `person-${i}`,
  client_id: secret(12),
  grant_id: secret(12),
}));

function record(at: number, i: number): ClosedRecord {
  const id = ulid(at);
  const failed = i % 25 === 0;
  return {
    id,
    timestamp: new Date(at).toISOString(),
    tenant_id: 'default',
    // Not one after the other: people come as they like.
    ...(people[(Math.imul(i, 2_654_435_761) >>> 8) % PEOPLE] as (typeof people)[number]),
    client_name: 'Claude Code',
    server_id: 'gate.example.com',
    session_id: null,
    call_id: id,
    request_id: `req_${randomBytes(8).toString('hex')}`,
    method: 'tools/call',
    tool_name: 'issue_read',
    arguments: JSON.stringify({ owner: 'acme', repo: 'web', issue_number: 1000 + (i % 9000), method: 'get' }).padEnd(
      100,
    ),
    result_status: failed ? 'error' : 'success',
    duration_ms: 5 + (i % 300),
    error_code: failed ? 'not_found' : null,
    error_message: failed ? 'There is no such issue, or it is not visible.' : null,
    repeat_count: 1,
  };
}

/** The migration that makes the counts, and where in it what the log held already is counted. */
const COUNTERS = join(MIGRATIONS, '0002_counters.sql');
const BACKFILL = '-- What the log held before there were counts.';

/** The file of the audit database under a data directory of a stack that does not run. */
export async function databaseFile(dataDir: string): Promise<string> {
  const dir = join(dataDir, 'v3/d1/miniflare-D1DatabaseObject');
  const names = (await readdir(dir)).filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name));
  const [name] = names;
  if (name === undefined || names.length > 1) throw new Error(`${names.length} databases in ${dir}`);
  return join(dir, name);
}

/**
 * Fills a migrated database. The trigger that counts is away meanwhile: then all rows are counted at once, as the migration
 * does that makes it. Out: bytes a row takes, with its indexes.
 */
export function fill(file: string, count: number): number {
  const db = new DatabaseSync(file);
  const [trigger] = db
    .prepare("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = 'mcp_audit_log_count'")
    .all() as { sql: string }[];
  if (trigger === undefined) throw new Error('the trigger that counts is not there');
  db.exec('DROP TRIGGER mcp_audit_log_count');
  const marks = COLUMNS.map(() => '?').join(', ');
  const insert = db.prepare(`INSERT INTO mcp_audit_log (${COLUMNS.join(', ')}) VALUES (${marks})`);
  const heads = ['bench-0', 'bench-1'].map((chain_id) => ({ chain_id, seq: 0, hash: GENESIS }));
  const before = bytesOf(db);
  db.exec('BEGIN');
  for (let i = 0; i < count; i++) {
    const row = linkRow(
      heads[i % 2] as (typeof heads)[number],
      record(END - SPAN_MS + Math.floor((i * SPAN_MS) / count), i),
    );
    heads[i % 2] = { chain_id: row.chain_id, seq: row.seq, hash: row.hash };
    insert.run(...COLUMNS.map((column) => row[column] ?? null));
  }
  db.exec('COMMIT');
  const bytes = (bytesOf(db) - before) / count;
  db.exec(`${readFileSync(COUNTERS, 'utf8').split(BACKFILL)[1]}${trigger.sql}`);
  db.close();
  return bytes;
}

/** Throws where a total is not what the rows of the log say: live ones, there are no others. */
export function compareTotals(file: string): void {
  const db = new DatabaseSync(file);
  const keys = 'tenant_id, method, tool_name, result_status';
  const name = "iif(tool_name IN (SELECT name FROM mcp_tools), tool_name, iif(tool_name IS NULL, '', '(unknown)'))";
  const rows = `SELECT tenant_id, method, ${name} AS tool_name, result_status, sum(repeat_count), count(duration_ms),
    ifnull(sum(duration_ms), 0) FROM mcp_audit_log GROUP BY 1, 2, 3, 4`;
  const totals = `SELECT ${keys}, calls, timed, duration_ms_sum FROM mcp_call_totals`;
  const wrong = [
    `SELECT * FROM (${rows}) EXCEPT ${totals}`,
    `${totals} EXCEPT SELECT * FROM (${rows})`,
    UNEQUAL_COUNTS,
  ];
  const found = wrong.flatMap((sql) => db.prepare(sql).all());
  db.close();
  if (found.length > 0) throw new Error(`totals and rows do not agree: ${JSON.stringify(found[0])}`);
}

/** Bytes of all pages of the table and its indexes. */
function bytesOf(db: DatabaseSync): number {
  const [size] = db
    .prepare(
      "SELECT sum(pgsize) AS bytes FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name = 'mcp_audit_log')",
    )
    .all() as { bytes: number }[];
  return size?.bytes ?? 0;
}
