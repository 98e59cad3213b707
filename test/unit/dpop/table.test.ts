/** Attacks and edge cases of DPoP, each by its section of RFC 9449, each with the answer the RFC gives it. */
import { describe, expect, it } from 'vitest';
import { nonces } from '../../../src/auth/dpop/nonce.ts';
import { tokenHash } from '../../../src/auth/dpop/proof.ts';
import type { RefusalReason } from '../../../src/auth/dpop/refusal.ts';
import type { Ask } from './endpoints.ts';
import { answer, gate, KEY, NONCE, NOW, OLD_KEY, ORIGIN, TOKEN } from './endpoints.ts';
import { b64, signed } from './make-proof.ts';
import {
  bytes,
  claims,
  claimsAt,
  der,
  eddsa,
  eddsaJkt,
  full,
  header,
  hmac,
  htu,
  jwk,
  mcp,
  notUtf8,
  otherTail,
  own,
  ownJkt,
  ps256,
  ps256Jkt,
  raw,
  rs256,
  rs256Jkt,
  short,
  spoiled,
  thief,
  token,
} from './spoil.ts';

type Row = readonly [
  section: string,
  name: string,
  proof: () => Promise<string> | string | null,
  expected: RefusalReason | 'accepted',
  more?: Partial<Ask>,
];

const BEARER = `Bearer ${TOKEN}`;

// biome-ignore format: a table, one case a line
const ROWS: readonly Row[] = [
  ['4.3 (1)', 'two DPoP headers, joined by the runtime', async () => `${await mcp()}, ${await mcp()}`, 'several_headers'],
  ['4.3 (1)', 'the same DPoP header twice', async () => ((p) => `${p},${p}`)(await mcp()), 'several_headers'],
  ['4.3 (2)', 'an empty header', () => '', 'malformed'],
  ['4.3 (2)', 'two parts', async () => (await mcp()).split('.').slice(0, 2).join('.'), 'malformed'],
  ['4.3 (2)', 'five parts, as in an encrypted JWT', async () => `${await mcp()}.e30.e30`, 'malformed'],
  ['4.3 (2)', 'a blank between the parts', async () => (await mcp()).replace('.', '. '), 'malformed'],
  ['4.3 (2)', 'padding after the signature', () => spoiled(2, (text) => `${text}==`), 'malformed'],
  ['4.3 (2)', 'plain base64 instead of base64url', () => spoiled(2, (text) => `+/${text.slice(2)}`), 'malformed'],
  ['4.3 (2)', 'the same signature bytes in another text', () => spoiled(2, otherTail), 'malformed'],
  ['4.3 (2)', 'a header that is not JSON', () => signed(own, '{typ:dpop+jwt}', claimsAt('/mcp')), 'malformed'],
  ['4.3 (2)', 'a header that is a list', () => signed(own, `[${JSON.stringify(full(own))}]`, claimsAt('/mcp')), 'malformed'],
  ['4.3 (2)', 'claims that are null', () => signed(own, full(own), 'null'), 'malformed'],
  ['4.3 (2)', 'claims behind a byte order mark', () => signed(own, full(own), `\ufeff${JSON.stringify(claimsAt('/mcp'))}`), 'malformed'],
  ['4.3 (2)', 'claims that are not UTF-8', notUtf8, 'malformed'],
  ['4.3 (2)', 'a critical extension (RFC 7515 section 4.1.11)', () => header({ crit: ['b64'], b64: true }), 'critical_extension'],
  ['4.3 (2)', 'an empty list of critical extensions', () => header({ crit: [] }), 'critical_extension'],
  ['4.3 (2)', 'a proof of 9,000 characters', () => claims({ filler: 'x'.repeat(9000) }), 'too_long'],
  ['4.2', 'members and claims of an extension, which may be there', () => mcp({ header: { kid: 'a' }, claims: { more: 1 } }), 'accepted'],
  ['4.3 (3)', 'no jti', () => claims({ jti: undefined }), 'missing_claim'],
  ['4.3 (3)', 'an empty jti', () => claims({ jti: '' }), 'missing_claim'],
  ['4.3 (3)', 'a jti that is a number', () => claims({ jti: 7 }), 'missing_claim'],
  ['4.3 (3)', 'no htm', () => claims({ htm: undefined }), 'missing_claim'],
  ['4.3 (3)', 'no htu', () => claims({ htu: undefined }), 'missing_claim'],
  ['4.3 (3)', 'an htu that is a list', () => claims({ htu: [`${ORIGIN}/mcp`] }), 'missing_claim'],
  ['4.3 (3)', 'no iat', () => claims({ iat: undefined }), 'missing_claim'],
  ['4.3 (3)', 'an iat that is a string', () => claims({ iat: String(NOW) }), 'missing_claim'],
  ['4.3 (3)', 'an iat beyond all numbers', () => signed(own, full(own), JSON.stringify(claimsAt('/mcp')).replace(String(NOW), '1e999')), 'missing_claim'],
  ['11.1', 'a jti of 257 characters', () => claims({ jti: 'x'.repeat(257) }), 'missing_claim'],
  ['11.1', 'a jti of 256 characters', () => claims({ jti: 'x'.repeat(256) }), 'accepted'],
  ['4.3 (4)', 'no typ', () => header({ typ: undefined }), 'wrong_type'],
  ['11.5', 'a JWT made for something else', () => header({ typ: 'JWT' }), 'wrong_type'],
  ['11.5', 'an access token as proof', () => header({ typ: 'at+jwt' }), 'wrong_type'],
  ['4.3 (4)', 'a typ in other letters', () => header({ typ: 'DPoP+JWT' }), 'wrong_type'],
  ['4.3 (5)', 'alg none without a signature', () => raw({ ...full(own), alg: 'none' }, ''), 'malformed'],
  ['4.3 (5)', 'alg none with a signature', () => header({ alg: 'none' }), 'unsupported_algorithm'],
  ['11.6', 'HS256 with the public key as the secret', hmac, 'unsupported_algorithm'],
  ['4.3 (5)', 'no alg', () => header({ alg: undefined }), 'unsupported_algorithm'],
  ['4.3 (5)', 'alg in other letters', () => header({ alg: 'es256' }), 'unsupported_algorithm'],
  ['4.3 (5)', 'an alg named like a member of every object', () => header({ alg: 'constructor' }), 'unsupported_algorithm'],
  ['4.3 (5)', 'ES384, which is not supported', () => header({ alg: 'ES384' }), 'unsupported_algorithm'],
  ['4.3 (5)', 'RS256 over an EC key', () => header({ alg: 'RS256' }), 'invalid_key'],
  ['4.3 (5)', 'PS256 named, RS256 signed', () => mcp({ header: { alg: 'PS256' } }, rs256), 'bad_signature', { tokenJkt: rs256Jkt }],
  ['4.3 (5)', 'EdDSA', () => mcp({}, eddsa), 'accepted', { tokenJkt: eddsaJkt }],
  ['4.3 (5)', 'EdDSA under its name of RFC 9864', () => mcp({ header: { alg: 'Ed25519' } }, eddsa), 'accepted', { tokenJkt: eddsaJkt }],
  ['4.3 (5)', 'RS256', () => mcp({}, rs256), 'accepted', { tokenJkt: rs256Jkt }],
  ['4.3 (5)', 'PS256', () => mcp({}, ps256), 'accepted', { tokenJkt: ps256Jkt }],
  ['4.3 (6)', 'signed by another key than the one shown', () => mcp({ header: { jwk: own.jwk } }, thief), 'bad_signature'],
  ['4.3 (6)', 'claims changed after signing', () => spoiled(1, () => b64(JSON.stringify(claimsAt('/mcp')))), 'bad_signature'],
  ['4.3 (6)', 'header changed after signing', () => spoiled(0, () => b64(JSON.stringify({ ...full(own), kid: 'b' }))), 'bad_signature'],
  ['4.3 (6)', 'no signature', () => spoiled(2, () => ''), 'malformed'],
  ['4.3 (6)', 'half a signature', () => spoiled(2, (text) => text.slice(0, 40)), 'bad_signature'],
  ['4.3 (6)', 'a signature of zeros', () => raw(full(own), b64(new Uint8Array(64))), 'bad_signature'],
  ['4.3 (6)', 'an ECDSA signature in DER', () => spoiled(2, der), 'bad_signature'],
  ['4.3 (6)', 'no jwk', () => header({ jwk: undefined }), 'invalid_key'],
  ['4.3 (6)', 'a kid instead of the key', () => header({ jwk: undefined, kid: ownJkt }), 'invalid_key'],
  ['4.3 (6)', 'a link to the key, which is not followed', () => header({ jwk: undefined, jku: `${ORIGIN}/keys` }), 'invalid_key'],
  ['4.3 (6)', 'a jwk that is a string', () => header({ jwk: JSON.stringify(own.jwk) }), 'invalid_key'],
  ['4.3 (6)', 'a point that is not on the curve', () => jwk({ y: thief.jwk.y }), 'invalid_key'],
  ['4.3 (6)', 'a coordinate with a byte too many', () => jwk({ x: b64(Buffer.concat([Buffer.alloc(1), bytes(own.jwk.x)])) }), 'invalid_key'],
  ['4.3 (6)', 'another curve', () => jwk({ crv: 'P-384' }), 'invalid_key'],
  ['11.6', 'an RSA key of 1024 bits', () => mcp({}, short), 'invalid_key'],
  ['11.6', 'an RSA key whose exponent is 1', () => jwk({ e: 'AQ' }, rs256), 'invalid_key'],
  ['11.6', 'an RSA modulus padded with zeros to 2048 bits', () => jwk({ n: b64(Buffer.concat([Buffer.alloc(128), bytes(short.jwk.n)])) }, short), 'invalid_key'],
  ['11.6', 'an RSA exponent in another text, which would be another thumbprint', () => jwk({ e: 'AAEAAQ' }, rs256), 'invalid_key', { tokenJkt: rs256Jkt }],
  ['11.6', 'an RSA modulus of 16384 bits', () => jwk({ n: b64(Buffer.alloc(2048, 0xff)) }, rs256), 'invalid_key'],
  ['4.3 (7)', 'a jwk with its private member', () => jwk({ d: own.privateJwk.d }), 'private_key'],
  ['4.3 (7)', 'a private member that is null', () => jwk({ d: null }), 'private_key'],
  ['4.3 (7)', 'an RSA key with a prime', () => jwk({ p: rs256.privateJwk.p }, rs256), 'private_key'],
  ['4.3 (7)', 'a symmetric key beside', () => jwk({ k: 'AAAA' }), 'private_key'],
  ['4.3 (8)', 'another method', () => claims({ htm: 'GET' }), 'other_method'],
  ['4.3 (8)', 'the method in small letters', () => claims({ htm: 'post' }), 'other_method'],
  ['4.3 (9)', 'another host', () => htu('https://gate.example.org/mcp'), 'other_uri'],
  ['4.3 (9)', 'http for https', () => htu('http://gate.example/mcp'), 'other_uri'],
  ['4.3 (9)', 'another port', () => htu('https://gate.example:8443/mcp'), 'other_uri'],
  ['4.3 (9)', 'a slash more', () => htu(`${ORIGIN}/mcp/`), 'other_uri'],
  ['4.3 (9)', 'the path in capitals', () => htu(`${ORIGIN}/MCP`), 'other_uri'],
  ['4.3 (9)', 'only a path', () => htu('/mcp'), 'other_uri'],
  ['4.3 (9)', 'the origin, without the path', () => htu(ORIGIN), 'other_uri'],
  ['4.3 (9)', 'user information before the host', () => htu('https://x@gate.example/mcp'), 'other_uri'],
  ['4.3 (9)', 'a backslash, which a browser would mend', () => htu('https://gate.example\\mcp'), 'other_uri'],
  ['4.3 (9)', 'a tab, which a browser would drop', () => htu(`${ORIGIN}/m\tcp`), 'other_uri'],
  ['4.3 (9)', 'another tenant', () => htu(`${ORIGIN}/t/acme/mcp`), 'other_uri'],
  ['7', 'a proof made for the token endpoint', () => token(), 'other_uri'],
  ['4.3 (9)', 'with query and fragment, which are ignored', () => htu(`${ORIGIN}/mcp?a=https://x#b`), 'accepted'],
  ['4.3 (9)', 'scheme and host in capitals (RFC 3986 section 6.2.2.1)', () => htu('HTTPS://Gate.EXAMPLE/mcp'), 'accepted'],
  ['4.3 (9)', 'the default port (RFC 3986 section 6.2.3)', () => htu('https://gate.example:443/mcp'), 'accepted'],
  ['4.3 (9)', 'a letter escaped (RFC 3986 section 6.2.2.2)', () => htu(`${ORIGIN}/%6dcp`), 'accepted'],
  ['4.3 (9)', 'dot segments (RFC 3986 section 6.2.2.3)', () => htu(`${ORIGIN}/t/acme/../.././mcp`), 'accepted'],
  ['4.3 (9)', 'an escaped slash, which is no slash', () => htu(`${ORIGIN}/t%2f..%2fmcp`), 'other_uri'],
  ['9', 'no nonce', () => claims({ nonce: undefined }), 'nonce_missing'],
  ['11.3', 'the nonce left out by a key that used one before', () => claims({ nonce: undefined, jti: 'again' }), 'nonce_missing'],
  ['9', 'an empty nonce', () => claims({ nonce: '' }), 'nonce_unknown'],
  ['9', 'a nonce that is a number', () => claims({ nonce: 1 }), 'nonce_unknown'],
  ['9', 'a nonce of somebody else', () => claims({ nonce: 'eyJ7S_zG.eyJH0-Z.HX4w-7v' }), 'nonce_unknown'],
  ['9', 'a nonce of another tenant', () => claims({ nonce: nonces([KEY], `${ORIGIN}/t/acme`).issue(NOW * 1000) }), 'nonce_unknown'],
  ['9', 'a nonce of the slot before', () => claims({ nonce: gate.issue((NOW - 300) * 1000) }), 'accepted'],
  ['9', 'a nonce of two slots before', () => claims({ nonce: gate.issue((NOW - 600) * 1000) }), 'nonce_unknown'],
  ['11.2', 'a nonce of two slots ahead', () => claims({ nonce: gate.issue((NOW + 600) * 1000) }), 'nonce_unknown'],
  ['9', 'a nonce under the key before, after a rotation', () => claims({ nonce: nonces([OLD_KEY], ORIGIN).issue(NOW * 1000) }), 'accepted'],
  ['4.3 (11)', '60 seconds old', () => claims({ iat: NOW - 60 }), 'accepted'],
  ['4.3 (11)', '61 seconds old', () => claims({ iat: NOW - 61 }), 'expired'],
  ['11.1', '10 seconds ahead', () => claims({ iat: NOW + 10 }), 'accepted'],
  ['11.2', '11 seconds ahead', () => claims({ iat: NOW + 11 }), 'from_the_future'],
  ['11.2', 'made for next year', () => claims({ iat: NOW + 31_536_000 }), 'from_the_future'],
  ['4.3 (11)', 'an iat in milliseconds', () => claims({ iat: NOW * 1000 }), 'from_the_future'],
  ['4.3 (11)', 'expired by its own exp (RFC 7519 section 4.1.4)', () => claims({ exp: NOW - 1 }), 'expired'],
  ['4.3 (11)', 'not valid before its own nbf (RFC 7519 section 4.1.5)', () => claims({ nbf: NOW + 11 }), 'from_the_future'],
  ['4.3 (12)', 'no ath', () => claims({ ath: undefined }), 'other_token'],
  ['4.3 (12)', 'the ath of another token', () => claims({ ath: tokenHash(`${TOKEN}2`) }), 'other_token'],
  ['4.3 (12)', 'the ath in hex', () => claims({ ath: Buffer.from(tokenHash(TOKEN), 'base64url').toString('hex') }), 'other_token'],
  ['7.1', 'a stolen token with a proof of the thief (figure 16)', () => mcp({}, thief), 'other_key'],
  ['7.1', 'no proof', () => null, 'proof_missing'],
  ['7.1', 'the scheme in small letters', () => mcp(), 'accepted', { authorization: `dpop ${TOKEN}` }],
  ['7.1', 'an unbound token under the DPoP scheme', () => mcp(), 'unbound_as_dpop', { tokenJkt: undefined }],
  ['7.1', 'a token that is none', () => mcp(), 'malformed_credentials', { authorization: 'DPoP' }],
  ['7.2', 'a bound token as Bearer', () => null, 'bound_as_bearer', { authorization: BEARER }],
  ['7.2', 'a bound token as Bearer, with its proof beside', () => mcp(), 'bound_as_bearer', { authorization: BEARER }],
  ['7.2', 'an unbound token as Bearer', () => null, 'accepted', { authorization: BEARER, tokenJkt: undefined }],
  ['7.2', 'an unbound token as Bearer, with a stray proof', () => 'x', 'accepted', { authorization: BEARER, tokenJkt: undefined }],
  ['7.2', 'Bearer and DPoP at once (figure 19)', () => mcp(), 'several_methods', { authorization: `Bearer ${TOKEN}, DPoP ${TOKEN}` }],
  ['7.2', 'Bearer where the tenant requires binding', () => null, 'binding_required', { authorization: BEARER, tokenJkt: undefined, policy: 'required' }],
  ['7.2', 'Bearer that reads where writes require binding', () => null, 'accepted', { authorization: BEARER, tokenJkt: undefined, policy: 'required_for_writes' }],
  ['7.2', 'Bearer that writes where writes require binding', () => null, 'binding_required', { authorization: BEARER, tokenJkt: undefined, policy: 'required_for_writes', write: true }],
  ['7.2', 'DPoP where the tenant requires binding', () => mcp(), 'accepted', { policy: 'required', write: true }],
];

/** What a reason is on the wire, where it is not a fault of the proof itself (sections 7.1, 7.2 and 9). */
const OTHER_ERRORS: Partial<Record<RefusalReason, string>> = {
  nonce_missing: 'use_dpop_nonce',
  nonce_unknown: 'use_dpop_nonce',
  other_key: 'invalid_token',
  bound_as_bearer: 'invalid_token',
  unbound_as_dpop: 'invalid_token',
  binding_required: 'invalid_token',
  malformed_credentials: 'invalid_token',
  several_methods: 'invalid_request',
};

const cased = ([section, name, proof, expected, more]: Row) => ({ section, name, proof, expected, more });

describe('at the protected resource', () => {
  it.each(ROWS.map(cased))('section $section: $name', async ({ proof, expected, more }) => {
    const { response, reason } = await answer({ at: '/mcp', proof: await proof(), tokenJkt: ownJkt, ...more });
    expect(reason ?? 'accepted').toBe(expected);
    if (expected === 'accepted') return expect(response.status).toBe(200);

    const error = OTHER_ERRORS[expected] ?? 'invalid_dpop_proof';
    expect(await response.json()).toMatchObject({ error });
    expect(response.status).toBe(error === 'invalid_request' ? 400 : 401);
    if (error === 'use_dpop_nonce') expect(response.headers.get('dpop-nonce')).toBe(NONCE);
    // The reason stands under the scheme that was tried, and only there (section 7.2).
    const [bearer = '', dpop = ''] = (response.headers.get('www-authenticate') ?? '').split(', DPoP ');
    expect([bearer, dpop]).toEqual([expect.stringMatching(/^Bearer /), expect.stringMatching(/^algs="ES256 EdDSA /)]);
    const tried = { Bearer: [true, false], DPoP: [false, true], both: [true, true] };
    const authorization = more?.authorization ?? 'DPoP';
    const scheme = error === 'invalid_request' ? 'both' : authorization.startsWith('Bearer') ? 'Bearer' : 'DPoP';
    expect([bearer, dpop].map((text) => text.includes(`error="${error}"`))).toEqual(tried[scheme]);
  });
});
