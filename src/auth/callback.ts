/** The way back from GitHub: who is it, may they come in, and then the client's code. */
import type { AuthRequest, OAuthHelpers } from '@cloudflare/workers-oauth-provider';
import { authorizationErrorRedirect } from '@cloudflare/workers-oauth-provider';
import { AppError } from '../core/errors.ts';
import { sealUserId } from '../core/ids.ts';
import type { OAuthClient, User } from '../core/principal.ts';
import { allows } from '../policy/scopes.ts';
import type { UpstreamData } from './authorize.ts';
import { answeringErrors } from './authorize.ts';
import type { AuthContext } from './context.ts';
import { recordEvents, redirect } from './context.ts';
import type { AuthEvent } from './events.ts';
import { exchangeGithubCode, fetchGithubUser, maySignIn } from './github-sign-in.ts';
import type { GrantMetadata, GrantProps } from './server.ts';
import { authorizationServer } from './server.ts';

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
      if (!(error instanceof AppError)) throw error;
      const oauthCode = error.code === 'forbidden_by_policy' ? 'access_denied' : 'server_error';
      return redirect(authorizationErrorRedirect(asked, oauthCode, error.message), headers);
    }
  });
}

/** Out: where to send the browser. The rows are written before the code leaves. */
async function complete(
  oauth: OAuthHelpers,
  asked: AuthRequest,
  data: UpstreamData,
  code: string,
  context: AuthContext,
): Promise<string> {
  const upstreamToken = await exchangeGithubCode(context.config, code, data.verifier);
  const github = await fetchGithubUser(context.config, upstreamToken);
  const user: User = { id: `gh_${github.id}`, login: github.login };
  const client: OAuthClient = { id: asked.clientId, name: data.clientName };

  if (!(await maySignIn(context.config, upstreamToken, github))) {
    const message = `The GitHub account ${github.login} is not on the list of people who may sign in here.`;
    await recordEvents(context, user, client, [
      { method: 'auth/sign_in', status: 'denied', facts: {}, errorCode: 'forbidden_by_policy', errorMessage: message },
    ]);
    throw new AppError('forbidden_by_policy', `${message} Ask the administrator of this server.`);
  }

  const userId = sealUserId(user.id, context.config.tenant, context.config.secretKey);
  const before = await grantedBefore(oauth, userId, asked.clientId);
  const props: GrantProps = { user, clientName: client.name, upstreamToken };
  const { redirectTo } = await oauth.completeAuthorization({
    request: asked,
    userId,
    metadata: { login: user.login, clientName: client.name } satisfies GrantMetadata,
    scope: asked.scope,
    props,
  });
  await recordEvents(context, user, client, signInEvents(asked, data, before));
  return redirectTo;
}

/** Scopes of the grant this one replaces, or undefined where there is none. */
async function grantedBefore(oauth: OAuthHelpers, userId: string, clientId: string): Promise<string[] | undefined> {
  const { items } = await oauth.listUserGrants(userId, { limit: 100 });
  return items.find((grant) => grant.clientId === clientId)?.scope;
}

function signInEvents(asked: AuthRequest, data: UpstreamData, before: string[] | undefined): AuthEvent[] {
  const facts = { redirect_host: data.redirectHost, granted: asked.scope };
  const added = before === undefined ? [] : asked.scope.filter((scope) => !allows(before, scope));
  return [
    { method: 'auth/sign_in', status: 'success', facts: { redirect_host: data.redirectHost } },
    added.length > 0
      ? { method: 'auth/step_up', status: 'success', facts: { ...facts, added } }
      : { method: 'auth/consent', status: 'success', facts },
  ];
}
