/** A chain of a real Writer in a real D1, and how an auditor reads both. */
import { runDurableObjectAlarm } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import type { LogSources } from '../../src/audit/audit-log.ts';
import type { AuditRow } from '../../src/audit/row.ts';
import { closedRecord } from '../support/closed-record.ts';

/** Gives a Writer `count` records, the oldest at `from`, one every `stepMs`, and drains them. Ids begin with the chain's. */
export async function fillChain(
  chain: string,
  count: number,
  from = Date.UTC(2026, 10, 1),
  stepMs = 1000,
): Promise<void> {
  const writer = env.WRITER.getByName(chain);
  const known = (await writer.proof(chain)).head.seq;
  const items = Array.from({ length: count }, (_, i) => ({
    n: known + i + 1,
    record: closedRecord(`${chain}/${String(known + i + 1).padStart(6, '0')}`, {
      timestamp: new Date(from + i * stepMs).toISOString(),
      tenant_id: chain.replace(/-\d$/, ''),
      arguments: JSON.stringify({ i }),
    }),
  }));
  for (let at = 0; at < items.length; at += 500) await writer.append(chain, 'gate', items.slice(at, at + 500));
  await drain(chain);
}

/** Drains a Writer without waiting for its alarm. */
export async function drain(chain: string): Promise<void> {
  await runDurableObjectAlarm(env.WRITER.getByName(chain));
}

/** What an auditor of these chains reads. */
export function sourcesOf(...chains: string[]): LogSources {
  return {
    query: async <Row>(sql: string) => (await env.AUDIT_DB.prepare(sql).all<Row>()).results,
    chains: async () => await Promise.all(chains.map((chain) => env.WRITER.getByName(chain).proof(chain))),
    tags: async (chain, from) => await env.WRITER.getByName(chain).tags(from),
  };
}

/** The rows of a chain that are in D1. */
export async function rowsIn(chain: string): Promise<AuditRow[]> {
  const statement = env.AUDIT_DB.prepare('SELECT * FROM mcp_audit_log WHERE chain_id = ? ORDER BY seq, id');
  return (await statement.bind(chain).all<AuditRow>()).results;
}
