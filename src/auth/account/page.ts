/** The account page: what is connected in a person's name, and taking it back. */
import type { Config } from '../../config.ts';
import { containersOf, knownScopes, SCOPES } from '../../policy/scopes.ts';
import type { BrowserSession } from '../browser-session.ts';
import { isOwnForm, openBrowserSession, sessionCookie } from '../browser-session.ts';
import { redirect } from '../context.ts';
import { cookieIn } from '../cookies.ts';
import type { Connection } from './connections.ts';
import type { AccountContext } from './context.ts';
import type { AccountNotice, ConnectionView } from './views.ts';

const GROUPS = ['write', 'read', 'see'];
const NOTICES: readonly AccountNotice[] = ['revoked', 'revoked_all', 'signed_out', 'nothing'];

/** The session of the browser that sent a request, if it has one. */
export function sessionOf(request: Request, { config, now }: AccountContext): BrowserSession | undefined {
  return openBrowserSession(cookieIn(request.headers.get('cookie'), sessionCookie(config)), config, now);
}

/** The form of a request; an empty one where it is no form. */
export async function formOf(request: Request): Promise<FormData> {
  return await request.formData().catch(() => new FormData());
}

/** The page's address, with what it is to say first. */
export function accountAt({ issuer }: Config, notice?: AccountNotice): string {
  return `${issuer}/account${notice === undefined ? '' : `?done=${notice}`}`;
}

/** GET /account. */
export async function showAccount(request: Request, context: AccountContext): Promise<Response> {
  const done = new URL(request.url).searchParams.get('done');
  const notice = NOTICES.find((known) => known === done);
  const session = sessionOf(request, context);
  if (session === undefined) {
    const { base, github } = context.config;
    return context.accountPages.signedOut({ base, githubHost: new URL(github.url).host, notice });
  }
  const connections = await context.connections(session.user.id);
  return context.accountPages.account({
    base: context.config.base,
    login: session.user.login,
    formToken: session.formToken,
    connections: connections.map(viewOf),
    limits: context.config.limits,
    notice,
    now: context.now,
  });
}

/** POST /account/revoke, with `grant` or `all`. Only grants of the person who is signed in can be named. */
export async function revoke(request: Request, context: AccountContext): Promise<Response> {
  const session = sessionOf(request, context);
  if (session === undefined) return redirect(accountAt(context.config));
  const form = await formOf(request);
  if (!isOwnForm(form, session)) return staleForm(context);
  const all = form.has('all');
  const ended = await context.disconnect(session.user, all ? undefined : String(form.get('grant') ?? ''));
  const notice = ended === 0 ? 'nothing' : all ? 'revoked_all' : 'revoked';
  return redirect(accountAt(context.config, notice));
}

/** For pages that lead back. */
export function toAccount(config: Config): { readonly href: string; readonly text: string } {
  return { href: accountAt(config), text: 'Open your account page' };
}

/** The answer to a form that this session was never shown. */
export function staleForm(context: AccountContext): Response {
  return context.pages.message({
    status: 403,
    title: 'Nothing was changed',
    lines: ['The form did not come from your account page as it is now. Open the page again and try once more.'],
    link: toAccount(context.config),
    requestId: context.requestId,
  });
}

/** What can change things first; scopes that a broader granted one contains would only lengthen the list. */
function viewOf(connection: Connection): ConnectionView {
  const known = knownScopes(connection.scopes);
  const told = SCOPES.filter(
    ({ name }) =>
      known.includes(name) && !containersOf(name).some((broader) => broader !== name && known.includes(broader)),
  );
  return { ...connection, scopes: [...told].sort((a, b) => GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group)) };
}
