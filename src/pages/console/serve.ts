/**
 * The console: the log of one tenant, for its administrators. Who asks is looked at again for each request, against the
 * settings as they are then, and each view is a row of its own before anything is shown: what cannot be recorded is not
 * shown.
 */
import { chainStatuses } from '../../audit/chain-status.ts';
import { callCounts, denials, latencies } from '../../audit/charts.ts';
import { EXPORT_FORMATS, EXPORT_TYPES, exportStream } from '../../audit/export.ts';
import { auditReader, everyRow, readRow } from '../../audit/read.ts';
import type { ChainProof } from '../../audit/verify.ts';
import { askForPage } from '../../auth/account/confirm.ts';
import type { AccountContext } from '../../auth/account/context.ts';
import { sessionOf, toAccount } from '../../auth/account/page.ts';
import { CONSOLE_CLIENT } from '../../auth/account/sign-in.ts';
import type { BrowserSession } from '../../auth/browser-session.ts';
import { recordEvents } from '../../auth/context.ts';
import type { AuthEvent } from '../../auth/events.ts';
import { AppError } from '../../core/errors.ts';
import { isAdmin } from '../../policy/admins.ts';
import { queryOf, readQuery } from './filter.ts';
import type { Frame } from './frame.tsx';
import { overviewPage, SPANS, type Span } from './overview.tsx';
import { rowPage } from './row.tsx';
import { rowsPage, wrongFilterPage } from './rows.tsx';
import { sayPage, signInPage } from './sign-in.tsx';

/** Rows on a page. */
const PAGE_ROWS = 50;

export interface ConsoleScope {
  readonly context: AccountContext;
  readonly db: D1Database;
  /** Asks a Writer what it knows of its chain. */
  readonly chainProof: (chain: string) => Promise<ChainProof>;
}

/** One page of the console, once it is known who asks. */
interface Visit extends ConsoleScope {
  readonly session: BrowserSession;
  readonly frame: Frame;
  readonly url: URL;
}

/** In: a GET, and its path behind `/console`. Out: the page; 404 for what is none, whoever asks. */
export async function serveConsole(request: Request, path: string, scope: ConsoleScope): Promise<Response> {
  const { context } = scope;
  const { config, requestId } = context;
  const { base } = config;
  const session = sessionOf(request, context);
  if (session === undefined) {
    return askForPage(signInPage(new URL(config.github.url).host, base), 'console', config);
  }
  const { user, formToken } = session;
  try {
    if (!isAdmin(config, user.login)) return await refused(scope, session);
    const frame = { base, tenant: config.tenant, login: user.login, formToken };
    return await view(path, { ...scope, session, frame, url: new URL(request.url) });
  } catch (error) {
    if (error instanceof AppError && error.code === 'audit_unavailable') {
      const lines = ['What you look at here is recorded, and that is not possible at the moment. Try again shortly.'];
      return sayPage({ status: 503, title: 'The console is closed for now', lines, requestId });
    }
    throw error;
  }
}

async function view(path: string, visit: Visit): Promise<Response> {
  if (path === '') return await rows(visit);
  if (path === '/overview') return await overview(visit);
  if (path === '/export') return await download(visit);
  const id = /^\/rows\/([\w-]{1,64})$/.exec(path)?.[1];
  if (id !== undefined) return await oneRow(visit, id);
  return nothingHere(visit);
}

async function rows(visit: Visit): Promise<Response> {
  const { url, frame, db } = visit;
  const query = readQuery(url.searchParams);
  if (!query.ok) return wrongFilterPage(frame, url.searchParams, query.error);
  const { filter, older, newer } = query.value;
  await record(visit, {
    view: 'rows',
    ...filter,
    ...(older && { older: older.timestamp }),
    ...(newer && { newer: newer.timestamp }),
  });
  const reader = auditReader(db, frame.tenant);
  const page = await reader.rows(filter, { limit: PAGE_ROWS, older, newer });
  // What is newer fits on one page: that is the first page, whole.
  const first = newer !== undefined && page.newer === undefined;
  if (!first) return rowsPage({ frame, query: query.value, page });
  return rowsPage({ frame, query: { filter }, page: await reader.rows(filter, { limit: PAGE_ROWS }) });
}

async function oneRow(visit: Visit, id: string): Promise<Response> {
  await record(visit, { view: 'row', id });
  const row = await readRow(visit.db, visit.frame.tenant, id);
  return row === undefined ? nothingHere(visit) : rowPage(visit.frame, row);
}

async function overview(visit: Visit): Promise<Response> {
  const { url, frame, db, context, chainProof } = visit;
  const asked = url.searchParams.get('span') ?? '';
  const span: Span = Object.hasOwn(SPANS, asked) ? (asked as Span) : '24h';
  await record(visit, { view: 'overview', span });
  const since = new Date(context.now - SPANS[span].milliseconds).toISOString();
  const [counts, times, refusals, chains] = await Promise.all([
    callCounts(db, frame.tenant, since, SPANS[span].unit),
    latencies(db, frame.tenant, since),
    denials(db, frame.tenant, since),
    chainStatuses(db, frame.tenant, chainProof),
  ]);
  return overviewPage({ frame, span, now: context.now, counts, latencies: times, denials: refusals, chains });
}

async function download(visit: Visit): Promise<Response> {
  const { url, frame, db, context } = visit;
  const query = readQuery(url.searchParams);
  const asked = url.searchParams.get('format');
  const format = EXPORT_FORMATS.find((one) => one === asked);
  const problems = [
    ...(query.ok ? [] : query.error),
    ...(format === undefined ? [`format must be one of ${EXPORT_FORMATS.join(', ')}.`] : []),
  ];
  if (!query.ok || format === undefined) return wrongFilterPage(frame, url.searchParams, problems);
  const { filter } = query.value;
  await record(visit, { view: 'export', format, ...filter });
  const moment = new Date(context.now).toISOString().slice(0, 19).replaceAll(':', '');
  return new Response(exportStream(everyRow(db, frame.tenant, filter), format), {
    headers: {
      'content-type': EXPORT_TYPES[format],
      'content-disposition': `attachment; filename="gatehouse-${frame.tenant}-${moment}Z.${format}"`,
      'cache-control': 'no-store',
    },
  });
}

/** Throws `audit_unavailable`: then nothing is shown. */
async function record({ context, session }: Visit, facts: AuthEvent['facts']): Promise<void> {
  await recordEvents(context, session.user, CONSOLE_CLIENT, [{ method: 'audit/read', status: 'success', facts }]);
}

async function refused({ context }: ConsoleScope, session: BrowserSession): Promise<Response> {
  const errorMessage = `${session.user.login} is not an administrator.`;
  await recordEvents(context, session.user, CONSOLE_CLIENT, [
    { method: 'audit/read', status: 'denied', facts: {}, errorCode: 'forbidden_by_policy', errorMessage },
  ]);
  const { config, requestId } = context;
  return sayPage({
    status: 403,
    title: 'Not an administrator',
    lines: [errorMessage],
    link: toAccount(config),
    requestId,
  });
}

function nothingHere({ context, frame }: Visit): Response {
  const link = { href: `${frame.base}/console${queryOf({ filter: {} })}`, text: 'Open the console' };
  const lines = ['There is no such page or row in this log.'];
  return sayPage({ status: 404, title: 'Not found', lines, link, requestId: context.requestId });
}
