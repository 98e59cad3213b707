/** Admissions of one person that come at the same time: one question to the gate, and each answered for itself. */
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { ulid } from '../../src/core/ids.ts';
import type { AdmitRequest, GateRpc } from '../../src/gate/admission.ts';
import { GateClient } from '../../src/gate/client.ts';
import { closedRecord } from '../support/closed-record.ts';

const SUCCESS = { result_status: 'success', duration_ms: 1, error_code: null, error_message: null } as const;

/** A person's client, and how many admissions each question to the gate had. */
async function watched(user: string) {
  const asked: number[] = [];
  // It wakes first: what waits for that for a second is asked alone.
  await env.GATE.getByName(`default:${user}`).isAlive({ grantId: 'g', tokenId: 't' });
  const namespace = {
    getByName: (name: string) => {
      const real = env.GATE.getByName(name);
      return {
        admit: async (request: AdmitRequest) => {
          asked.push(1);
          return await real.admit(request);
        },
        admitAll: async (requests: readonly AdmitRequest[]) => {
          asked.push(requests.length);
          return await real.admitAll(requests);
        },
        settle: (...args: Parameters<GateRpc['settle']>) => real.settle(...args),
      } as unknown as GateRpc;
    },
  };
  return { gate: new GateClient(namespace, 'default', user, () => {}), asked };
}

function call(count: number, id = ulid(Date.now())): AdmitRequest {
  const { result_status: _, duration_ms: __, error_code: ___, error_message: ____, ...record } = closedRecord(id);
  const windows = [{ name: 'client', key: 'client:c', count, seconds: 60 }];
  return { id, token: { grantId: 'g', tokenId: 't' }, windows, record, deadlineMs: 60_000 };
}

it('limits are as exact as for one after the other, and each refusal is that of its call', async () => {
  const { gate, asked } = await watched('together_1');
  const answers = await Promise.all(Array.from({ length: 6 }, () => gate.admit(call(4))));
  expect(asked).toEqual([1, 5]);
  expect(answers.map(({ ok }) => ok)).toEqual([true, true, true, true, false, false]);
  expect(answers.at(-1)).toMatchObject({ code: 'rate_limited', limit: 'client' });
});

it('the same call twice among them is one call', async () => {
  const { gate } = await watched('together_2');
  const same = call(2);
  const answers = await Promise.all([gate.admit(call(2)), gate.admit(same), gate.admit(same), gate.admit(call(2))]);
  expect(answers.map(({ ok }) => ok)).toEqual([true, true, true, false]);
});

it('one that the gate cannot take fails alone', async () => {
  const { gate, asked } = await watched('together_3');
  const broken = { ...call(9), windows: null } as unknown as AdmitRequest;
  const answers = await Promise.allSettled([gate.admit(call(9)), gate.admit(broken), gate.admit(call(9))]);
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  // Three tries together, then each alone.
  expect(asked.slice(0, 4)).toEqual([1, 2, 2, 2]);
});

it('outcomes that one of them carries are there before any of them is decided', async () => {
  const { gate } = await watched('together_4');
  const admit = () => gate.admit({ ...call(99), concurrent: 2 });
  const first = call(99);
  await gate.admit(first);
  const settled = gate.settle(first.id, SUCCESS);
  const answers = await Promise.all([admit(), admit()]);
  expect(answers.map(({ ok }) => ok)).toEqual([true, true]);
  await settled;
});
