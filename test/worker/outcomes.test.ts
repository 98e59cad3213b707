/** How outcomes come to a gate: along with the next admission, or alone after a moment, and in no case twice. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { ulid } from '../../src/core/ids.ts';
import type { AdmitRequest, GateRpc, Settlement } from '../../src/gate/admission.ts';
import type { GateNamespace } from '../../src/gate/client.ts';
import { GateClient } from '../../src/gate/client.ts';
import { GateCounts } from '../../src/gate/counts.ts';
import { closedRecord } from '../support/closed-record.ts';

const SUCCESS = { result_status: 'success', duration_ms: 1, error_code: null, error_message: null } as const;

/** The real gates, and what was asked of them. `down` is how many questions are lost on their way. */
function watchedGates(down = 0) {
  const asked: { admitted: number; settled: string[] }[] = [];
  let left = down;
  const reach = async <T>(question: () => Promise<T>): Promise<T> => {
    if (left-- > 0) throw new Error('the gate cannot be reached');
    return await question();
  };
  const ids = (settlements: readonly Settlement[] = []) => settlements.map(({ id }) => id);
  const namespace = {
    getByName: (name: string) => {
      const real = env.GATE.getByName(name);
      return {
        admit: (request: AdmitRequest) =>
          reach(async () => {
            asked.push({ admitted: 1, settled: ids(request.settled) });
            return await real.admit(request);
          }),
        settle: (settlements: readonly Settlement[]) =>
          reach(async () => {
            asked.push({ admitted: 0, settled: ids(settlements) });
            await real.settle(settlements);
          }),
      } as unknown as GateRpc;
    },
  } satisfies GateNamespace;
  return { namespace, asked };
}

async function admit(gate: GateClient): Promise<string> {
  const id = ulid(Date.now());
  const { result_status: _, duration_ms: __, error_code: ___, error_message: ____, ...record } = closedRecord(id);
  const token = { grantId: 'g', tokenId: 't' };
  const answer = await gate.admit({ id, token, windows: [], record, concurrent: 1, deadlineMs: 60_000 });
  expect(answer.ok).toBe(true);
  return id;
}

it('the next admission of the person takes an outcome along: it is there before anything is decided', async () => {
  const { namespace, asked } = watchedGates();
  const kept: Promise<unknown>[] = [];
  const gate = new GateClient(namespace, 'default', 'outcomes_1', (work) => kept.push(work));
  const first = await admit(gate);
  const settled = gate.settle(first, SUCCESS);
  // One call may run at a time: this one is let in because the first has ended by it.
  const second = await admit(gate);
  await settled;
  expect(asked).toEqual([
    { admitted: 1, settled: [] },
    { admitted: 1, settled: [first] },
  ]);
  // Each admission, so that its call is closed where the client hangs up meanwhile.
  expect(kept).toHaveLength(2);
  await gate.settle(second, SUCCESS);
});

it('outcomes that nobody takes along go together after a moment', async () => {
  const { namespace, asked } = watchedGates();
  const gate = new GateClient(namespace, 'default', 'outcomes_2', () => {});
  const ids = ['a', 'b', 'c'].map((name) => `${name}${ulid(Date.now())}`);
  await Promise.all(ids.map((id) => gate.settle(id, SUCCESS)));
  expect(asked).toEqual([{ admitted: 0, settled: ids }]);
});

it('an outcome goes at once where no call can follow: in the object of a session', async () => {
  const { namespace, asked } = watchedGates();
  const never = () => new Promise<void>(() => {});
  await new GateClient(namespace, 'default', 'outcomes_5', undefined, never).settle('x', SUCCESS);
  expect(asked).toEqual([{ admitted: 0, settled: ['x'] }]);
});

it('an outcome of what took long goes at once: its client may have gone, and then it has no time to stay', async () => {
  const { namespace, asked } = watchedGates();
  const never = () => new Promise<void>(() => {});
  const gate = new GateClient(namespace, 'default', 'outcomes_9', () => {}, never);
  await gate.settle('x', { ...SUCCESS, duration_ms: 10_001 });
  expect(asked).toEqual([{ admitted: 0, settled: ['x'] }]);
});

it('an outcome of one person goes to the gate of nobody else', async () => {
  const { namespace, asked } = watchedGates();
  const one = new GateClient(namespace, 'default', 'outcomes_3', () => {});
  const other = new GateClient(namespace, 'acme', 'outcomes_3', () => {});
  const first = await admit(one);
  const settled = one.settle(first, SUCCESS);
  await admit(other);
  await settled;
  expect(asked.map((question) => question.settled)).toEqual([[], [], [first]]);
});

it('an admission that does not reach the gate brings what it carried by itself, later', async () => {
  const kept: Promise<unknown>[] = [];
  // Three tries of the admission, three of what it carried.
  const { namespace, asked } = watchedGates(6);
  const gate = new GateClient(env.GATE, 'default', 'outcomes_4', () => {});
  const first = await admit(gate);
  const settled = gate.settle(first, SUCCESS);
  const waits: number[] = [];
  const cut = new GateClient(
    namespace,
    'default',
    'outcomes_4',
    (work) => kept.push(work),
    async (ms) => void waits.push(ms),
  );
  await expect(admit(cut)).rejects.toMatchObject({ code: 'audit_unavailable' });
  await Promise.all([settled, ...kept]);
  expect(asked).toEqual([{ admitted: 0, settled: [first] }]);
  expect(waits).toEqual([200]);
});

it('an outcome that cannot be brought is given up in the end, and is in the log', async () => {
  const { namespace } = watchedGates(100);
  const waits: number[] = [];
  const gate = new GateClient(namespace, 'default', 'outcomes_6', undefined, async (ms) => void waits.push(ms));
  await gate.settle('lost', SUCCESS);
  expect(waits).toEqual([200, 1000, 4000]);
});

it('an outcome that comes again after its answer was lost is not counted as one that came too late', async () => {
  let answers = 0;
  const namespace = {
    getByName: (name: string) => {
      const real = env.GATE.getByName(name);
      return {
        settle: async (settlements: readonly Settlement[]) => {
          await real.settle(settlements);
          if (answers++ === 0) throw new Error('the answer is lost');
        },
      } as unknown as GateRpc;
    },
  };
  const first = await admit(new GateClient(env.GATE, 'default', 'outcomes_7'));
  await new GateClient(namespace, 'default', 'outcomes_7').settle(first, SUCCESS);
  expect(answers).toBe(2);
  const dropped = await runInDurableObject(env.GATE.getByName('default:outcomes_7'), async (_, { storage }) =>
    new GateCounts(storage).parcel(),
  );
  expect(JSON.stringify(dropped ?? {})).not.toContain('dropped_outcomes');
});

it('a call that comes while the last one only seems to run is let in, at a limit of one', async () => {
  const one = new GateClient(env.GATE, 'default', 'outcomes_8', () => {});
  const first = await admit(one);
  // Another isolate asks the gate meanwhile: it carries nothing along.
  const settled = one.settle(first, SUCCESS);
  await admit(new GateClient(env.GATE, 'default', 'outcomes_8'));
  await settled;
});
