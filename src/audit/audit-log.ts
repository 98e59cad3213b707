/** Verifies the whole log: every chain, from its Writer's word to its last row. Reads in pages; writes nothing. */

import { TAG_BYTES } from './chain.ts';
import type { AuditRow } from './row.ts';
import { COLUMNS } from './row.ts';
import type { ChainProof, ChainTags, Finding } from './verify.ts';
import { verifyChain } from './verify.ts';

/** Where the log and the word of its Writers come from. */
export interface LogSources {
  /** Runs one SELECT on the audit database. */
  query<Row>(sql: string): Promise<readonly Row[]>;
  /** What every Writer says of its chain now. */
  chains(): Promise<readonly ChainProof[]>;
  /** Tags of a chain's rows from a number on, as many as come at once. */
  tags(chain: string, from: number): Promise<ChainTags>;
}

export interface ChainReport {
  readonly proof: ChainProof;
  /** Rows that were looked at and are right; those before the finding are. */
  readonly rows: number;
  readonly finding?: Finding;
}

const PAGE_ROWS = 5000;

/** Out: a report for each chain. Rejects where the database or the gate cannot be asked. */
export async function auditLog(sources: LogSources, pageRows = PAGE_ROWS): Promise<ChainReport[]> {
  const reports: ChainReport[] = [];
  for (const proof of await sources.chains()) reports.push(await auditChain(sources, proof, pageRows));
  return reports;
}

async function auditChain(sources: LogSources, first: ChainProof, pageRows: number): Promise<ChainReport> {
  const chain = first.chain_id;
  for (let proof = first; ; ) {
    const { head } = proof;
    const { last, beyond } = await endsInLog(sources, chain, head.seq);
    const known = beyond === null ? proof : await proofOf(sources, chain);
    const rows = {
      rows: rowsOf(sources, chain, head.seq, pageRows),
      last: last ?? 0,
      // Rows that came while this was read are not strange; the next run looks at them.
      beyond: beyond === null || beyond <= known.head.seq ? null : beyond,
    };
    const found = await verifyChain(proof, await tagsOf(sources, proof), rows);
    if (!('damage' in found)) return { proof, rows: found.rows };
    // Rows that the retention moved while this was read are not missing: once more from where it is now.
    const now = await proofOf(sources, chain);
    if (now.cut.seq === proof.cut.seq && now.leaving?.seq === proof.leaving?.seq) {
      return { proof, rows: found.seq - 1 - proof.cut.seq, finding: found };
    }
    proof = now;
  }
}

async function proofOf(sources: LogSources, chain: string): Promise<ChainProof> {
  const proof = (await sources.chains()).find(({ chain_id }) => chain_id === chain);
  if (proof === undefined) throw new Error(`the gate knows no chain ${chain} any more`);
  return proof;
}

async function endsInLog({ query }: LogSources, chain: string, head: number) {
  const from = `FROM mcp_audit_log WHERE chain_id = ${quoted(chain)} AND seq`;
  const [ends] = await query<{ last: number | null; beyond: number | null }>(
    `SELECT (SELECT max(seq) ${from} <= ${head}) AS last, (SELECT min(seq) ${from} > ${head}) AS beyond`,
  );
  return ends ?? { last: null, beyond: null };
}

/** All rows up to the head, also those whose number is there twice: an index that forbids it can be dropped. */
async function* rowsOf({ query }: LogSources, chain: string, head: number, count: number): AsyncGenerator<AuditRow> {
  let place = { seq: -Number.MAX_SAFE_INTEGER, id: '' };
  for (;;) {
    const page = await query<AuditRow>(
      `SELECT ${COLUMNS.join(', ')} FROM mcp_audit_log WHERE chain_id = ${quoted(chain)}
       AND seq >= ${place.seq} AND (seq > ${place.seq} OR id > ${quoted(place.id)}) AND seq <= ${head}
       ORDER BY seq, id LIMIT ${count}`,
    );
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < count) return;
    place = last;
  }
}

async function tagsOf(sources: LogSources, { chain_id, cut, head }: ChainProof): Promise<ChainTags> {
  const parts: ChainTags[] = [];
  for (let from = cut.seq + 1; from <= head.seq; ) {
    const part = await sources.tags(chain_id, from);
    if (part.tags.length === 0) break;
    parts.push(part);
    from = part.first + part.tags.length / TAG_BYTES;
  }
  return { first: parts[0]?.first ?? head.seq + 1, tags: Buffer.concat(parts.map(({ tags }) => tags)) };
}

/** A text as SQL has it: ids in the log may be anything that somebody wrote there. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
