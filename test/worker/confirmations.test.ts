/** What a gate remembers of questions and answers, on a real Durable Object: nothing passes twice on one "yes". */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { GateClient } from '../../src/gate/client.ts';
import { CONFIRM_MS, Confirmations, type PageQuestion } from '../../src/gate/confirmations.ts';
import { Journal } from '../../src/gate/journal.ts';
import { admit } from '../../src/mcp/admit.ts';
import { closedRecord } from '../support/closed-record.ts';

const question = (attempt: string, key = 'key-1'): PageQuestion => ({
  key,
  attempt,
  pending: { id: attempt, toolName: 'delete_file', arguments: '{}', clientName: 'Test', question: 'Delete a?' },
});

const gateOf = (name: string) => new GateClient(env.GATE, 'default', name);
const stubOf = (name: string) => env.GATE.getByName(`default:${name}`);
const numbers = Array.from({ length: 50 }, (_, i) => `call-${i}`);

describe('an answer', () => {
  it('is good once, however many bring it at the same time, and again for the call that had it', async () => {
    const gate = gateOf('confirm-claim');
    const taken = await Promise.all(numbers.map((attempt) => gate.claimConfirmation('state-1', attempt)));
    expect(taken.filter(Boolean)).toHaveLength(1);
    const winner = numbers[taken.indexOf(true)] as string;
    expect(await gate.claimConfirmation('state-1', winner)).toBe(true);
    expect(await gate.claimConfirmation('state-1', 'later')).toBe(false);
    expect(await gate.claimConfirmation('state-2', 'later')).toBe(true);
  });

  it('given on the page lets one of many calls through', async () => {
    const gate = gateOf('confirm-page');
    const asked = await Promise.all(numbers.map((attempt) => gate.askOnPage(question(attempt))));
    expect(new Set(asked.map(({ id }) => id)).size).toBe(1);
    const id = asked[0]?.id as string;
    expect(await stubOf('confirm-page').decideConfirmation(id, true, [])).toBe(true);
    expect(await stubOf('confirm-page').decideConfirmation(id, false, [])).toBe(false);
    expect(await stubOf('confirm-page').pendingConfirmation(id)).toBeUndefined();
    const other = await gate.askOnPage(question('other', 'key-2'));
    expect(other.status).toBe('waiting');
    const again = numbers.map((attempt) => `again-${attempt}`);
    const answers = await Promise.all(again.map((attempt) => gate.askOnPage(question(attempt))));
    expect(answers.filter(({ status }) => status === 'confirmed')).toEqual([{ status: 'confirmed', id }]);
    const winner = again[answers.findIndex(({ status }) => status === 'confirmed')] as string;
    expect(await gate.askOnPage(question(winner))).toEqual({ status: 'confirmed', id });
  });

  it('of yes does not stand where its row cannot be kept', async () => {
    const gate = gateOf('confirm-row');
    const { id } = await gate.askOnPage(question('first'));
    // No JSON has such a number.
    const broken = [closedRecord('broken', { duration_ms: 1n as unknown as number })];
    const decided = await runInDurableObject(stubOf('confirm-row'), (object) =>
      object.decideConfirmation(id, true, broken).then(
        () => 'kept',
        () => 'refused',
      ),
    );
    expect(decided).toBe('refused');
    expect(await gate.askOnPage(question('second'))).toEqual({ status: 'waiting', id });
    expect(await stubOf('confirm-row').pendingConfirmation(id)).toMatchObject({ id });
  });

  it('of no is told once, and then the question is open again', async () => {
    const gate = gateOf('confirm-no');
    const { id } = await gate.askOnPage(question('first'));
    await stubOf('confirm-no').decideConfirmation(id, false, []);
    expect(await gate.askOnPage(question('second'))).toEqual({ status: 'declined', id });
    expect(await gate.askOnPage(question('third'))).toEqual({ status: 'waiting', id: 'third' });
  });
});

describe('the record of a call that may ask', () => {
  const deadlineOf = async (
    name: string,
    tool: string,
    sessionId: string | null,
    more: Record<string, string> = {},
  ) => {
    const config = parseConfig({ ...(env as unknown as Record<string, unknown>), ...more });
    if (!config.ok) throw new Error('the tests lack settings');
    const user = { id: name, login: 'octocat' };
    const identity = { tenant: 'default', user, client: { id: 'c', name: 'C' }, scopes: [], repositories: null };
    const principal = { ...identity, grantId: 'g', tokenId: 't', expiresAt: 2e9 };
    const scope = { config: config.value, principal, gate: gateOf(name), proof: undefined, sessionId, requestId: 'r' };
    const before = Date.now();
    await admit(
      { id: 1, method: 'tools/call', params: { name: tool } },
      { ...scope, clock: Date.now, quotas: new Map() },
    );
    return await runInDurableObject(stubOf(name), (_, { storage }) => {
      const [[, { deadline = 0 }] = [0, {}]] = new Journal(storage).entries();
      return Math.round((deadline - before) / 10_000) * 10;
    });
  };

  it('stays open in a session for as long as the person may take', async () => {
    expect(await deadlineOf('deadline-1', 'merge_pull_request', 's')).toBe(30 + 600 + 60);
    expect(await deadlineOf('deadline-2', 'merge_pull_request', null)).toBe(30 + 60);
    expect(await deadlineOf('deadline-3', 'issue_write', 's')).toBe(30 + 60);
    expect(await deadlineOf('deadline-4', 'merge_pull_request', 's', { CONFIRM_OFF: 'all' })).toBe(30 + 60);
  });
});

describe('a question', () => {
  it('and its answer are over after ten minutes, and forgotten', async () => {
    await runInDurableObject(env.GATE.getByName('confirm-clock'), (_, { storage }) => {
      let now = 1_000_000;
      const confirmations = new Confirmations(storage, () => now);
      expect(confirmations.pending('first')).toBeUndefined();
      expect(confirmations.nextPurge()).toBeUndefined();
      confirmations.ask(question('first'));
      now += CONFIRM_MS - 1;
      expect(confirmations.pending('first')).toMatchObject({ question: 'Delete a?' });
      confirmations.decide('first', true);
      now += CONFIRM_MS;
      expect(confirmations.ask(question('second'))).toEqual({ status: 'waiting', id: 'second' });
      now += CONFIRM_MS;
      expect(confirmations.decide('second', true)).toBeUndefined();
      confirmations.purge();
      expect(confirmations.nextPurge()).toBeUndefined();
    });
  });
});
