/** The way back from GitHub: who is it, may they come in, and then the client's code. */
import type { AuthRequest, GrantSummary, OAuthHelpers } from '@cloudflare/workers-oauth-provider';
import { authorizationErrorRedirect } from '@cloudflare/workers-oauth-provider';
import { AppError } from '../core/errors.ts';
import { sealUserId } from '../core/ids.ts';
import type { OAuthClient, User } from '../core/principal.ts';
import { scopesFor } from '../policy/admins.ts';
import { allows } from '../policy/scopes.ts';
import type { UpstreamData } from './authorize.ts';
import { answeringErrors, consentPage, withHeaders } from './authorize.ts';
import type { AuthContext } from './context.ts';
import { recordEvents, redirect } from './context.ts';
import type { AuthEvent } from './events.ts';
import { fetchGithubUser, maySignIn } from './github-sign-in.ts';
import { exchangeGithubCode } from './github-token.ts';
import { isAlwaysBound } from './register.ts';
import { renews } from './remembered.ts';
import type { GrantMetadata, GrantProps } from './server.ts';
import { authorizationServer } from './server.ts';
import { upstreamProps } from './upstream.ts';

/** GET /callback. */
export async function finishSignIn(request: Request, context: AuthContext): Promise<Response> {
  const oauth = authorizationServer(context.config).getOAuthApi(context.provider);
  return await answeringErrors(context, async () => {
    const { request: asked, data, headers } = await oauth.finishUpstream<UpstreamData>(request);
    const code = new URL(request.url).searchParams.get('code');
    if (code === null) {
      return redirect(
        authorizationErrorRedirect(asked, 'access_denied', 'The sign-in at GitHub was not completed.'),
        headers,
      );
    }
    try {
      return redirect(await complete(oauth, asked, data, code, context), headers);
    } catch (error) {
      if (error instanceof MustAsk) return withHeaders(await consentPage(oauth, asked, context), headers);
      if (!(error instanceof AppError)) throw error;
      const oauthCode = error.code === 'forbidden_by_policy' ? 'access_denied' : 'server_error';
      return redirect(authorizationErrorRedirect(asked, oauthCode, error.message), headers);
    }
  });
}

const REFUSED = { method: 'auth/sign_in', status: 'denied', facts: {}, errorCode: 'forbidden_by_policy' } as const;

/** A remembered approval that does not stand for who signed in. */
class MustAsk extends Error {}

/** Out: where to send the browser. The rows are written before the code leaves. */
async function complete(
  oauth: OAuthHelpers,
  consented: AuthRequest,
  data: UpstreamData,
  code: string,
  context: AuthContext,
): Promise<string> {
  const upstream = await exchangeGithubCode(context.config, code, data.verifier);
  const github = await fetchGithubUser(context.config, upstream.token);
  const user: User = { id: `gh_${github.id}`, login: github.login };
  const client: OAuthClient = { id: consented.clientId, name: data.clientName };

  if (!(await maySignIn(context.config, upstream.token, github))) {
    const message = `The GitHub account ${github.login} is not on the list of people who may sign in here.`;
    await recordEvents(context, user, client, [{ ...REFUSED, errorMessage: message }]);
    throw new AppError('forbidden_by_policy', `${message} Ask the administrator of this server.`);
  }

  // The consent stands before the sign-in: only now is it known who an administrator is. The answer says what is granted.
  const asked = { ...consented, scope: scopesFor(context.config, user.login, consented.scope) };
  if (asked.scope.length === 0) {
    const message = 'What was asked for is granted to administrators of this server only.';
    await recordEvents(context, user, client, [{ ...REFUSED, errorMessage: message }]);
    throw new AppError('forbidden_by_policy', message);
  }

  const userId = sealUserId(user.id, context.config.tenant, context.config.secretKeys);
  const { items: grants } = await oauth.listUserGrants(userId, { limit: 100 });
  if (data.remembered === true && !renews(grants, asked)) throw new MustAsk();
  const { repositories } = data;
  const codeJkt = codeJktOf(asked);
  const registered = await oauth.lookupClient(asked.clientId);
  const props: GrantProps = {
    user,
    clientName: client.name,
    ...upstreamProps(upstream),
    upstreamApi: context.config.github.apiUrl,
    repositories,
    publicClient: registered?.tokenEndpointAuthMethod === 'none',
    ...(isAlwaysBound(registered) && { alwaysBound: true }),
    ...(codeJkt !== undefined && { codeJkt }),
  };
  const { redirectTo } = await oauth.completeAuthorization({
    request: asked,
    userId,
    metadata: metadataOf(user, data),
    scope: asked.scope,
    props,
  });
  const withheld = consented.scope.filter((scope) => !asked.scope.includes(scope));
  await recordEvents(context, user, client, signInEvents(asked, withheld, data, grantBefore(grants, asked.clientId)));
  return redirectTo;
}

/** `dpop_jkt`, which the authorization endpoint put beside what the provider knows of a request. */
function codeJktOf(asked: AuthRequest & { readonly dpopJkt?: string }): string | undefined {
  return asked.dpopJkt;
}

/** The grant this one replaces, or undefined where there is none. */
function grantBefore(grants: readonly GrantSummary[], clientId: string): GrantSummary | undefined {
  return grants.find((grant) => grant.clientId === clientId);
}

function metadataOf(user: User, { clientName, redirectHost, clientDomain, repositories }: UpstreamData): GrantMetadata {
  return {
    login: user.login,
    clientName,
    redirectHost,
    ...(clientDomain !== undefined && { clientDomain }),
    ...(repositories !== null && { repositories }),
  };
}

/** `withheld`: what was consented to and is not for this person. */
function signInEvents(
  asked: AuthRequest,
  withheld: readonly string[],
  data: UpstreamData,
  before: GrantSummary | undefined,
): AuthEvent[] {
  const facts = {
    redirect_host: data.redirectHost,
    granted: asked.scope,
    ...(withheld.length > 0 && { withheld }),
    ...limitFacts(data, before),
    ...(data.remembered === true && { remembered: true }),
  };
  const added = before === undefined ? [] : asked.scope.filter((scope) => !allows(before.scope, scope));
  return [
    { method: 'auth/sign_in', status: 'success', facts: { redirect_host: data.redirectHost } },
    added.length > 0
      ? { method: 'auth/step_up', status: 'success', facts: { ...facts, added } }
      : { method: 'auth/consent', status: 'success', facts },
  ];
}

/** What the grant is limited to, and what it was limited to before: the row of a limit that was lifted says so. */
function limitFacts({ repositories }: UpstreamData, before: GrantSummary | undefined): Record<string, unknown> {
  const earlier = (before?.metadata as Partial<GrantMetadata> | undefined)?.repositories;
  return {
    ...((repositories !== null || earlier !== undefined) && { repositories: repositories ?? 'all' }),
    ...(earlier !== undefined && { repositories_before: earlier }),
  };
}
