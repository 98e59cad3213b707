/** The examples printed in the RFCs. */
import { describe, expect, it } from 'vitest';
import { publicKeyOf, thumbprint } from '../../../src/auth/dpop/keys.ts';
import { checkProof, PROOF_WINDOW, tokenHash } from '../../../src/auth/dpop/proof.ts';

const RFC_KEY = {
  kty: 'EC',
  x: 'l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs',
  y: '9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA',
  crv: 'P-256',
};
const RFC_JKT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I';
const HEADER =
  'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19';
/** Figures 2, 7 and 13. */
const AT_TOKEN = `${HEADER}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg`;
const AT_REFRESH = `${HEADER}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjY1Mjk2fQ.pAqut2IRDm_De6PR93SYmGBPXpwrAk90e8cP2hjiaG5QsGSuKDYW7_X620BxqhvYC8ynrrvZLTk41mSRroapUA`;
const AT_RESOURCE = `${HEADER}.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA`;
const ACCESS_TOKEN = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU';

const tools = (seconds: number) => ({ now: seconds * 1000, subtle: crypto.subtle });
const rules = { window: PROOF_WINDOW };

describe('known answers', () => {
  it.each([
    ['figure 2', AT_TOKEN, 1_562_262_616],
    ['figure 7', AT_REFRESH, 1_562_265_296],
  ])('RFC 9449 %s is a valid proof for the token endpoint', async (_, header, at) => {
    const request = { header, method: 'POST', uris: ['https://server.example.com/token'] };
    expect(await checkProof(request, rules, tools(at))).toEqual({
      ok: true,
      value: { jkt: RFC_JKT, jti: '-BwC3ESc6acc2lTc', htu: 'https://server.example.com/token', nonce: undefined },
    });
  });

  it('RFC 9449 figure 13 is a valid proof for its resource and token, and for nothing else', async () => {
    const uris = ['https://resource.example.org/protectedresource'];
    const request = { header: AT_RESOURCE, method: 'GET', uris, accessToken: ACCESS_TOKEN };
    const at = tools(1_562_262_618);
    expect(await checkProof(request, rules, at)).toMatchObject({ ok: true, value: { jkt: RFC_JKT } });
    const error = async (more: Partial<typeof request>) => await checkProof({ ...request, ...more }, rules, at);
    expect(await error({ accessToken: `${ACCESS_TOKEN}x` })).toEqual({ ok: false, error: 'other_token' });
    expect(await error({ method: 'POST' })).toEqual({ ok: false, error: 'other_method' });
    expect(await error({ uris: ['https://server.example.com/token'] })).toEqual({ ok: false, error: 'other_uri' });
  });

  it('RFC 9449 section 7.1: the ath of the access token', () => {
    expect(tokenHash(ACCESS_TOKEN)).toBe('fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo');
  });

  it.each([
    ['RFC 9449 section 6.1', 'ES256', RFC_KEY, RFC_JKT],
    [
      'RFC 7638 section 3.1',
      'RS256',
      {
        kty: 'RSA',
        n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
        e: 'AQAB',
        alg: 'RS256',
        kid: '2011-04-29',
      },
      'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
    ],
    [
      'RFC 8037 appendix A.3',
      'EdDSA',
      { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
      'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    ],
  ])('%s: the thumbprint', (_, alg, jwk, expected) => {
    const key = publicKeyOf(alg, jwk);
    expect(typeof key === 'string' ? key : thumbprint(key)).toBe(expected);
  });
});
