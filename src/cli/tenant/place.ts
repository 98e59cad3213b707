/** Where a tenant is written: the local stack's data directory, or the deployment. */
import * as z from 'zod';
import type { KeyRing } from '../../config.ts';
import { keysIn } from '../../config.ts';
import type { SealingKey } from '../../tenants/secrets.ts';
import { sealingKey } from '../../tenants/secrets.ts';
import { secretKey } from '../data-dir.ts';
import type { Desk, Wrangler } from '../deploy/run.ts';
import { assertSignedIn, look } from '../deploy/run.ts';
import { errorMessage, UserError } from '../errors.ts';
import { TenantTable } from './table.ts';

export interface Place {
  readonly table: Pick<TenantTable, 'all' | 'one' | 'add' | 'replace'>;
  readonly sealingKey: () => Promise<SealingKey>;
  /** Origin of the gate. */
  readonly publicUrl: string;
}

/** What `npm start` keeps in a directory; it may run meanwhile. In: the environment it is started with. */
export function localPlace(
  wrangler: Wrangler,
  dataDir: string,
  env: Readonly<Record<string, string | undefined>>,
): Place {
  return {
    table: new TenantTable(wrangler, ['--local', '--persist-to', dataDir]),
    sealingKey: async () => {
      const { ring, problems } = keysIn(env);
      if (ring.length > 0 && problems.length > 0) throw new UserError('SECRET_KEY must have at least 32 characters.');
      return await sealingKey(ring.length > 0 ? (ring as KeyRing) : [{ id: 'k1', secret: await secretKey(dataDir) }]);
    },
    publicUrl: env.PUBLIC_URL?.trim() || `http://localhost:${env.PORT?.trim() || 8788}`,
  };
}

const keyShape = z.object({ key_id: z.string().regex(/^k\d{1,4}$/), public_key: z.string().regex(/^[\w-]{43}$/) });

/** The deployment: its database through wrangler, its public key from the gate itself. Rejects where nobody is signed in. */
export async function remotePlace(
  desk: Desk,
  env: Readonly<Record<string, string | undefined>>,
  get: typeof fetch = fetch,
): Promise<Place> {
  await assertSignedIn(desk);
  const publicUrl = env.PUBLIC_URL?.trim() || (await look(desk)).vars.PUBLIC_URL;
  if (publicUrl === undefined) throw new UserError('The Worker has no PUBLIC_URL yet: run npm run deploy first.');
  return {
    table: new TenantTable(desk.wrangler, ['--remote']),
    sealingKey: async () => {
      const url = `${publicUrl}/sealing-key`;
      try {
        const response = await get(url, { redirect: 'error', signal: AbortSignal.timeout(10_000) });
        if (!response.ok) throw new Error(`status ${response.status}`);
        return keyShape.parse(await response.json());
      } catch (error) {
        throw new UserError(`The key to seal the secret to could not be had from ${url}: ${errorMessage(error)}`);
      }
    },
    publicUrl,
  };
}
