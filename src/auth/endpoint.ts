/** POST /token as it arrives at the Worker: on to the Gate of the person it names, or answered here. */
import type { Config } from '../config.ts';
import { isObject } from '../core/json.ts';
import { documentUrlProblem, isDocumentUrl } from './client-document.ts';
import { tokenContext } from './context.ts';
import { exposeToBrowsers, tokenRefusal, withNonce } from './dpop/challenge.ts';
import { refusalFor } from './dpop/refusal.ts';
import { proofsOf } from './proofs.ts';
import type { TokenRequest } from './store/once.ts';
import { answerElsewhere, grantNamedIn } from './token.ts';

/** There is no Gate for a code or token that was made up: it is refused here, and creates nothing. */
export async function answerToken(
  request: Request,
  arrivedAt: string,
  env: Env,
  config: Config,
  requestId: string,
  ctx: object,
): Promise<Response> {
  const body = new TextDecoder().decode(await request.arrayBuffer());
  const [proofs, now] = [proofsOf(config), Date.now()];
  // Revocation needs no proof (RFC 9449 has none for it): who has the token may give it up.
  const header = new URLSearchParams(body).has('grant_type') ? request.headers.get('dpop') : null;
  const proof = await proofs.check(header, { method: 'POST', arrivedAt }, now);
  if (proof?.ok === false) return shared(tokenRefusal(refusalFor(proof.error), proofs.fresh(now)));
  const asked: TokenRequest = {
    tenant: config.tenant,
    url: request.url,
    headers: [...request.headers],
    body,
    requestId,
    proof: proof?.value,
  };
  const grant = grantNamedIn(asked.body, config);
  const refusal = refuseDocument(asked.body, grant !== undefined);
  if (refusal !== undefined) return refusal;
  const answer =
    grant === undefined
      ? await answerElsewhere(asked, tokenContext(env, config, requestId), ctx as ExecutionContext)
      : await env.GATE.getByName(`${config.tenant}:${grant.userId}`).token(asked);
  const headers = answer.headers.map(([name, value]) => [name, value] as [string, string]);
  const response = new Response(answer.body, { status: answer.status, headers });
  if (proof === undefined) return response;
  return shared(withNonce(response, response.ok ? proofs.next(proof.value, now) : proofs.fresh(now)));
}

/** Lets a client in a browser read the nonce. */
function shared(response: Response): Response {
  exposeToBrowsers(response.headers);
  return response;
}

/**
 * The provider fetches the document of a client that is named by a URL before it looks at anything else. At an endpoint
 * that everybody reaches, that would let anyone have any URL fetched: so only for a grant of ours, and within the policy.
 */
function refuseDocument(body: string, hasGrant: boolean): Response | undefined {
  const form = new URLSearchParams(body);
  const clientId = form.get('client_id') ?? issuerOf(form.get('client_assertion'));
  if (!isDocumentUrl(clientId)) return undefined;
  if (!hasGrant) return refused(400, 'invalid_grant', 'This is no code or token of this server.');
  const problem = documentUrlProblem(clientId);
  return problem === undefined ? undefined : refused(401, 'invalid_client', `client_id ${problem}.`);
}

/** The `iss` of a client assertion (RFC 7523 section 3), not verified: the provider does that later. */
function issuerOf(assertion: string | null): string {
  try {
    const payload = Buffer.from(assertion?.split('.')[1] ?? '', 'base64url').toString();
    const claims: unknown = JSON.parse(payload);
    return isObject(claims) && typeof claims.iss === 'string' ? claims.iss : '';
  } catch {
    return '';
  }
}

function refused(status: number, error: string, error_description: string): Response {
  return Response.json({ error, error_description }, { status, headers: { 'cache-control': 'no-store' } });
}
