/** Starts who is measured, each in a workerd of its own. */
import { join } from 'node:path';
import type { DpopKeyPair } from '@modelcontextprotocol/client';
import { DpopSession, generateDpopKeyPair } from '@modelcontextprotocol/client';
import { convertV4MiniflareOptions, Miniflare, NoOpLog } from 'miniflare';
import { unstable_getMiniflareWorkerOptions } from 'wrangler';
import { connectModern, Person } from '../../src/cli/clients.ts';
import { startGitHub } from '../../src/cli/github/index.ts';
import { freePort } from '../../src/cli/ports.ts';
import { startStack } from '../../src/cli/stack.ts';
import type { Built } from './build.ts';
import { patternToken } from './oauth-sign-in.ts';
import { workerdProcesses } from './proc.ts';
import type { Bound } from './proofs.ts';
import type { Door } from './requests.ts';
import type { Name } from './subjects.ts';
import { isGate, subjectOf } from './subjects.ts';
import type { Upstream } from './upstream.ts';

export interface Running extends Door {
  readonly name: Name;
  /** Where workerd listens on 127.0.0.1. */
  readonly port: number;
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

type Started = Omit<Running, 'name' | 'pid'>;

/** As far as settings go, so that nothing is refused. */
const LIMITS = Object.fromEntries(
  ['LIMIT_CLIENT', 'LIMIT_USER', 'LIMIT_WRITE', 'LIMIT_SEARCH', 'LIMIT_OTHER', 'LIMIT_SIGN_IN'].map((name) => [
    name,
    '10000/1',
  ]),
);

/** In: what was built; the upstream; a directory for what it keeps. One at a time: that is how its process is found. */
export async function start(name: Name, built: Built, upstream: Upstream, dir: string): Promise<Running> {
  const before = await workerdProcesses();
  const started = isGate(name)
    ? await startGate(built, upstream, { isBound: subjectOf(name).bound === true })
    : await startPeer(name, built, upstream, dir);
  const [pid] = [...(await workerdProcesses())].filter((id) => !before.has(id));
  return { ...started, name, pid };
}

interface GateOptions {
  /** Whether the token is bound to a key (RFC 9449). */
  readonly isBound?: boolean;
  /** Kept when the gate stops. Without it: a directory that goes with the gate. */
  readonly dataDir?: string;
}

/** The whole stack, somebody signed in through its real pages, and another upstream than the GitHub they signed in at. */
export async function startGate(
  { bundle }: Pick<Built, 'bundle'>,
  upstream: Upstream,
  { isBound = false, dataDir }: GateOptions = {},
): Promise<Started> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const github = await startGitHub({ redirectUris: [`${url}/callback`] });
  const settings = {
    ...LIMITS,
    GITHUB_URL: github.url,
    GITHUB_API_URL: upstream.url,
    GITHUB_CLIENT_ID: github.clientId,
    GITHUB_CLIENT_SECRET: github.clientSecret,
    ALLOWED_USERS: 'octocat',
  };
  try {
    const stack = await startStack({ port, bundleDir: bundle.dir, settings, dataDir });
    const keys = isBound ? await generateDpopKeyPair({ alg: 'ES256' }) : undefined;
    const person = keys === undefined ? new Person({ clientName: 'Bench' }) : await BoundPerson.with(keys);
    try {
      await (await connectModern(stack.mcpUrl, { person })).close();
    } catch (error) {
      await stack.stop();
      throw error;
    }
    const token = person.accessToken;
    const bound = person instanceof BoundPerson ? person.bound(stack.mcpUrl) : undefined;
    return { port: stack.directPort, host: new URL(url).host, token, bound, stop: () => stack.stop() };
  } finally {
    await github.stop();
  }
}

/** Somebody whose client binds its tokens to a key. */
class BoundPerson extends Person {
  readonly #keys: DpopKeyPair;
  readonly #session: DpopSession;

  private constructor(keys: DpopKeyPair, session: DpopSession) {
    super({ clientName: 'Bench' });
    this.#keys = keys;
    this.#session = session;
  }

  static async with(keys: DpopKeyPair): Promise<BoundPerson> {
    return new BoundPerson(keys, await DpopSession.create({ alg: 'ES256', keyPair: keys }));
  }

  dpop(): DpopSession {
    return this.#session;
  }

  bound(url: string): Bound {
    return { keys: this.#keys, url, token: this.accessToken ?? '', nonce: this.#session.nonceFor(url) ?? '' };
  }
}

async function startPeer(name: Name, { bundle, config }: Built, upstream: Upstream, dir: string): Promise<Started> {
  const port = await freePort();
  const host = `localhost:${port}`;
  const { modulesRules: _, ...worker } = unstable_getMiniflareWorkerOptions(config).workerOptions;
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      resourcePersistencePath: join(dir, name),
      log: new NoOpLog(),
      cf: false,
      telemetry: { enabled: false },
      workers: [
        {
          ...worker,
          name,
          modulesRoot: bundle.dir,
          modules: [...bundle.modules],
          bindings: { GITHUB_API_URL: upstream.url, MCP_RESOURCE: `http://${host}/mcp` },
          unsafeDirectSockets: [{ host: '127.0.0.1', port }],
        },
      ],
    }),
  );
  const stop = () => miniflare.dispose();
  try {
    await miniflare.ready;
    const token = name.startsWith('pattern') ? await patternToken(port, host) : undefined;
    return { port, host, token, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
