/**
 * What a proof, a token and a tenant's policy come to: pass, or the refusal. Pure. Downgrade is refused in both
 * directions: a bound token as Bearer (RFC 9449 section 7.2), and an unbound one under the DPoP scheme (section 7.1).
 */
import type { Result } from '../../core/result.ts';
import { err, ok } from '../../core/result.ts';
import type { Scheme } from './credentials.ts';
import { isThumbprint } from './keys.ts';
import type { Proof, ProofProblem } from './proof.ts';
import type { Refusal } from './refusal.ts';
import { refusalFor } from './refusal.ts';

/** A tenant's say: bound tokens are taken, are needed for what writes, or are needed for everything. */
export type DpopPolicy = 'accepted' | 'required_for_writes' | 'required';

/** The outcome of `checkProof`, or undefined where the request has no DPoP header. */
export type PresentedProof = Result<Proof, ProofProblem> | undefined;

/** Whether a tenant takes a request only with a bound token. The lane asks again with `write` once it knows. */
export function needsBinding(policy: DpopPolicy, write: boolean): boolean {
  return policy === 'required' || (policy === 'required_for_writes' && write);
}

export interface ResourceRequest {
  readonly scheme: Scheme;
  /** `cnf.jkt` of the access token, which is valid otherwise. */
  readonly tokenJkt: string | undefined;
  readonly proof: PresentedProof;
  readonly policy: DpopPolicy;
  readonly write: boolean;
}

/**
 * At the protected resource. Out: the proof to remember (replay.ts), or undefined for a bearer token that may pass. A
 * proof beside a bearer token proves nothing and changes nothing.
 */
export function decideResource(request: ResourceRequest): Result<Proof | undefined, Refusal> {
  const { scheme, tokenJkt, proof, policy, write } = request;
  if (scheme === 'Bearer') {
    if (tokenJkt !== undefined) return refuse('bound_as_bearer');
    return needsBinding(policy, write) ? refuse('binding_required') : ok(undefined);
  }
  if (tokenJkt === undefined) return refuse('unbound_as_dpop');
  if (proof === undefined) return refuse('proof_missing');
  if (!proof.ok) return refuse(proof.error);
  return proof.value.jkt === tokenJkt ? ok(proof.value) : refuse('other_key');
}

export interface TokenRequest {
  readonly proof: PresentedProof;
  /** Whether the client has no credentials of its own (RFC 6749 section 2.1). */
  readonly publicClient: boolean;
  /** `dpop_bound_access_tokens` of its registration (section 5.2). */
  readonly alwaysBound: boolean;
  /** `dpop_jkt` of the authorization request, when its code is redeemed (section 10). */
  readonly codeJkt: string | undefined;
  /** The key the presented refresh token is bound to. */
  readonly grantJkt: string | undefined;
  readonly policy: DpopPolicy;
}

/** What a token response is bound to. */
export interface Binding {
  /** The proof to remember (replay.ts), where one came. */
  readonly proof: Proof | undefined;
  readonly tokenType: Scheme;
  /** Key of the access token: its `cnf.jkt`. */
  readonly tokenJkt: string | undefined;
  /** Key of the grant, and so of its refresh tokens from now on. */
  readonly grantJkt: string | undefined;
}

/**
 * At the token endpoint (section 5). A public client's refresh tokens are bound to the key of its proof, a confidential
 * client's are not: they are bound to its credentials. A refused request must leave code and grant as they were, or a
 * thief without the key could end them.
 */
export function decideToken(request: TokenRequest): Result<Binding, Refusal> {
  const { proof, publicClient, alwaysBound, codeJkt, grantJkt, policy } = request;
  if (proof === undefined) {
    const bound = codeJkt !== undefined || grantJkt !== undefined;
    if (bound || alwaysBound || needsBinding(policy, false)) return refuse('proof_missing');
    return ok({ proof: undefined, tokenType: 'Bearer', tokenJkt: undefined, grantJkt: undefined });
  }
  if (!proof.ok) return refuse(proof.error);
  const { jkt } = proof.value;
  if (codeJkt !== undefined && codeJkt !== jkt) return refuse('code_of_other_key');
  if (grantJkt !== undefined && grantJkt !== jkt) return refuse('grant_of_other_key');
  return ok({ proof: proof.value, tokenType: 'DPoP', tokenJkt: jkt, grantJkt: publicClient ? jkt : undefined });
}

/**
 * In: the parameters of an authorization request. Out: its `dpop_jkt` (section 10), undefined where it has none, or an
 * error for `invalid_request`: what is no thumbprint can never be matched, and two leave open which one counts
 * (RFC 6749 section 3.1; an empty value counts as none).
 */
export function dpopJktOf(parameters: URLSearchParams): Result<string | undefined, string> {
  const values = parameters.getAll('dpop_jkt');
  if (values.length > 1) return err('dpop_jkt is given more than once');
  const [value = ''] = values;
  if (value === '') return ok(undefined);
  return isThumbprint(value) ? ok(value) : err('dpop_jkt is not a SHA-256 JWK thumbprint');
}

function refuse(reason: Refusal['reason']): { readonly ok: false; readonly error: Refusal } {
  return err(refusalFor(reason));
}
