/**
 * The two OAuth roles of the gate in one Worker: the authorization server (RFC 6749, 7591, 7636, 8414) and the
 * protected resource (RFC 6750, 9728). The provider package owns the protocol; what it leaves to us stands here.
 */

import type {
  TokenExchangeCallbackOptions,
  TokenExchangeCallbackResult,
  ValidatedAccessToken,
} from '@cloudflare/workers-oauth-provider';
import { OAuthAuthorizationServer, OAuthResourceServer } from '@cloudflare/workers-oauth-provider';
import type { Config } from '../config.ts';
import { openUserId } from '../core/ids.ts';
import { withMembers } from '../core/own-response.ts';
import type { User } from '../core/principal.ts';
import { scopesOffered } from '../policy/admins.ts';
import { BASELINE } from '../policy/scopes.ts';
import { cookieName } from './cookies.ts';
import { serverMetadata } from './dpop/challenge.ts';
import type { ProviderEnv } from './store/provider-env.ts';
import { TokenCache } from './token-cache.ts';

/** What a grant keeps, encrypted with a key that only its codes and tokens open. */
export interface GrantProps {
  readonly user: User;
  readonly clientName: string;
  /** The person's own token for GitHub: leaves the store only towards GitHub. */
  readonly upstreamToken: string;
  /** Whose token it is: the REST API it may be sent to, and no other, wherever the settings point by now. */
  readonly upstreamApi?: string;
  /** When it expires, in milliseconds since the epoch; absent for one that does not. */
  readonly upstreamExpiresAt?: number;
  /** What the next one is got with. */
  readonly upstreamRefreshToken?: string;
  /** What the person limited the grant to; null where they did not. */
  readonly repositories: readonly string[] | null;
  /** Key that the access token is bound to (RFC 7800 `cnf`, RFC 9449 section 6). */
  readonly cnf?: { readonly jkt: string };
  /** Key that the refresh tokens are bound to: those of public clients only (section 5). */
  readonly grantJkt?: string;
  /** `dpop_jkt` of the authorization request: the key that may redeem its code (section 10). */
  readonly codeJkt?: string;
  /** Whether the client has no credentials of its own. */
  readonly publicClient?: boolean;
  /** `dpop_bound_access_tokens` of the client's registration: it is given bound tokens only (section 5.2). */
  readonly alwaysBound?: boolean;
}

/** What a grant keeps in the clear, to name it in lists and rows. */
export interface GrantMetadata {
  readonly login: string;
  readonly clientName: string;
  /** Where the code went, for a person to read. */
  readonly redirectHost?: string;
  /** Domain of a client with a metadata document (CIMD); absent for one that registered itself. */
  readonly clientDomain?: string;
  /** What the grant is limited to, such as `acme/*`; absent for everything the person can reach. */
  readonly repositories?: readonly string[];
}

/** Seconds. */
export const ACCESS_TOKEN_TTL = 15 * 60;
const REFRESH_TOKEN_IDLE_TTL = 30 * 24 * 60 * 60;

export interface AuthorizationServerHooks {
  /** Called before a token is issued. What it throws refuses the token; what it returns goes into grant and token. */
  readonly onToken?: (options: TokenExchangeCallbackOptions<ProviderEnv>) => Promise<TokenExchangeCallbackResult>;
  /** The provider's own reason behind an error answer; never for the wire. */
  readonly onRefusal?: (reason: string) => void;
}

export type AuthorizationServer = OAuthAuthorizationServer<ProviderEnv>;

/** The authorization server of a deployment. Cheap to make: hooks may belong to one request. */
export function authorizationServer(config: Config, hooks: AuthorizationServerHooks = {}): AuthorizationServer {
  return new OAuthAuthorizationServer<ProviderEnv>({
    issuer: config.issuer,
    resources: [resourceOf(config)],
    defaultResource: resourceOf(config),
    authorizeEndpoint: `${config.base}/authorize`,
    tokenEndpoint: `${config.base}/token`,
    clientRegistrationEndpoint: `${config.base}/register`,
    cookiePrefix: `${cookieName('__Host-oauth', config.tenant)}-`,
    accessTokenTTL: ACCESS_TOKEN_TTL,
    refreshTokenTTL: REFRESH_TOKEN_IDLE_TTL,
    refreshTokenIdleTTL: REFRESH_TOKEN_IDLE_TTL,
    clientIdMetadataDocumentEnabled: true,
    scopesSupported: scopesOffered(config).map(({ name }) => name),
    tokenExchangeCallback: async (options) => await hooks.onToken?.(options),
    onError: ({ internal }) => hooks.onRefusal?.(internal.reason),
  });
}

/** The RFC 8414 document, with what it says of DPoP (RFC 9449 section 5.1). */
export async function serverDocument(
  server: AuthorizationServer,
  request: Request,
  provider: ProviderEnv,
  ctx: ExecutionContext,
): Promise<Response> {
  // HEAD has the headers of GET (RFC 9110 section 9.3.2), which the document makes; the runtime leaves its body out.
  const asked = request.method === 'HEAD' ? new Request(request, { method: 'GET' }) : request;
  const response = await server.fetch(asked, provider, ctx);
  if (!response.ok) return response;
  return await withMembers(response, serverMetadata());
}

/** RFC 8414 section 3.1: the well-known path goes between host and path of the issuer. */
export function serverMetadataUrl({ publicUrl, base }: Config): string {
  return `${publicUrl}/.well-known/oauth-authorization-server${base}`;
}

/** The protected resource identifier (RFC 8707, RFC 9728). */
export function resourceOf(config: Config): string {
  return `${config.issuer}/mcp`;
}

/** What goes through the provider with a request, to whoever serves it. */
export interface Passing {
  readonly provider: ProviderEnv;
}

/** What the resource server verified about the token of a request. */
export interface VerifiedToken {
  readonly props: GrantProps;
  readonly auth: { token: string; scope: string[]; userId?: string; clientId?: string; expiresAt?: number };
}

export interface ResourceServer<Passed> {
  /** In: a request with its token under the Bearer scheme, or without one. */
  fetch(request: Request, passing: Passed, ctx: ExecutionContext): Promise<Response>;
  /**
   * Serves a request whose token the provider let pass within the last 30 s, and that has not expired since: it would do
   * so again, for ten times the cost. In: the token, under either scheme. Out: undefined where the provider has to look.
   */
  serveKnown(
    request: Request,
    token: string | undefined,
    passing: Passed,
    ctx: ExecutionContext,
  ): Promise<Response> | undefined;
}

/**
 * The protected resource. `serve` is called only with a valid token of this gate; everything else is answered here:
 * metadata, challenges, tokens for somebody else.
 */
export function resourceServer<Passed extends Passing>(
  config: Config,
  serve: (request: Request, passing: Passed, verified: VerifiedToken, ctx: ExecutionContext) => Promise<Response>,
): ResourceServer<Passed> {
  const issuer = authorizationServer(config);
  const resource = resourceOf(config);
  const validations = new TokenCache<ValidatedAccessToken<GrantProps>>(Date.now);
  /** What the provider made of a validated token, by its props. */
  const known = new WeakMap<GrantProps, VerifiedToken>();
  const provider = new OAuthResourceServer<Passed, GrantProps>({
    resourceMetadata: {
      resource,
      authorization_servers: [config.issuer],
      resource_name: 'Gatehouse',
    },
    requiredScopes: [...BASELINE],
    validateToken: (passing) => (resource, token) =>
      validations.get(token, async () => {
        // A made-up token ends here: no store is asked for it.
        const sealed = token.split(':')[0] ?? '';
        if (openUserId(sealed, config.tenant, config.secretKeys) === undefined) return null;
        return await issuer.validateToken<GrantProps>(resource, token, passing.provider);
      }),
    handler: {
      fetch(request, passing, ctx) {
        const { props, auth } = ctx as ExecutionContext & VerifiedToken;
        const verified = { props, auth };
        known.set(props, verified);
        return serve(request, passing, verified, ctx);
      },
    },
  });
  return {
    fetch: (request, passing, ctx) => provider.fetch(request, passing, ctx),
    serveKnown(request, token, passing, ctx) {
      const props = token === undefined ? undefined : validations.peek(token)?.props;
      const verified = props && known.get(props);
      if (verified?.auth.expiresAt === undefined || verified.auth.expiresAt <= Date.now() / 1000) return undefined;
      // A page of another origin is told what it may read, and asks beforehand whether it may.
      const { url, method, headers } = request;
      if (url !== resource || method === 'OPTIONS' || headers.has('origin')) return undefined;
      return serve(request, passing, verified, ctx);
    },
  };
}
