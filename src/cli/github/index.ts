/** The embedded GitHub: `emulate` on an inner port, the shim in front of it, and something worth looking at inside. */
import type { AddressInfo } from 'node:net';
import { createEmulator } from 'emulate';
import { isObject } from '../../core/json.ts';
import { errorMessage } from '../errors.ts';
import { closeServer, freePort, listen } from '../ports.ts';
import { ORGANISATION, OWNER_TOKENS, REPOSITORIES, seed, USERS } from './seed.ts';
import type { Tokens } from './shim.ts';
import { createShim } from './shim.ts';
import type { RecordedRequest } from './traffic.ts';
import { Traffic } from './traffic.ts';

import { connectUpstream, readJson } from './upstream.ts';

export type { Fault, RecordedRequest } from './traffic.ts';

export interface GitHubOptions {
  /** 0 for any free one. */
  readonly port?: number;
  /** Where the gate may send people back to, such as `http://localhost:8788/callback`; its tenants' callbacks come with it. */
  readonly redirectUris: readonly string[];
  /** Access tokens of an earlier run, with the login each acts for, so that sign-ins survive a restart. */
  readonly tokens?: Readonly<Record<string, string>>;
  readonly onToken?: (token: string, login: string) => void;
}

export interface EmbeddedGitHub {
  /** Origin of the web pages and of the REST API alike, without a trailing slash. */
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** What reached it, oldest first. */
  readonly requests: readonly RecordedRequest[];
  /** Makes requests fail, wait or hang; the newest matching rule wins. Out: takes the rule away. */
  readonly inject: Traffic['inject'];
  /** Forgets the rules and the recorded requests. */
  reset(): void;
  /** Makes an account's tokens worthless, as when a person revokes the app at GitHub. Out: how many there were. */
  revokeTokens(login: string): number;
  /** Acts as `login` behind the gate's back, past recorder and faults: for setting up a test and for looking at what happened. */
  as(login: string): (method: string, path: string, body?: unknown) => Promise<{ status: number; body: unknown }>;
  stop(): Promise<void>;
}

const CLIENT_ID = 'Iv1.embedded-gatehouse';
const CLIENT_SECRET = 'embedded-github-is-no-secret';

/** Starts and seeds it. Rejects, with nothing left running, when the port is taken. */
export async function startGitHub(options: GitHubOptions): Promise<EmbeddedGitHub> {
  const traffic = new Traffic();
  const tokens: Tokens = new Map([...Object.entries(options.tokens ?? {}), ...OWNER_TOKENS]);
  const inner = await freePort();
  const upstream = connectUpstream(inner);
  // The emulator keeps this very list: what is added to it later counts too.
  const redirectUris = [...options.redirectUris];
  const shim = createShim({ upstream, tokens, traffic, redirectUris, onToken: options.onToken });
  await listen(shim, options.port ?? 0, 'GITHUB_PORT');
  const url = `http://127.0.0.1:${(shim.address() as AddressInfo).port}`;
  const emulator = await createEmulator({
    service: 'github',
    port: inner,
    baseUrl: url,
    seed: {
      tokens: Object.fromEntries([...tokens].map(([token, login]) => [token, { login, scopes: ['repo', 'read:org'] }])),
      github: {
        users: USERS,
        orgs: [ORGANISATION],
        repos: REPOSITORIES,
        oauth_apps: [
          {
            client_id: CLIENT_ID,
            client_secret: CLIENT_SECRET,
            name: 'Gatehouse',
            redirect_uris: redirectUris,
          },
        ],
      },
    },
  }).catch(async (error: unknown) => {
    await closeServer(shim);
    throw error;
  });
  const stop = async () => {
    upstream.close();
    await Promise.all([closeServer(shim), emulator.close()]);
  };
  const as = (login: string) => {
    const token = [...OWNER_TOKENS].find(([, owner]) => owner === login)?.[0];
    if (token === undefined) throw new Error(`The embedded GitHub has no user ${login}`);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return async (method: string, path: string, body?: unknown) => {
      const sent = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
      const answer = await upstream.ask({ method, path, headers, body: sent });
      return { status: answer.status, body: readJson(answer) };
    };
  };
  try {
    await seed(async (login, method, path, body) => {
      const answer = await as(login)(method, path, body);
      if (answer.status >= 300)
        throw new Error(`Seeding ${method} ${path}: ${answer.status} ${messageOf(answer.body)}`);
      return isObject(answer.body) ? answer.body : {};
    });
  } catch (error) {
    await stop();
    throw new Error(errorMessage(error), { cause: error });
  }
  return {
    url,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    requests: traffic.requests,
    inject: (fault) => traffic.inject(fault),
    reset: () => traffic.reset(),
    revokeTokens: (login) => {
      const revoked = [...tokens].filter(([token, owner]) => owner === login && !OWNER_TOKENS.has(token));
      for (const [token] of revoked) tokens.delete(token);
      return revoked.length;
    },
    as,
    stop,
  };
}

function messageOf(body: unknown): string {
  return isObject(body) ? String(body.message) : '';
}
