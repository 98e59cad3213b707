/** The gate's own session lane with nobody at the door: no sign-in, no gate, no audit. */
import { DurableObject } from 'cloudflare:workers';
import { DEFAULT_SELECTION } from '../../../src/catalogue/selection.ts';
import type { Config } from '../../../src/config.ts';
import type { JsonValue } from '../../../src/core/json.ts';
import { OpenCalls } from '../../../src/mcp/calls.ts';
import { isInitialize, requestsIn } from '../../../src/mcp/messages.ts';
import type { SessionEnvelope } from '../../../src/mcp/session.ts';
import { openSession, reachSession } from '../../../src/mcp/session.ts';
import { SessionHost } from '../../../src/mcp/session-host.ts';
import { GITHUB_API_URL, PRINCIPAL, UPSTREAM_TOKEN } from './tools.ts';

/** All that the lane reads of the settings. */
const CONFIG = { github: { apiUrl: GITHUB_API_URL, url: 'https://github.com' } } as Config;

export class BenchSession extends DurableObject {
  readonly #host = new SessionHost({
    state: this.ctx,
    clock: Date.now,
    // The benched tools ask nobody.
    gate: () => ({
      settle: async () => {},
      sessionOpened: async () => {},
      sessionEnded: async () => {},
      claimConfirmation: async () => false,
      askOnPage: async ({ pending }) => ({ status: 'waiting', id: pending.id }),
    }),
    endGrant: async () => {},
    // Nor do they read a log.
    audit: () => ({ rows: async () => ({ rows: [] }), counts: async () => ({ counts: [] }) }),
  });

  override async fetch(request: Request): Promise<Response> {
    const { gatehouse } = request.cf as unknown as { gatehouse: SessionEnvelope };
    return await this.#host.fetch(request, gatehouse, CONFIG);
  }

  override async alarm(): Promise<void> {
    await this.#host.expire();
  }
}

export default {
  async fetch(request, bindings, ctx) {
    const body = (await request.json()) as JsonValue;
    const tickets = requestsIn(body)
      .filter(({ method }) => method === 'tools/call')
      .map(({ id }) => ({ rpcId: id, id: '', startedAt: Date.now() }));
    const calls = new OpenCalls(
      tickets,
      async () => {},
      Date.now,
      (work) => ctx.waitUntil(work),
    );
    const scope = {
      env: bindings as Env,
      principal: PRINCIPAL,
      upstreamToken: UPSTREAM_TOKEN,
      requestId: '',
      selection: DEFAULT_SELECTION,
    };
    return isInitialize(body)
      ? await openSession(request, body, tickets, scope, calls)
      : await reachSession(request, body, tickets, scope, calls);
  },
} satisfies ExportedHandler;
