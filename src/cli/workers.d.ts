/**
 * Types of the Workers runtime that stand in the signatures of `gate`, which the command line reads on its way to the
 * catalogue behind `npm run stdio`. Nothing that uses them runs in Node.
 */
import type * as workers from '@cloudflare/workers-types';

declare global {
  type DurableObjectStorage = workers.DurableObjectStorage;
  type SqlStorageValue = workers.SqlStorageValue;
  interface Scheduler {
    wait(ms: number): Promise<void>;
  }
}
