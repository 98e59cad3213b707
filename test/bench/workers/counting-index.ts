/**
 * Stands in for `src/index.ts` in the Worker whose work is counted: the production classes, which say in the log when
 * one of their methods is asked for by another object or the runtime, and what they write.
 */
import { app } from '../../../src/app.ts';
import { Gate as RealGate } from '../../../src/objects/gate.ts';
import { Writer as RealWriter } from '../../../src/objects/writer.ts';

export { Registry } from '../../../src/objects/registry.ts';
export { Session } from '../../../src/objects/session.ts';

function count(what: string, times = 1): void {
  console.log(JSON.stringify({ counted: what, times }));
}

/** Says how many rows the object writes in its own SQLite. */
function watched(ctx: DurableObjectState, who: string): DurableObjectState {
  const { sql } = ctx.storage;
  const exec = sql.exec.bind(sql) as typeof sql.exec;
  sql.exec = ((statement: string, ...values: SqlStorageValue[]) => {
    const cursor = exec(statement, ...values);
    // Read at once by whoever asked; only then it knows how many there were.
    queueMicrotask(() => cursor.rowsWritten > 0 && count(`${who}.rows`, cursor.rowsWritten));
    return cursor;
  }) as typeof sql.exec;
  const setAlarm = ctx.storage.setAlarm.bind(ctx.storage);
  ctx.storage.setAlarm = (async (at: number | Date) => {
    count(`${who}.rows`);
    await setAlarm(at);
  }) as typeof ctx.storage.setAlarm;
  return ctx;
}

export class Gate extends RealGate {
  constructor(ctx: DurableObjectState, env: Env) {
    super(watched(ctx, 'gate'), env);
  }

  override async admit(...args: Parameters<RealGate['admit']>): ReturnType<RealGate['admit']> {
    count('gate.admit');
    return await super.admit(...args);
  }

  override async settle(...args: Parameters<RealGate['settle']>): ReturnType<RealGate['settle']> {
    count('gate.settle');
    return await super.settle(...args);
  }

  override async alarm(): Promise<void> {
    count('gate.alarm');
    await super.alarm();
  }
}

export class Writer extends RealWriter {
  constructor(ctx: DurableObjectState, env: Env) {
    super(watched(ctx, 'writer'), { ...env, AUDIT_DB: watchedDb(env.AUDIT_DB) });
  }

  override async append(...args: Parameters<RealWriter['append']>): ReturnType<RealWriter['append']> {
    count('writer.append');
    return await super.append(...args);
  }

  override async alarm(): Promise<void> {
    count('writer.alarm');
    await super.alarm();
  }
}

function watchedDb(db: D1Database): D1Database {
  return new Proxy(db, {
    get(target, name) {
      if (name === 'batch') {
        return async (statements: D1PreparedStatement[]) => {
          const results = await target.batch(statements);
          count('d1.batch');
          count(
            'd1.rows',
            results.reduce((sum, { meta }) => sum + meta.rows_written, 0),
          );
          return results;
        };
      }
      const member = target[name as keyof D1Database];
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

export default { fetch: app.fetch } satisfies ExportedHandler<Env>;
