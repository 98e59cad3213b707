/**
 * Signing in to the gate's own pages with GitHub, and out again. Apart from a client's sign-in: it grants nothing, and
 * what GitHub gives for it is asked once who this is, and thrown away.
 */
import { AppError } from '../../core/errors.ts';
import { systemRandomness } from '../../core/ids.ts';
import type { User } from '../../core/principal.ts';
import { withHeaders } from '../authorize.ts';
import { isOwnForm, SESSION_SECONDS, sealBrowserSession, sessionCookie } from '../browser-session.ts';
import { recordEvents, redirect } from '../context.ts';
import { cookieIn, hostCookie } from '../cookies.ts';
import { fetchGithubUser, githubAuthorizeUrl, maySignIn } from '../github-sign-in.ts';
import { exchangeGithubCode } from '../github-token.ts';
import { afterSignIn, cameFor } from './confirm.ts';
import type { AccountContext } from './context.ts';
import { accountAt, formOf, sessionOf, staleForm, toAccount } from './page.ts';
import { isPageState, newPageState, STATE_SECONDS, stateCookie, stateName, verifierFor } from './state.ts';

/** In rows, what stands in the place of a client. */
export const PAGE_CLIENT = { id: 'gatehouse:account', name: 'Account page' };
export const CONSOLE_CLIENT = { id: 'gatehouse:console', name: 'Console' };
/**
 * Enough for the membership of an organisation. Not what clients' sign-ins ask for: GitHub keeps ten tokens for the same
 * person, application and scopes, so an eleventh visit to this page would end a client's.
 */
const PAGE_SCOPES = 'read:org';

/** Whether a callback comes from `startPageSignIn` and not from a client's sign-in. */
export function isPageCallback(request: Request): boolean {
  return isPageState(new URL(request.url).searchParams.get('state'));
}

/** GET /account/sign-in. */
export function startPageSignIn(context: AccountContext): Response {
  const { state, challenge, cookie } = newPageState(context.config, context.now, systemRandomness);
  const headers = new Headers({ 'set-cookie': hostCookie(cookie.name, cookie.value, STATE_SECONDS) });
  const url = new URL(githubAuthorizeUrl(context.config, state, challenge, PAGE_SCOPES));
  // Or who signed out to be somebody else would come back as the same.
  url.searchParams.set('prompt', 'select_account');
  return redirect(url.href, headers);
}

/** GET /callback with a state of `startPageSignIn`. */
export async function finishPageSignIn(request: Request, context: AccountContext): Promise<Response> {
  const parameters = new URL(request.url).searchParams;
  const state = parameters.get('state') ?? '';
  const cookie = cookieIn(request.headers.get('cookie'), stateCookie(state, context.config.tenant));
  const verifier = verifierFor(state, cookie, context.config, context.now);
  if (verifier === undefined || !(await context.claim(stateName(state), STATE_SECONDS))) {
    return failed(context, 400, 'This sign-in cannot go on', [
      'It was begun in another browser, was finished already, or took too long.',
    ]);
  }
  const done = new Headers({ 'set-cookie': hostCookie(stateCookie(state, context.config.tenant), '', 0) });
  const code = parameters.get('code');
  if (code === null) {
    return failed(context, 400, 'You are not signed in', ['The sign-in at GitHub was not completed.'], done);
  }
  try {
    const user = await personBehind(code, verifier, context, cameFor(request, context.config) === 'console');
    done.append(
      'set-cookie',
      hostCookie(sessionCookie(context.config), sealBrowserSession(user, context.config, context.now), SESSION_SECONDS),
    );
    return afterSignIn(request, context, done);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const refused = error.code === 'forbidden_by_policy';
    const title = refused ? 'You may not sign in here' : 'You are not signed in';
    return failed(context, refused ? 403 : 502, title, [error.message], done);
  }
}

/** POST /account/sign-out. */
export async function signOut(request: Request, context: AccountContext): Promise<Response> {
  const session = sessionOf(request, context);
  if (session !== undefined && !isOwnForm(await formOf(request), session)) return staleForm(context);
  const headers = new Headers({ 'set-cookie': hostCookie(sessionCookie(context.config), '', 0) });
  return redirect(accountAt(context.config, 'signed_out'), headers);
}

/** Who signed in, with a row of it that says for which page. Throws `forbidden_by_policy` for a person who may not. */
async function personBehind(
  code: string,
  verifier: string,
  context: AccountContext,
  toConsole: boolean,
): Promise<User> {
  const { token } = await exchangeGithubCode(context.config, code, verifier);
  const github = await fetchGithubUser(context.config, token);
  const user: User = { id: `gh_${github.id}`, login: github.login };
  const client = toConsole ? CONSOLE_CLIENT : PAGE_CLIENT;
  const facts = { page: toConsole ? 'console' : 'account' };
  if (await maySignIn(context.config, token, github)) {
    await recordEvents(context, user, client, [{ method: 'auth/sign_in', status: 'success', facts }]);
    return user;
  }
  const message = `The GitHub account ${github.login} is not on the list of people who may sign in here.`;
  await recordEvents(context, user, client, [
    { method: 'auth/sign_in', status: 'denied', facts, errorCode: 'forbidden_by_policy', errorMessage: message },
  ]);
  throw new AppError('forbidden_by_policy', `${message} Ask the administrator of this server.`);
}

function failed(
  context: AccountContext,
  status: number,
  title: string,
  lines: readonly string[],
  headers: Headers = new Headers(),
): Response {
  const { config, requestId } = context;
  const link = status === 403 ? { href: accountAt(config), text: 'Sign in with another account' } : toAccount(config);
  return withHeaders(context.pages.message({ status, title, lines, link, requestId }), headers);
}
