/** The path of a request, from top to bottom. */
import { Hono } from 'hono/tiny';
import { showConfirmation, takeConfirmation } from './auth/account/confirm.ts';
import { accountContext } from './auth/account/context.ts';
import { revoke, showAccount } from './auth/account/page.ts';
import { finishPageSignIn, isPageCallback, signOut, startPageSignIn } from './auth/account/sign-in.ts';
import { principalOf } from './auth/authenticate.ts';
import { showConsent, takeConsent } from './auth/authorize.ts';
import { finishSignIn } from './auth/callback.ts';
import { insufficientScope, invalidToken, replayedProof } from './auth/challenge.ts';
import { authContext } from './auth/context.ts';
import { answerToken } from './auth/endpoint.ts';
import { protectedResource } from './auth/resource.ts';
import { authorizationServer, serverDocument } from './auth/server.ts';
import { providerEnv } from './auth/store/provider-env.ts';
import type { Config, ConfigProblem } from './config.ts';
import { configOf } from './config.ts';
import { systemRandomness } from './core/ids.ts';
import type { RequestLog } from './core/log.ts';
import { logError } from './core/log.ts';
import type { EdgeVariables } from './edge/index.ts';
import { edge, speaksJsonRpc } from './edge/index.ts';
import type { LaneScope } from './mcp/lanes.ts';
import { serveMcp } from './mcp/lanes.ts';
import { health } from './ops/health.ts';
import { accountPages, authPages, htmlResponse, landingPage, misplacedMcp, setupResponse } from './pages/index.ts';

interface AppEnv {
  Bindings: Env;
  Variables: EdgeVariables;
}

/** What the protected resource needs to know of a request besides its token. */
interface Facts {
  readonly log: RequestLog;
}

function createApp(config: Config): Hono<AppEnv> {
  const app = edged(config);
  const issuer = authorizationServer(config);
  const resource = protectedResource<Facts>(config, async (request, { env, facts }, ctx) => {
    const principal = principalOf(config.tenant, ctx);
    const { facts: log, requestId } = facts.log;
    log.user_id = principal.user.id;
    log.client_id = principal.client.id;
    const { proof, scheme } = ctx;
    const lane: LaneScope = {
      env,
      config,
      principal,
      upstreamToken: ctx.props.upstreamToken,
      requestId,
      clock: Date.now,
      proof,
      challenge: (scopes) => insufficientScope(config, scopes, scheme),
      refuse: (reason) => (reason === 'revoked' ? invalidToken(config, scheme) : replayedProof(config)),
      log,
    };
    return await serveMcp(request, lane, ctx);
  });

  const account = (env: Env, requestId: string) =>
    accountContext(authContext(env, config, authPages, requestId), env, accountPages);

  app.get('/', () => htmlResponse(landingPage(config)));
  app.post('/', () => misplacedMcp(config));
  app.get('/healthz', health);

  app.get('/authorize', (c) =>
    showConsent(canonical(c.req.raw, config), authContext(c.env, config, authPages, c.var.requestId)),
  );
  app.post('/authorize', async (c) => {
    // What is no form is one without its fields, which the page refuses.
    const form = await c.req.raw
      .clone()
      .formData()
      .catch(() => new FormData());
    return await takeConsent(
      canonical(c.req.raw, config),
      form,
      authContext(c.env, config, authPages, c.var.requestId),
    );
  });
  app.get('/callback', async (c) => {
    const request = canonical(c.req.raw, config);
    return isPageCallback(request)
      ? await finishPageSignIn(request, account(c.env, c.var.requestId))
      : await finishSignIn(request, authContext(c.env, config, authPages, c.var.requestId));
  });
  app.get('/account', (c) => showAccount(c.req.raw, account(c.env, c.var.requestId)));
  app.get('/account/sign-in', (c) => startPageSignIn(account(c.env, c.var.requestId)));
  app.post('/account/revoke', (c) => revoke(c.req.raw, account(c.env, c.var.requestId)));
  app.post('/account/sign-out', (c) => signOut(c.req.raw, account(c.env, c.var.requestId)));
  app.get('/confirm/:id', (c) => showConfirmation(c.req.raw, c.req.param('id'), account(c.env, c.var.requestId)));
  app.post('/confirm/:id', (c) => takeConfirmation(c.req.raw, c.req.param('id'), account(c.env, c.var.requestId)));
  app.post('/token', async (c) => {
    const request = canonical(c.req.raw, config);
    return await answerToken(request, c.req.raw.url, c.env, config, c.var.requestId, c.executionCtx);
  });
  app.on(['POST', 'OPTIONS'], ['/register', '/token'], (c) =>
    issuer.fetch(canonical(c.req.raw, config), providerEnv(c.env, config), c.executionCtx as ExecutionContext),
  );
  app.get('/.well-known/oauth-authorization-server', (c) =>
    serverDocument(
      issuer,
      canonical(c.req.raw, config),
      providerEnv(c.env, config),
      c.executionCtx as ExecutionContext,
    ),
  );

  const protectedPaths = ['/mcp', '/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/*'];
  app.on(['GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'OPTIONS', 'HEAD'], protectedPaths, async (c) => {
    const scope = { env: c.env, provider: providerEnv(c.env, config), facts: { log: c.var.log } };
    const request = canonical(c.req.raw, config);
    const asked = { request, arrivedAt: c.req.raw.url, scope, requestId: c.var.requestId };
    return await resource(asked, c.executionCtx as ExecutionContext);
  });
  return app;
}

/** A gate that lacks its settings answers everything with the list of what is missing. */
function createSetupApp(problems: readonly ConfigProblem[]): Hono<AppEnv> {
  const app = edged(undefined);
  app.all('*', (c) => setupResponse(c.req.raw, problems));
  return app;
}

/** An app behind the edge, with the answers for what nothing else answers. */
function edged(config: Config | undefined): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(...edge({ reach: config, now: Date.now, randomness: systemRandomness, write: console.log }));
  app.notFound((c) => {
    const message = `There is nothing at ${c.req.method} ${c.req.path}.`;
    if (!(c.req.header('accept') ?? '').includes('text/html')) {
      return c.json(
        { error: 'not_found', error_description: `${message} The MCP endpoint is ${config?.publicUrl ?? ''}/mcp.` },
        404,
      );
    }
    return authPages.message({ status: 404, title: 'Not found', lines: [message], requestId: c.var.requestId });
  });
  app.onError((error, c) => {
    logError(c.var.log, error);
    const { requestId } = c.var;
    const description = `The server failed. Give the administrator this request id: ${requestId}.`;
    if (speaksJsonRpc({ method: c.req.method, path: c.req.path })) {
      const data = { code: 'internal', message: description, request_id: requestId };
      return c.json({ jsonrpc: '2.0', id: null, error: { code: -32603, message: description, data } }, 500);
    }
    if (!(c.req.header('accept') ?? '').includes('text/html')) {
      return c.json({ error: 'server_error', error_description: description }, 500);
    }
    const lines = ['This is not your doing. Try again; if it lasts, tell the administrator the request id below.'];
    return authPages.message({ status: 500, title: 'The server failed', lines, requestId });
  });
  return app;
}

/**
 * The request as if it had come to the canonical origin. The edge has checked that its host is one of ours; behind a
 * tunnel, scheme and host differ from the issuer's, which the OAuth roles compare.
 */
function canonical(request: Request, config: Config): Request {
  const url = new URL(request.url);
  if (url.origin === config.publicUrl) return request;
  return new Request(`${config.publicUrl}${url.pathname}${url.search}`, request);
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
