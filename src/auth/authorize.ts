/** The authorization endpoint: shows who asks for what (GET) and takes the person's answer (POST). */
import type { AuthRequest, OAuthHelpers } from '@cloudflare/workers-oauth-provider';
import { AuthorizationError, authorizationErrorRedirect, CimdFetchError } from '@cloudflare/workers-oauth-provider';
import { plainText } from '../core/text.ts';
import { scopesOffered } from '../policy/admins.ts';
import { parseLimit } from '../policy/repositories.ts';
import { BASELINE, knownScopes } from '../policy/scopes.ts';
import { documentUrlProblem, isDocumentUrl } from './client-document.ts';
import type { AuthContext } from './context.ts';
import { redirect } from './context.ts';
import { dpopJktOf } from './dpop/binding.ts';
import { githubAuthorizeUrl } from './github-sign-in.ts';
import { rememberedScopes, remembering } from './remembered.ts';
import { authorizationServer } from './server.ts';
import type { ConsentView } from './views.ts';

/** What is remembered between the redirect to GitHub and the way back. */
export interface UpstreamData {
  /** PKCE verifier of the gate's own request to GitHub. */
  readonly verifier: string;
  readonly clientName: string;
  readonly redirectHost: string;
  /** Domain of a client with a metadata document (CIMD). */
  readonly clientDomain?: string;
  /** What the person limited the grant to; null where they did not. */
  readonly repositories: readonly string[] | null;
  /** Nobody was asked: an earlier approval of this browser stands, if it renews a connection of who signs in. */
  readonly remembered?: true;
}

/** GET /authorize. */
export async function showConsent(request: Request, context: AuthContext): Promise<Response> {
  const oauth = authorizationServer(context.config).getOAuthApi(context.provider);
  return await answeringErrors(context, async () => {
    const clientId = new URL(request.url).searchParams.get('client_id') ?? '';
    const problem = isDocumentUrl(clientId) ? documentUrlProblem(clientId) : undefined;
    if (problem !== undefined) return unfetchable(clientId, `its client_id ${problem}`, context);
    const parsed = await oauth.parseAuthRequest(request);
    const jkt = dpopJktOf(new URL(request.url).searchParams);
    if (!jkt.ok) return redirect(authorizationErrorRedirect(parsed, 'invalid_request', jkt.error));
    // The provider keeps what it does not know with the request until the way back (RFC 9449 section 10).
    const asked = jkt.value === undefined ? parsed : { ...parsed, dpopJkt: jkt.value };
    if (asked.codeChallenge === undefined || asked.codeChallengeMethod !== 'S256') {
      // Also for confidential clients, which the provider would let through without (OAuth 2.1 section 7.5.1).
      return redirect(
        authorizationErrorRedirect(
          asked,
          'invalid_request',
          'code_challenge with code_challenge_method=S256 is required',
        ),
      );
    }
    const scope = await rememberedScopes(oauth, request, asked, requestedScopes(asked), context.config);
    if (scope !== undefined) {
      return await goUpstream(oauth, { ...asked, scope }, { repositories: null, remembered: true }, context);
    }
    return await consentPage(oauth, asked, context);
  });
}

/** Asks the person about a request; again, with what they entered, where that cannot be used. */
export async function consentPage(
  oauth: OAuthHelpers,
  asked: AuthRequest,
  context: AuthContext,
  entered: Pick<ConsentView, 'repositories' | 'problem'> = { repositories: '' },
): Promise<Response> {
  const description = await oauth.describeConsent(asked);
  const transaction = await oauth.beginConsent(asked);
  const requested = requestedScopes(asked);
  const page = context.pages.consent({
    base: context.config.base,
    handle: transaction.handle,
    clientName: displayName(description.clientName),
    clientDomain: description.clientDomain,
    redirectHost: hostOf(description.redirectUri),
    redirectIsLoopback: description.redirectIsLoopback,
    scopes: scopesOffered(context.config).map((scope) => ({ ...scope, requested: requested.includes(scope.name) })),
    ...entered,
    githubHost: new URL(context.config.github.url).host,
    formTargets: [new URL(context.config.github.url).origin, originOf(description.redirectUri)],
  });
  return withHeaders(page, transaction.headers);
}

/** POST /authorize. */
export async function takeConsent(request: Request, form: FormData, context: AuthContext): Promise<Response> {
  const oauth = authorizationServer(context.config).getOAuthApi(context.provider);
  const handle = String(form.get('handle') ?? '');
  return await answeringErrors(context, async () => {
    if (form.get('decision') === 'deny') {
      const denied = await oauth.denyConsent(request, handle, { description: 'The person declined.' });
      return redirect(denied.redirectTo, denied.headers);
    }
    const scope = knownScopes(form.getAll('scope').map(String));
    if (form.get('decision') !== 'approve' || scope.length === 0) {
      return context.pages.message({
        status: 400,
        title: 'Nothing was granted',
        lines: ['Tick at least one permission, or choose "Deny". Go back to try again.'],
        requestId: context.requestId,
      });
    }
    const entered = String(form.get('repositories') ?? '');
    const limit = parseLimit(entered);
    if (!limit.ok) {
      // Used up, because that is the way to the request behind it; the page comes again with another.
      const { request: asked, headers } = await oauth.approveConsent(request, handle, { scope });
      const page = await consentPage(oauth, asked, context, { repositories: entered, problem: limit.error });
      return withHeaders(page, headers);
    }
    const repositories = limit.value;
    const unlimited = repositories === null;
    const remember = form.has('remember') && unlimited ? { remember: remembering(context.config) } : {};
    const { request: asked, headers } = await oauth.approveConsent(request, handle, { scope, ...remember });
    return await goUpstream(oauth, asked, { repositories }, context, headers);
  });
}

/** On to GitHub, with a request that was approved. */
async function goUpstream(
  oauth: OAuthHelpers,
  asked: AuthRequest,
  more: Pick<UpstreamData, 'repositories' | 'remembered'>,
  context: AuthContext,
  headers: Headers = new Headers(),
): Promise<Response> {
  const description = await oauth.describeConsent(asked);
  const verifier = randomVerifier();
  const data: UpstreamData = {
    ...more,
    verifier,
    clientName: displayName(description.clientName),
    redirectHost: hostOf(description.redirectUri),
    ...(description.clientDomain !== undefined && { clientDomain: description.clientDomain }),
  };
  const upstream = await oauth.beginUpstream(asked, { data, headers });
  return redirect(githubAuthorizeUrl(context.config, upstream.state, await s256(verifier)), upstream.headers);
}

/** Errors that may go back to the client do; the others become a page (RFC 6749 section 4.1.2.1). */
export async function answeringErrors(context: AuthContext, step: () => Promise<Response>): Promise<Response> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof CimdFetchError) {
      return unfetchable(error.metadataUrl, 'the document that describes it could not be read', context);
    }
    if (!(error instanceof AuthorizationError)) throw error;
    if (error.redirectTo !== undefined) return redirect(error.redirectTo);
    return context.pages.message({
      status: 400,
      title: 'This sign-in cannot go on',
      lines: [`${error.description}.`, 'Start again from the application that sent you here.'],
      requestId: context.requestId,
    });
  }
}

/** A client known by a document (CIMD) that this gate does not fetch, or could not. */
function unfetchable(clientId: string, reason: string, context: AuthContext): Response {
  return context.pages.message({
    status: 400,
    title: 'This application cannot be identified',
    lines: [
      `It says that it is described at ${plainText(clientId, 200)}, but ${reason}.`,
      'Try again later; if it lasts, tell the maker of the application.',
    ],
    requestId: context.requestId,
  });
}

/** What to tick: the known scopes asked for, or all that only reads where the client named none this gate knows. */
function requestedScopes(asked: AuthRequest): string[] {
  const known = knownScopes(asked.scope);
  return known.length > 0 ? known : [...BASELINE];
}

/** A name from a client, for a person to read. */
function displayName(name: string): string {
  return plainText(name, 100) || 'unnamed client';
}

/** Where the answer goes, with its port: `127.0.0.1:5173`. A private-use URI has no host, so it is shown whole. */
function hostOf(redirectUri: string): string {
  return new URL(redirectUri).host || redirectUri;
}

/** The origin of a redirect URI, or its scheme where it has none. */
function originOf(redirectUri: string): string {
  const url = new URL(redirectUri);
  return url.origin === 'null' ? url.protocol : url.origin;
}

/** Adds the headers that a step of the provider wants set. */
export function withHeaders(response: Response, headers: Headers): Response {
  const merged = new Response(response.body, response);
  for (const [name, value] of headers) {
    if (name === 'set-cookie') merged.headers.append(name, value);
    else if (!merged.headers.has(name)) merged.headers.set(name, value);
  }
  return merged;
}

function randomVerifier(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');
}

async function s256(verifier: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(verifier))).toString('base64url');
}
