/**
 * Between a Worker and what it fetches, Miniflare puts a Worker of its own, which marks the request; no option leaves it
 * out. It is a part of the dev proxy that no deployment has, and costs each subject a fifth of what the bare Worker costs.
 */
import { registerHooks } from 'node:module';

const MINIFLARE = /\/node_modules\/miniflare\/dist\/src\/index\.js$/;
/** What a Worker's requests go through. Where nothing is named, they go straight out. */
const OUTBOUND = /globalOutbound: \{ name: getOutboundInterceptorName\(\w+\) \},/g;

/**
 * In: loads what loads Miniflare, which must not be loaded yet. Out: what that gives, with a Miniflare without its proxy.
 * Rejects where Miniflare is built in another way.
 */
export async function withoutProxy<T>(load: () => Promise<T>): Promise<T> {
  let taken = 0;
  const hooks = registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!MINIFLARE.test(url)) return loaded;
      const source = String(loaded.source);
      taken += source.match(OUTBOUND)?.length ?? 0;
      return { ...loaded, source: source.replace(OUTBOUND, '') };
    },
  });
  const loaded = await load();
  hooks.deregister();
  if (taken !== 1) throw new Error(`Miniflare has its proxy somewhere else now: it was found ${taken} times.`);
  return loaded;
}
