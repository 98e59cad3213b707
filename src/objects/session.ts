/**
 * One per 2025-era session. Reached by `fetch` with what was verified in `cf`, so that a disconnect is seen; by a call that
 * runs in a Worker and has its stream here, by RPC.
 */
import { DurableObject } from 'cloudflare:workers';
import { handOverSoon } from '../audit/hand-over.ts';
import { auditReader } from '../audit/read.ts';
import { tally } from '../core/tally.ts';
import { GateClient } from '../gate/client.ts';
import type { RpcId } from '../mcp/messages.ts';
import type { SessionEnvelope } from '../mcp/session.ts';
import { SessionHost } from '../mcp/session-host.ts';
import { configNamed } from '../tenants/lookup.ts';

export class Session extends DurableObject<Env> {
  #host: SessionHost | undefined;

  override async fetch(request: Request): Promise<Response> {
    const envelope = (request.cf as unknown as { gatehouse?: SessionEnvelope } | undefined)?.gatehouse;
    if (envelope === undefined) throw new Error('a session is reached through its lane only');
    const config = await configNamed(this.env, envelope.principal.tenant);
    const response = await this.#open().fetch(request, envelope, config);
    handOverSoon(tally, this.env.WRITER, (work) => this.ctx.waitUntil(work));
    return response;
  }

  /** See SessionHost: for a call that runs in the Worker. */
  async deliver(id: RpcId, message: string): Promise<boolean> {
    return await this.#open().deliver(id, message);
  }

  async cancelled(id: RpcId): Promise<boolean> {
    return await this.#open().cancelled(id);
  }

  override async alarm(): Promise<void> {
    await this.#open().expire();
  }

  #open(): SessionHost {
    if (this.#host !== undefined) return this.#host;
    this.#host = new SessionHost({
      state: this.ctx,
      clock: Date.now,
      audit: (tenant) => auditReader(this.env.AUDIT_DB, tenant),
      gate: (envelope) => this.#gateOf(envelope),
      endGrant: async (envelope) => {
        const { principal, requestId } = envelope;
        await this.#gateOf(envelope).endRevokedUpstream(principal.user, principal, requestId);
      },
    });
    return this.#host;
  }

  #gateOf({ principal }: SessionEnvelope): GateClient {
    return new GateClient(this.env.GATE, principal.tenant, principal.user.id);
  }
}
