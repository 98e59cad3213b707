/**
 * The protected resource with DPoP in front of it (RFC 9449 section 7): the provider knows Bearer only, so the scheme is
 * rewritten before it and the proof checked behind it, once the token has said which key it is bound to.
 */
import type { Config } from '../config.ts';
import { ownResponse, withMembers } from '../core/own-response.ts';
import { pathOf } from '../core/url.ts';
import { explained, metadataUrl } from './challenge.ts';
import { decideResource } from './dpop/binding.ts';
import { exposeToBrowsers, resourceMetadata, resourceRefusal, withNonce } from './dpop/challenge.ts';
import type { Scheme } from './dpop/credentials.ts';
import { parseAuthorization } from './dpop/credentials.ts';
import { refusalFor } from './dpop/refusal.ts';
import { replayKey } from './dpop/replay.ts';
import { proofsOf } from './proofs.ts';
import type { VerifiedToken } from './server.ts';
import { resourceServer } from './server.ts';
import type { ProviderEnv } from './store/provider-env.ts';

/** A proof that was accepted: its use has still to be remembered, and a second one refused, by the person's Gate. */
export interface ProofUse {
  readonly key: string;
  /** The request that brought it: asking twice for one request is one use. */
  readonly attempt: string;
}

export interface ResourceRequest<Facts> {
  /** With the URL made canonical. */
  readonly request: Request;
  /** URL it arrived at: behind a tunnel another one, and what the client signed. */
  readonly arrivedAt: string;
  readonly requestId: string;
  readonly provider: ProviderEnv;
  /** For `serve`. */
  readonly facts: Facts;
}

/** What goes through the provider with a request. */
interface Presented<Facts> extends ResourceRequest<Facts> {
  readonly scheme: Scheme;
}

/** What is known of a request with a valid token. */
export interface Authenticated<Facts> extends VerifiedToken {
  readonly facts: Facts;
  readonly scheme: Scheme;
  /** Where the token is bound to a key. */
  readonly proof: ProofUse | undefined;
}

export type Serve<Facts> = (
  request: Request,
  authenticated: Authenticated<Facts>,
  ctx: ExecutionContext,
) => Promise<Response>;

/** Answers everything at `/mcp` and its metadata; `serve` is called with a valid token, and its proof if it is bound. */
export function protectedResource<Facts>(
  config: Config,
  serve: Serve<Facts>,
): (asked: ResourceRequest<Facts>, ctx: ExecutionContext) => Promise<Response> {
  const proofs = proofsOf(config);
  const inner = resourceServer<Presented<Facts>>(config, async (request, presented, { props, auth }, ctx) => {
    const { scheme, arrivedAt, requestId, facts } = presented;
    const now = Date.now();
    const proof =
      scheme === 'DPoP'
        ? await proofs.check(
            request.headers.get('dpop'),
            { method: request.method, arrivedAt, accessToken: auth.token },
            now,
          )
        : undefined;
    const decided = decideResource({ scheme, tokenJkt: props.cnf?.jkt, proof, policy: config.dpop, write: false });
    if (!decided.ok) {
      const nonce = scheme === 'DPoP' ? proofs.fresh(now) : undefined;
      return resourceRefusal(decided.error, { metadataUrl: metadataUrl(config), tried: scheme }, nonce);
    }
    const passed = decided.value;
    const use = passed === undefined ? undefined : { key: replayKey(passed), attempt: requestId };
    const response = await serve(request, { props, auth, facts, scheme, proof: use }, ctx);
    return passed === undefined ? response : withNonce(response, proofs.next(passed, now));
  });

  return async (asked, ctx) => {
    const { request } = asked;
    const credentials = parseAuthorization(request.headers.get('authorization'));
    if (!credentials.ok && request.method !== 'OPTIONS') {
      const { reason, tried } = credentials.error;
      return resourceRefusal(refusalFor(reason), { metadataUrl: metadataUrl(config), tried }, undefined);
    }
    const { scheme = 'Bearer', token } = (credentials.ok && credentials.value) || {};
    const presented = { ...asked, scheme };
    const known = inner.serveKnown(request, token, presented, ctx);
    const response = await (known ?? inner.fetch(asBearer(request, scheme), presented, ctx));
    const answer = await withMetadata(explained(response, config, scheme), request, config);
    exposeToBrowsers(answer.headers);
    return answer;
  };
}

/** The request as the provider reads it: without its body, which goes past it (`LaneScope`). */
function asBearer(request: Request, scheme: Scheme): Request {
  if (scheme === 'Bearer') return request;
  const { url, method, redirect, signal } = request;
  const headers = new Headers(request.headers);
  headers.set('authorization', (request.headers.get('authorization') ?? '').replace(/^dpop/i, 'Bearer'));
  return new Request(url, { method, headers, redirect, signal });
}

/** The RFC 9728 document, with what it says of DPoP. */
async function withMetadata(response: Response, request: Request, config: Config): Promise<Response> {
  if (request.method !== 'GET' || !response.ok || !pathOf(request.url).startsWith('/.well-known/')) {
    return ownResponse(response);
  }
  return await withMembers(response, resourceMetadata(config.dpop));
}
