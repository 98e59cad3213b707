/**
 * An OAuth client as a program on a person's computer has it: registers itself, listens on a loopback port for the way
 * back, redeems the code. Built on `oauth4webapi`, which shares no code with the gate and checks `state` and `iss`.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as oauth from 'oauth4webapi';

const INSECURE = { [oauth.allowInsecureRequests]: true } as const;

export interface Started {
  /** Where the client sends the person's browser. */
  readonly authorizationUrl: URL;
  readonly state: string;
  /** Resolves with the redirect once the browser arrives with this `state`. */
  readonly arrival: Promise<URL>;
  /** Checks the redirect (RFC 9207 `iss` included) and redeems its code. Rejects with the error it carries. */
  redeem(arrived: URL): Promise<oauth.TokenEndpointResponse>;
}

export interface LoopbackClient {
  readonly redirectUri: string;
  /** In: scopes to ask for. */
  start(scopes: readonly string[]): Promise<Started>;
  stop(): Promise<void>;
}

/** In: issuer of the gate, the name the client gives itself. Out: a registered client that listens on 127.0.0.1. */
export async function loopbackClient(issuer: string, name: string): Promise<LoopbackClient> {
  const waiting = new Map<string, (url: URL) => void>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>You can close this window.</h1>');
    waiting.get(url.searchParams.get('state') ?? '')?.(url);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const redirectUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`;

  const issuerUrl = new URL(issuer);
  const as = await oauth.processDiscoveryResponse(
    issuerUrl,
    await oauth.discoveryRequest(issuerUrl, { algorithm: 'oauth2', ...INSECURE }),
  );
  const client = await oauth.processDynamicClientRegistrationResponse(
    await oauth.dynamicClientRegistrationRequest(
      as,
      { client_name: name, redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' },
      INSECURE,
    ),
  );

  return {
    redirectUri,
    async start(scopes) {
      const verifier = oauth.generateRandomCodeVerifier();
      const state = oauth.generateRandomState();
      const authorizationUrl = new URL(as.authorization_endpoint ?? '');
      authorizationUrl.search = new URLSearchParams({
        response_type: 'code',
        client_id: client.client_id,
        redirect_uri: redirectUri,
        scope: scopes.join(' '),
        state,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        resource: `${issuer}/mcp`,
      }).toString();
      return {
        authorizationUrl,
        state,
        arrival: new Promise((resolve) => waiting.set(state, resolve)),
        async redeem(arrived) {
          const parameters = oauth.validateAuthResponse(as, client, arrived, state);
          const answer = await oauth.authorizationCodeGrantRequest(
            as,
            client,
            oauth.None(),
            parameters,
            redirectUri,
            verifier,
            INSECURE,
          );
          return await oauth.processAuthorizationCodeResponse(as, client, answer);
        },
      };
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
