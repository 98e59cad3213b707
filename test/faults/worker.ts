/**
 * The gate behind faults: the product's own Worker and objects, with what stands around them made to fail. Faults are set
 * with `POST /__faults`; nothing of the product is changed or left out.
 */

import { ulid } from '../../src/core/ids.ts';
import product, { Gate as RealGate, Writer as RealWriter, Registry, Session } from '../../src/index.ts';
import { closedRecord } from '../support/closed-record.ts';
import { type Faults, NO_FAULTS, type Observed } from './faults.ts';

export { Registry, Session };

/** Of this isolate, which the Worker and its objects share. */
let faults: Faults = NO_FAULTS;
let statements = 0;

const realNow = Date.now;
Date.now = () => realNow() + faults.clockMs;

const happens = (chance: number) => Math.random() < chance;

/** A database that refuses, or loses its answer after it committed. */
function faulty(db: D1Database): D1Database {
  return new Proxy(db, {
    get(target, name) {
      if (name === 'prepare') return target.prepare.bind(target);
      if (name !== 'batch') return Reflect.get(target, name);
      return async (batch: D1PreparedStatement[]) => {
        statements += batch.length;
        await scheduler.wait(faults.d1SlowMs);
        if (happens(faults.d1Fails)) throw new Error('D1 fails');
        const answer = await target.batch(batch);
        if (happens(faults.d1Loses)) throw new Error('the answer of D1 was lost');
        return answer;
      };
    },
  });
}

/** Alarms ring by the true clock, whatever the one of the isolate says. */
function byTrueClock(ctx: DurableObjectState): DurableObjectState {
  const { storage } = ctx;
  const [get, set] = [storage.getAlarm.bind(storage), storage.setAlarm.bind(storage)];
  storage.setAlarm = async (at) => await set(Number(at) - faults.clockMs);
  storage.getAlarm = async () => {
    const at = await get();
    return at === null ? null : at + faults.clockMs;
  };
  return ctx;
}

/** Loses an answer, or ends the object in the middle of everything. */
async function carried<T>(ctx: DurableObjectState, answer: Promise<T>): Promise<T> {
  const value = await answer;
  if (happens(faults.losesAnswers)) throw new Error('the answer was lost after it was committed');
  if (happens(faults.aborts)) ctx.abort('evicted by a fault');
  return value;
}

export class Gate extends RealGate {
  constructor(ctx: DurableObjectState, env: Env) {
    super(byTrueClock(ctx), env);
  }

  override async admit(...args: Parameters<RealGate['admit']>): ReturnType<RealGate['admit']> {
    return await carried(this.ctx, super.admit(...args));
  }

  override async settle(...args: Parameters<RealGate['settle']>): Promise<void> {
    await carried(this.ctx, super.settle(...args));
  }

  override async alarm(): Promise<void> {
    if (happens(faults.alarmsFail)) throw new Error('the alarm fails');
    await super.alarm();
  }

  /** Records that are open, gathered or on their way out. */
  waiting(): number {
    const { n } = this.ctx.storage.sql
      .exec<{ n: number }>(
        `WITH closed AS (
           SELECT json_extract(value, '$[0]') AS n, json_extract(value, '$[1]') AS id
           FROM journal, json_each(entry, '$.closed')
         )
         SELECT (SELECT count(*) FROM closed WHERE n > coalesce((SELECT n FROM shipped), 0))
         + (SELECT count(*) FROM journal WHERE json_extract(entry, '$.record') IS NOT NULL
            AND json_extract(entry, '$.id') NOT IN (SELECT id FROM closed))
         + (SELECT count(*) FROM repeats WHERE record IS NOT NULL) AS n`,
      )
      .one();
    return n;
  }
}

export class Writer extends RealWriter {
  constructor(ctx: DurableObjectState, env: Env) {
    super(byTrueClock(ctx), { ...env, AUDIT_DB: faulty(env.AUDIT_DB) });
  }

  override async append(...args: Parameters<RealWriter['append']>): Promise<boolean> {
    return await carried(this.ctx, super.append(...args));
  }

  override async alarm(): Promise<void> {
    if (happens(faults.alarmsFail)) throw new Error('the alarm fails');
    await super.alarm();
  }
}

/** What a call does to the gate of a person who never signed in: it is admitted and has an outcome. */
async function oneCall(env: Env, user: string): Promise<Response> {
  const gate = env.GATE.getByName(`default:${user}`);
  const id = ulid(Date.now());
  const {
    result_status,
    duration_ms,
    error_code,
    error_message,
    repeat_count: _,
    ...record
  } = closedRecord(id, {
    user_id: user,
    timestamp: new Date().toISOString(),
  });
  const token = { grantId: 'g', tokenId: 't' };
  await gate.admit({ id, token, windows: [], record, deadlineMs: 90_000 });
  await gate.settle([{ id, outcome: { result_status, duration_ms, error_code, error_message } }]);
  return new Response(id);
}

interface Waits {
  waiting(): Promise<number>;
}

export default {
  ...product,
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/__call') return await oneCall(env, searchParams.get('user') ?? '');
    if (pathname !== '/__faults') return await product.fetch(request, env, ctx);
    if (request.method === 'POST') faults = await request.json<Faults>();
    const users = searchParams.getAll('user');
    const gates = users.map((user) => env.GATE.getByName(`default:${user}`) as unknown as Waits);
    const waiting = await Promise.all(gates.map((gate) => gate.waiting()));
    return Response.json({ statements, waiting: waiting.reduce((sum, n) => sum + n, 0) } satisfies Observed);
  },
} satisfies ExportedHandler<Env>;
