/** Every reason a request is refused for its proof or its lack of one, and what that is on the wire. Pure. */
import { SIGNING_ALGS } from './keys.ts';
import type { ProofProblem } from './proof.ts';

/** RFC 9449 sections 5 and 7.1; `invalid_token` and `invalid_request` are those of RFC 6750 section 3.1. */
export type DpopError = 'invalid_dpop_proof' | 'use_dpop_nonce' | 'invalid_token' | 'invalid_request';

export type RefusalReason =
  | ProofProblem
  | 'proof_missing'
  | 'replayed'
  | 'other_key'
  | 'bound_as_bearer'
  | 'unbound_as_dpop'
  | 'binding_required'
  | 'code_of_other_key'
  | 'grant_of_other_key'
  | 'several_methods'
  | 'malformed_credentials';

export interface Refusal {
  readonly reason: RefusalReason;
  readonly error: DpopError;
  /** One sentence for the developer of the client. */
  readonly description: string;
}

const PROOF = 'invalid_dpop_proof';
const NONCE = 'use_dpop_nonce';
const TOKEN = 'invalid_token';
const REQUEST = 'invalid_request';

/** Characters of an error_description (RFC 6750 section 3): no quotation mark, no backslash. */
const REFUSALS: Readonly<Record<RefusalReason, readonly [DpopError, string]>> = {
  several_headers: [PROOF, 'There is more than one DPoP header.'],
  too_long: [PROOF, 'The DPoP proof is too long.'],
  malformed: [PROOF, 'The DPoP header is not one well-formed JWT.'],
  critical_extension: [PROOF, 'The DPoP proof has a crit header; no extension is understood.'],
  missing_claim: [PROOF, 'The DPoP proof needs the claims jti (1 to 256 characters), htm, htu and iat.'],
  wrong_type: [PROOF, 'The typ of the DPoP proof is not dpop+jwt.'],
  unsupported_algorithm: [PROOF, `The alg of the DPoP proof is not one of ${SIGNING_ALGS.join(', ')}.`],
  private_key: [PROOF, 'The jwk of the DPoP proof has private members; consider that key exposed.'],
  invalid_key: [PROOF, 'The jwk of the DPoP proof is not a public key for its alg.'],
  bad_signature: [PROOF, 'The signature of the DPoP proof does not verify.'],
  other_method: [PROOF, 'The htm of the DPoP proof is not the method of this request.'],
  other_uri: [PROOF, 'The htu of the DPoP proof is not the URI of this request.'],
  nonce_missing: [NONCE, 'The DPoP proof needs the nonce of the DPoP-Nonce header.'],
  nonce_unknown: [NONCE, 'The nonce of the DPoP proof is not a recent one; use that of the DPoP-Nonce header.'],
  expired: [PROOF, 'The DPoP proof is too old.'],
  from_the_future: [PROOF, 'The iat of the DPoP proof is in the future; check the clock of the client.'],
  other_token: [PROOF, 'The ath of the DPoP proof is not the hash of the access token.'],
  proof_missing: [PROOF, 'A DPoP proof is needed in the DPoP header.'],
  replayed: [PROOF, 'The DPoP proof was used before; make one for each request.'],
  other_key: [TOKEN, 'The access token is bound to another key than that of the DPoP proof.'],
  bound_as_bearer: [TOKEN, 'The access token is bound to a key; send it under the DPoP scheme with a proof.'],
  unbound_as_dpop: [TOKEN, 'The access token is not bound to a key; send it under the Bearer scheme.'],
  binding_required: [TOKEN, 'This needs an access token that is bound to a key by DPoP.'],
  code_of_other_key: [PROOF, 'The authorization request named another key in dpop_jkt.'],
  grant_of_other_key: [PROOF, 'The refresh token is bound to another key than that of the DPoP proof.'],
  several_methods: [REQUEST, 'The access token was sent more than once.'],
  malformed_credentials: [TOKEN, 'The Authorization header is not one scheme and one token.'],
};

/** The reason as it goes on the wire. */
export function refusalFor(reason: RefusalReason): Refusal {
  const [error, description] = REFUSALS[reason];
  return { reason, error, description };
}
