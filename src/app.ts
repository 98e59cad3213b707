/** The path of a request, from top to bottom. */
import type { Context } from 'hono';
import { Hono } from 'hono/tiny';
import { limitAttempts } from './app/attempts.ts';
import { rememberLast } from './app/routes.ts';
import { say, wantsPage } from './app/say.ts';
import type { TenantVariables } from './app/tenants.ts';
import { ofTenant, pathInTenant } from './app/tenants.ts';
import { showConfirmation, takeConfirmation } from './auth/account/confirm.ts';
import type { AccountContext } from './auth/account/context.ts';
import { accountContext } from './auth/account/context.ts';
import { revoke, showAccount } from './auth/account/page.ts';
import { finishPageSignIn, isPageCallback, signOut, startPageSignIn } from './auth/account/sign-in.ts';
import { principalOf } from './auth/authenticate.ts';
import { showConsent, takeConsent } from './auth/authorize.ts';
import { finishSignIn } from './auth/callback.ts';
import { insufficientScope, invalidToken, metadataUrl, replayedProof } from './auth/challenge.ts';
import type { AuthContext } from './auth/context.ts';
import { authContext } from './auth/context.ts';
import { answerToken } from './auth/endpoint.ts';
import { register } from './auth/register.ts';
import { protectedResource } from './auth/resource.ts';
import type { GrantProps } from './auth/server.ts';
import { authorizationServer, serverDocument, serverMetadataUrl } from './auth/server.ts';
import { providerEnv } from './auth/store/provider-env.ts';
import { isOfThisGitHub } from './auth/upstream.ts';
import type { Config, ConfigProblem } from './config.ts';
import { configOf } from './config.ts';
import { systemRandomness } from './core/ids.ts';
import type { RequestLog } from './core/log.ts';
import { logError } from './core/log.ts';
import type { Principal } from './core/principal.ts';
import { safeAnswer } from './core/safe-answer.ts';
import { plainText } from './core/text.ts';
import { partsOf } from './core/url.ts';
import type { EdgeVariables } from './edge/index.ts';
import { edge } from './edge/index.ts';
import type { LaneScope } from './mcp/lanes.ts';
import { serveMcp } from './mcp/lanes.ts';
import { auditRoutes } from './ops/audit.ts';
import { countFailures } from './ops/failures.ts';
import { health } from './ops/health.ts';
import { metrics } from './ops/metrics.ts';
import { serveConsole } from './pages/console/serve.ts';
import { accountPages, authPages, htmlResponse, landingPage, misplacedMcp, setupResponse } from './pages/index.ts';
import { allConfigs, configFor } from './tenants/lookup.ts';
import { sealingKey } from './tenants/secrets.ts';

interface AppEnv {
  Bindings: Env;
  Variables: EdgeVariables & TenantVariables;
}

/** What the protected resource needs to know of a request besides its token. */
interface Facts {
  readonly env: Env;
  readonly log: RequestLog;
  readonly body: Uint8Array | undefined;
}

/** In: the settings of the deployment. Every route but those of the deployment is that of a tenant: `c.var.config`. */
function createApp(deployment: Config): Hono<AppEnv> {
  const app = edged(deployment);
  app.use(countFailures<AppEnv>(({ config }) => config?.tenant));
  app.get('/healthz', health);
  app.get('/metrics', (c) =>
    metrics(c.req.raw, deployment.metricsToken, c.env, async () =>
      (await allConfigs(c.env)).map(({ tenant }) => tenant),
    ),
  );
  app.all('/audit/*', (c) => auditRoutes(c.req.raw, c.env, deployment));
  app.get('/sealing-key', async (c) => c.json(await sealingKey(deployment.secretKeys)));

  app.use(ofTenant());
  app.get('/', (c) => htmlResponse(landingPage(c.var.config)));
  app.post('/', (c) => misplacedMcp(c.var.config));

  app.get('/authorize', limitAttempts('sign_in'), (c) => showConsent(canonical(c), contextOf(c)));
  app.post('/authorize', async (c) => {
    // What is no form is one without its fields, which the page refuses.
    const form = await c.req.raw
      .clone()
      .formData()
      .catch(() => new FormData());
    return await takeConsent(canonical(c), form, contextOf(c));
  });
  app.get('/callback', async (c) => {
    const request = canonical(c);
    return isPageCallback(request)
      ? await finishPageSignIn(request, accountOf(c))
      : await finishSignIn(request, contextOf(c));
  });
  app.get('/account', (c) => showAccount(c.req.raw, accountOf(c)));
  app.get('/account/sign-in', limitAttempts('sign_in'), (c) => startPageSignIn(accountOf(c)));
  app.post('/account/revoke', (c) => revoke(c.req.raw, accountOf(c)));
  app.post('/account/sign-out', (c) => signOut(c.req.raw, accountOf(c)));
  app.get('/console/*', (c) =>
    serveConsole(c.req.raw, c.req.path.slice('/console'.length), {
      context: accountOf(c),
      db: c.env.AUDIT_DB,
      chainProof: async (chain) => await c.env.WRITER.getByName(chain).proof(chain),
    }),
  );
  app.get('/confirm/:id', (c) => showConfirmation(c.req.raw, c.req.param('id'), accountOf(c)));
  app.post('/confirm/:id', (c) => takeConfirmation(c.req.raw, c.req.param('id'), accountOf(c)));
  app.post('/token', async (c) => {
    const { config, requestId } = c.var;
    return await safeAnswer(await answerToken(canonical(c), c.req.raw.url, c.env, config, requestId, c.executionCtx));
  });
  app.post('/register', limitAttempts('register'), async (c) => {
    const { config } = c.var;
    const provider = providerEnv(c.env, config);
    const { issuer } = rolesOf(config);
    return await safeAnswer(await register(canonical(c), issuer, provider, c.executionCtx as ExecutionContext));
  });
  app.on('OPTIONS', ['/register', '/token'], (c) =>
    rolesOf(c.var.config).issuer.fetch(
      canonical(c),
      providerEnv(c.env, c.var.config),
      c.executionCtx as ExecutionContext,
    ),
  );
  app.get('/.well-known/oauth-authorization-server', (c) => {
    const { config } = c.var;
    const { issuer } = rolesOf(config);
    const url = serverMetadataUrl(config);
    return serverDocument(issuer, moved(c, url), providerEnv(c.env, config), c.executionCtx as ExecutionContext);
  });

  const methods = ['GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'OPTIONS', 'HEAD'];
  // A person who opens the address that clients are given has no use for a challenge.
  const lost = (c: AppContext) => c.req.method === 'GET' && wantsPage(c) && c.req.header('authorization') === undefined;
  app.on(methods, '/mcp', async (c) =>
    lost(c) ? c.redirect(`${c.var.config.issuer}/`) : await protect(c, canonical(c)),
  );
  // RFC 9728 section 3.1 has one place for the document; some clients look where the path is left out.
  app.on(methods, ['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp'], (c) =>
    protect(c, moved(c, metadataUrl(c.var.config))),
  );
  return app;
}

type AppContext = Context<AppEnv>;

/** A request to the protected resource, or for the document about it. */
function protect(c: AppContext, request: Request): Promise<Response> {
  const config = c.get('config');
  const asked = {
    request,
    arrivedAt: c.req.raw.url,
    requestId: c.get('requestId'),
    provider: providerEnv(c.env, config),
    facts: { env: c.env, log: c.get('log'), body: c.get('body') },
  };
  return rolesOf(config).resource(asked, c.executionCtx as ExecutionContext);
}

function makeRoles(config: Config) {
  const principals = new WeakMap<GrantProps, Principal>();
  const resource = protectedResource<Facts>(config, async (request, authenticated, ctx) => {
    const { props, scheme, proof } = authenticated;
    if (!isOfThisGitHub(props, config)) return invalidToken(config, scheme);
    const principal = principals.get(props) ?? principalOf(config, authenticated);
    principals.set(props, principal);
    const { env, body } = authenticated.facts;
    const { facts: log, requestId } = authenticated.facts.log;
    log.user_id = principal.user.id;
    log.client_id = principal.client.id;
    const lane: LaneScope = {
      env,
      config,
      principal,
      upstreamToken: props.upstreamToken,
      requestId,
      body,
      clock: Date.now,
      proof,
      isServed: async () => (await configFor(env, config.tenant)).ok,
      challenge: (scopes) => insufficientScope(config, scopes, scheme),
      refuse: (reason) => (reason === 'revoked' ? invalidToken(config, scheme) : replayedProof(config)),
      log,
    };
    return await serveMcp(request, lane, ctx);
  });
  return { issuer: authorizationServer(config), resource };
}

const roles = new WeakMap<Config, ReturnType<typeof makeRoles>>();

/** The two OAuth roles of a tenant, made once while its settings are the same. */
function rolesOf(config: Config): ReturnType<typeof makeRoles> {
  const known = roles.get(config);
  if (known !== undefined) return known;
  const made = makeRoles(config);
  roles.set(config, made);
  return made;
}

function contextOf(c: AppContext): AuthContext {
  return authContext(c.env, c.var.config, authPages, c.var.requestId);
}

function accountOf(c: AppContext): AccountContext {
  return accountContext(contextOf(c), c.env, accountPages);
}

/** A gate that lacks its settings answers everything with the list of what is missing. */
function createSetupApp(problems: readonly ConfigProblem[]): Hono<AppEnv> {
  const app = edged(undefined);
  app.all('*', (c) => setupResponse(c.req.raw, problems));
  return app;
}

/** An app behind the edge, with the answers for what nothing else answers. */
function edged(config: Config | undefined): Hono<AppEnv> {
  const app = new Hono<AppEnv>({ getPath: pathInTenant });
  rememberLast(app.router);
  app.use(...edge({ reach: config, now: Date.now, randomness: systemRandomness, write: console.log }));
  app.notFound((c) => {
    const { pathname } = partsOf(c.req.url);
    const message = `There is nothing at ${c.req.method} ${plainText(pathname, 200)}.`;
    const issuer = (c.var.config ?? config)?.issuer ?? '';
    const where = `The MCP endpoint is ${issuer}/mcp.`;
    const pages = `Your account page is ${issuer}/account, the console for administrators ${issuer}/console.`;
    return say(c, {
      status: 404,
      code: 'not_found',
      title: 'Not found',
      message,
      more: ` ${where}`,
      lines: [message, where, pages],
      link: { href: `${issuer}/`, text: 'How to connect' },
    });
  });
  app.onError((error, c) => {
    logError(c.var.log, error);
    return say(c, {
      status: 500,
      code: 'server_error',
      title: 'The server failed',
      message: `The server failed. Give the administrator this request id: ${c.var.requestId}.`,
      lines: ['This is not your doing. Try again; if it lasts, tell the administrator the request id below.'],
    });
  });
  return app;
}

/**
 * The request as if it had come to the canonical origin. The edge has checked that its host is one of ours; behind a
 * tunnel, scheme and host differ from the issuer's, which the OAuth roles compare.
 */
function canonical(c: AppContext): Request {
  const { pathname, search } = partsOf(c.req.url);
  return moved(c, `${c.get('config').publicUrl}${pathname}${search}`);
}

function moved(c: AppContext, url: string): Request {
  const { raw } = c.req;
  if (raw.url === url) return raw;
  // What was read has been taken out already (edge/body-limit.ts).
  const { method, headers, redirect, signal } = raw;
  return raw.bodyUsed ? new Request(url, { method, headers, redirect, signal }) : new Request(url, raw);
}

const apps = new WeakMap<object, Hono<AppEnv>>();

/** The app of a deployment, made once per isolate. */
export const app = {
  fetch(request: Request, env: Env, ctx: ExecutionContext): Response | Promise<Response> {
    const known = apps.get(env);
    if (known !== undefined) return known.fetch(request, env, ctx);
    const config = configOf(env);
    const made = config.ok ? createApp(config.value) : createSetupApp(config.error);
    apps.set(env, made);
    return made.fetch(request, env, ctx);
  },
};
