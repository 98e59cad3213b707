/** How outcomes come to a gate: along with the next admission, or alone after a moment, and in no case twice. */
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { ulid } from '../../src/core/ids.ts';
import type { AdmitRequest, GateRpc, Settlement } from '../../src/gate/admission.ts';
import type { GateNamespace } from '../../src/gate/client.ts';
import { GateClient } from '../../src/gate/client.ts';
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
  expect(kept).toHaveLength(1);
  await gate.settle(second, SUCCESS);
});

it('outcomes that nobody takes along go together after a moment', async () => {
  const { namespace, asked } = watchedGates();
  const gate = new GateClient(namespace, 'default', 'outcomes_2');
  const ids = ['a', 'b', 'c'].map((name) => `${name}${ulid(Date.now())}`);
  await Promise.all(ids.map((id) => gate.settle(id, SUCCESS)));
  expect(asked).toEqual([{ admitted: 0, settled: ids }]);
});

it('an outcome of one person goes to the gate of nobody else', async () => {
  const { namespace, asked } = watchedGates();
  const one = new GateClient(namespace, 'default', 'outcomes_3');
  const other = new GateClient(namespace, 'acme', 'outcomes_3');
  const first = await admit(one);
  const settled = one.settle(first, SUCCESS);
  await admit(other);
  await settled;
  expect(asked.map((question) => question.settled)).toEqual([[], [], [first]]);
});

it('what a gate that could not be reached was to be told waits for the next admission', async () => {
  const { namespace, asked } = watchedGates(0);
  const gate = new GateClient(namespace, 'default', 'outcomes_4');
  const first = await admit(gate);
  // Three tries of the outcome alone, three of an admission that carries it.
  const { namespace: broken } = watchedGates(6);
  const cut = new GateClient(broken, 'default', 'outcomes_4');
  await expect(cut.settle(first, SUCCESS)).rejects.toMatchObject({ code: 'audit_unavailable' });
  await expect(admit(cut)).rejects.toMatchObject({ code: 'audit_unavailable' });
  await admit(gate);
  expect(asked.at(-1)).toEqual({ admitted: 1, settled: [first] });
});
