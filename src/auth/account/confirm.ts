/** The page on which a person confirms a call whose client cannot ask them. Only questions of who is signed in show. */
import type { Config } from '../../config.ts';
import { isOwnForm } from '../browser-session.ts';
import { eventRecords, redirect } from '../context.ts';
import { cookieIn, cookieName, hostCookie } from '../cookies.ts';
import type { AccountContext } from './context.ts';
import { accountAt, formOf, sessionOf, toAccount } from './page.ts';
import { PAGE_CLIENT } from './sign-in.ts';

/** Which question, or the console, a browser came for before it signed in. It names a page of ours and nothing else. */
const nextCookie = ({ tenant }: Config) => cookieName('__Host-gatehouse-confirm', tenant);
const NEXT_SECONDS = 600;
const CONSOLE = 'console';
/** A ULID. */
const QUESTION_ID = /^[0-9A-HJKMNP-TV-Z]{26}$/;

/** The page `response`, shown to a browser in which nobody is signed in; after the sign-in, it is led to what it came for. */
export function askForPage(response: Response, cameFor: string, config: Config): Response {
  response.headers.append('set-cookie', hostCookie(nextCookie(config), cameFor, NEXT_SECONDS));
  return response;
}

/** Where a sign-in for pages leads: to the question or the console that the browser came for, or to the account page. */
export function afterSignIn(request: Request, context: AccountContext, headers: Headers): Response {
  const next = cameFor(request, context.config);
  if (next === undefined) return redirect(accountAt(context.config), headers);
  headers.append('set-cookie', hostCookie(nextCookie(context.config), '', 0));
  return redirect(`${context.config.issuer}/${next === CONSOLE ? CONSOLE : `confirm/${next}`}`, headers);
}

/** What a browser came for before it signed in: `console`, the id of a question, or neither. */
export function cameFor(request: Request, config: Config): string | undefined {
  const next = cookieIn(request.headers.get('cookie'), nextCookie(config));
  return next === CONSOLE || QUESTION_ID.test(next ?? '') ? next : undefined;
}

/** GET /confirm/{id}. */
export async function showConfirmation(request: Request, id: string, context: AccountContext): Promise<Response> {
  if (!QUESTION_ID.test(id)) return nothingOpen(context);
  const session = sessionOf(request, context);
  const { base, github } = context.config;
  if (session === undefined) {
    const page = context.accountPages.signInToConfirm({ base, githubHost: new URL(github.url).host });
    return askForPage(page, id, context.config);
  }
  const pending = await context.pendingConfirmation(session.user.id, id);
  if (pending === undefined) return nothingOpen(context);
  return context.accountPages.confirm({ ...pending, base, login: session.user.login, formToken: session.formToken });
}

/** POST /confirm/{id}, with `answer` `yes` or anything else for no. Leaves a row. */
export async function takeConfirmation(request: Request, id: string, context: AccountContext): Promise<Response> {
  const session = sessionOf(request, context);
  if (session === undefined) return redirect(`${context.config.issuer}/confirm/${encodeURIComponent(id)}`);
  const form = await formOf(request);
  if (!isOwnForm(form, session)) {
    return told(
      context,
      403,
      'Nothing was confirmed',
      'The form did not come from the page as it is now. Open it again.',
    );
  }
  const yes = form.get('answer') === 'yes';
  const pending = QUESTION_ID.test(id) ? await context.pendingConfirmation(session.user.id, id) : undefined;
  if (pending === undefined) return nothingOpen(context);
  const records = eventRecords(context, session.user, PAGE_CLIENT, [
    {
      method: 'auth/confirm',
      status: yes ? 'success' : 'denied',
      facts: { tool: pending.toolName, client: pending.clientName },
      callId: id,
      ...(!yes && { errorCode: 'declined', errorMessage: 'The person declined.' }),
    },
  ]);
  if (!(await context.decideConfirmation(session.user.id, id, yes, records))) return nothingOpen(context);
  return yes
    ? told(
        context,
        200,
        'Confirmed',
        'Go back to the application and have it call again: it goes through once, within 10 minutes.',
      )
    : told(context, 200, 'Declined', 'Nothing was done. The application is told so when it calls again.');
}

function nothingOpen(context: AccountContext): Response {
  const line = 'The question was answered already, is older than 10 minutes, or was put to somebody else.';
  return told(context, 404, 'There is nothing to confirm', line);
}

function told(context: AccountContext, status: number, title: string, line: string): Response {
  const link = toAccount(context.config);
  return context.pages.message({ status, title, lines: [line], link, requestId: context.requestId });
}
