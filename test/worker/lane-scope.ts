/** What the app hands to the lanes with a request of somebody whose token was good. */
import { env } from 'cloudflare:workers';
import { configOf } from '../../src/config.ts';
import type { Principal } from '../../src/core/principal.ts';
import type { LaneScope } from '../../src/mcp/lanes.ts';

/** In: a request whose body was not read, who asks, and bindings that stand in the place of the Worker's own. */
export async function laneScope(request: Request, principal: Principal, bindings: object): Promise<LaneScope> {
  const config = configOf(env);
  if (!config.ok) throw new Error('the tests lack settings');
  return {
    env: { ...env, ...bindings } as Env,
    config: config.value,
    principal,
    upstreamToken: 'u',
    requestId: 'req_1',
    body: new Uint8Array(await request.clone().arrayBuffer()),
    clock: Date.now,
    proof: undefined,
    challenge: () => '',
    refuse: () => new Response(null, { status: 401 }),
    isServed: async () => true,
    log: {},
  };
}
