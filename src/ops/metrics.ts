/** GET /metrics: Prometheus text of the whole deployment, for whoever has the bearer secret. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { chainOf, WRITERS } from '../audit/chain.ts';
import { readTotals } from '../audit/counts-sql.ts';
import type { WriterReport } from '../audit/families.ts';
import { familiesOf } from '../audit/families.ts';
import { renderMetrics } from '../audit/metrics.ts';
import type { Totals, WriterState } from '../audit/totals.ts';
import { DEFAULT_TENANT } from '../core/tenant.ts';

/** What a scrape asks. */
export interface MetricsSources {
  readonly AUDIT_DB: D1Database;
  readonly WRITER: { getByName(name: string): { state(): Promise<WriterState> | WriterState } };
}

/** Prometheus docs, "Exposition formats", text-based format. */
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
/** Milliseconds that a source may take: a scrape waits ten seconds. */
const PATIENCE_MS = 5000;

/**
 * In: the request, the secret (undefined where none is set), every tenant's name. Out: the metrics; 401 without the
 * secret; 404 where none is set, because the numbers of a team are nothing to show to everybody by default.
 */
export async function metrics(
  request: Request,
  secret: string | undefined,
  sources: MetricsSources,
  tenantNames: () => Promise<readonly string[]>,
): Promise<Response> {
  if (secret === undefined) {
    const error_description = 'There are no metrics here: METRICS_TOKEN is not set.';
    return Response.json({ error: 'not_found', error_description }, { status: 404 });
  }
  if (!presents(request, secret)) {
    const error_description = 'Send METRICS_TOKEN as Authorization: Bearer.';
    const headers = { 'www-authenticate': 'Bearer realm="metrics"' };
    return Response.json({ error: 'invalid_token', error_description }, { status: 401, headers });
  }
  const [totals, tenants] = await Promise.all([inTime(readTotals(sources.AUDIT_DB)), inTime(tenantNames())]);
  const names = new Set([DEFAULT_TENANT, ...(tenants ?? []), ...tenantsIn(totals)]);
  const reports = await Promise.all([...names].sort().flatMap((tenant) => reportsOf(tenant, sources)));
  return new Response(renderMetrics(familiesOf(totals, reports)), { headers: { 'content-type': CONTENT_TYPE } });
}

/** Compared by their hashes, in constant time: neither the length nor a common beginning can be measured. */
function presents(request: Request, secret: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? '';
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(secret));
}

function reportsOf(tenant: string, { WRITER }: MetricsSources): Promise<WriterReport>[] {
  return Array.from({ length: WRITERS }, async (_, i) => {
    const chain = chainOf(tenant, i);
    return { tenant, chain, state: await inTime((async () => await WRITER.getByName(chain).state())()) };
  });
}

/** Tenants that are gone keep their counters. */
function tenantsIn(totals: Totals | undefined): string[] {
  return (totals?.calls ?? []).map(({ tenant_id }) => tenant_id);
}

/** What a source says, or undefined where it fails or takes too long: the other metrics are needed most then. */
async function inTime<T>(work: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    console.error(JSON.stringify({ event: 'metrics_incomplete', error: String(error) }));
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
