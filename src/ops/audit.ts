/**
 * What `npm run audit` asks of a deployment, behind the secret AUDIT_TOKEN: the ends of the chains, which D1 alone could
 * not be believed about, and a month of the archive back. No row leaves through here.
 */
import { chainsOf } from '../audit/chain.ts';
import type { ChainProof } from '../audit/verify.ts';
import type { Config } from '../config.ts';
import { sameText } from '../core/derived-key.ts';
import { isTenantName } from '../core/tenant.ts';
import { allConfigs } from '../tenants/lookup.ts';

/** In the body of an answer to `GET /audit/chains`. */
export interface ChainsAnswer {
  readonly chains: readonly ChainProof[];
}

const MONTH = /^\d{4}-(?:0[1-9]|1[0-2])$/;

/**
 * Answers one request to `/audit/*`: `GET chains`, `GET tags?chain=default-0&from=1` (bytes, 8 for each row, the number of
 * the first in `X-First-Row`), `POST restore?chain=default-0&month=2026-10&after=0`. In: the settings of the deployment.
 */
export async function auditRoutes(request: Request, env: Env, { auditToken }: Config): Promise<Response> {
  const given = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (auditToken === undefined || given === undefined || !sameText(given, auditToken)) {
    const why = auditToken === undefined ? 'AUDIT_TOKEN is not set here.' : 'Send the AUDIT_TOKEN as a bearer token.';
    return refuse(401, 'unauthorized', why, { 'www-authenticate': 'Bearer' });
  }
  const { pathname, searchParams } = new URL(request.url);
  const route = `${request.method} ${pathname.replace(/^\/audit\//, '')}`;
  if (route === 'GET chains') return answer({ chains: await proofsOf(env) } satisfies ChainsAnswer);
  if (route !== 'GET tags' && route !== 'POST restore') return refuse(404, 'not_found', `There is no ${route}.`);
  const writer = writerOf(env, searchParams.get('chain') ?? '');
  if (writer === undefined) return bad('chain', 'must be the id of a chain of this deployment, such as default-0');
  return route === 'GET tags' ? await tagsFrom(writer, searchParams) : await restoreMonth(writer, searchParams);
}

type WriterStub = NonNullable<ReturnType<typeof writerOf>>;

async function tagsFrom(writer: WriterStub, query: URLSearchParams): Promise<Response> {
  const from = numberIn(query.get('from'));
  if (from === undefined) return bad('from', 'must be the number of a row');
  const { first, tags } = await writer.tags(from);
  const headers = { ...NO_STORE, 'content-type': 'application/octet-stream', 'x-first-row': String(first) };
  return new Response(new Uint8Array(tags), { headers });
}

async function restoreMonth(writer: WriterStub, query: URLSearchParams): Promise<Response> {
  const [month, after] = [query.get('month') ?? '', numberIn(query.get('after') ?? '0')];
  if (!MONTH.test(month)) return bad('month', 'must be a month such as 2026-10');
  if (after === undefined) return bad('after', 'must be the number of a row');
  const restored = await writer.restore(month, after);
  return 'broken' in restored ? refuse(502, 'archive_broken', restored.broken) : answer(restored);
}

/** Every chain of every tenant, and those that only D1 knows of: their Writers say that they have no rows. */
async function proofsOf(env: Env): Promise<ChainProof[]> {
  const named = (await allConfigs(env)).flatMap(({ tenant }) => chainsOf(tenant));
  // Where the whole table is gone, the ends are told all the same: who asks finds out, and says so.
  const logged = await chainsInLog(env.AUDIT_DB).catch((error: unknown) => {
    if (/no such table: mcp_audit_log/i.test(String(error))) return [];
    throw error;
  });
  const chains = [...new Set([...named, ...logged])].sort();
  return await Promise.all(chains.map((chain) => env.WRITER.getByName(chain).proof(chain)));
}

/** Steps through the index from one chain to the next: the log is not read. */
async function chainsInLog(db: D1Database): Promise<string[]> {
  const { results } = await db
    .prepare(
      `WITH RECURSIVE chains(id) AS (
         SELECT min(chain_id) FROM mcp_audit_log
         UNION ALL
         SELECT (SELECT min(chain_id) FROM mcp_audit_log WHERE chain_id > chains.id) FROM chains WHERE id IS NOT NULL
       ) SELECT id FROM chains WHERE id IS NOT NULL LIMIT 1000`,
    )
    .all<{ id: string }>();
  return results.map(({ id }) => id);
}

/** The Writer of a chain that could be one of ours; no object is made for anything else. */
function writerOf(env: Env, chain: string) {
  const [, tenant = '', writer = ''] = /^(.+)-(\d)$/.exec(chain) ?? [];
  const isChain = isTenantName(tenant) && chainsOf(tenant).includes(`${tenant}-${writer}`);
  return isChain ? env.WRITER.getByName(chain) : undefined;
}

function numberIn(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

const NO_STORE = { 'cache-control': 'no-store' };

function answer(body: object): Response {
  return Response.json(body, { headers: NO_STORE });
}

function refuse(status: number, error: string, description: string, headers: Record<string, string> = {}): Response {
  return Response.json({ error, error_description: description }, { status, headers: { ...NO_STORE, ...headers } });
}

function bad(field: string, rule: string): Response {
  return refuse(400, 'invalid_request', `${field} ${rule}.`);
}
