/**
 * POST /register (RFC 7591), with what the provider's registration drops: `dpop_bound_access_tokens` (RFC 9449 section
 * 5.2). It is kept with the client's own record, so that it lives exactly as long.
 */
import { isObject } from '../core/json.ts';
import { withMembers } from '../core/own-response.ts';
import type { AuthorizationServer } from './server.ts';
import type { ProviderEnv } from './store/provider-env.ts';

const FIELD = 'dpop_bound_access_tokens';

/** In: a request whose body was not read. Out: the provider's answer, which repeats what was registered (section 3.2.1). */
export async function register(
  request: Request,
  server: AuthorizationServer,
  provider: ProviderEnv,
  ctx: ExecutionContext,
): Promise<Response> {
  const metadata: unknown = await request
    .clone()
    .json()
    .catch(() => undefined);
  const bound = isObject(metadata) ? metadata[FIELD] : undefined;
  if (bound === undefined) return await server.fetch(request, provider, ctx);
  if (typeof bound !== 'boolean') {
    const error_description = `${FIELD} must be true or false`;
    return Response.json({ error: 'invalid_client_metadata', error_description }, { status: 400 });
  }
  const response = await server.fetch(request, marking(provider, bound), ctx);
  return response.status === 201 ? await withMembers(response, { [FIELD]: bound }) : response;
}

/** Whether a client, as the provider looks it up, registered for bound tokens only. */
export function isAlwaysBound(client: object | null): boolean {
  return client !== null && FIELD in client && client[FIELD] === true;
}

/** The store, with the field in every client that is put: the provider keeps what it does not know. */
function marking({ OAUTH_KV: store }: ProviderEnv, bound: boolean): ProviderEnv {
  const put = async (key: string, value: string, options: KVNamespacePutOptions) => {
    const isClient = key.startsWith('client:');
    await store.put(key, isClient ? JSON.stringify({ ...JSON.parse(value), [FIELD]: bound }) : value, options);
  };
  return { OAUTH_KV: { ...store, put } as KVNamespace };
}
