/** What a session can give again of its streams, on real SQLite. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { EventLog } from '../../src/mcp/event-log.ts';

type Message = Parameters<EventLog['storeEvent']>[1];
const message = (id: number, text: string): Message => ({ jsonrpc: '2.0', id, result: { text } });

/** Replays a stream from its first event. */
async function after(log: EventLog, id: string): Promise<unknown[]> {
  const sent: unknown[] = [];
  await log.replayEventsAfter(id, {
    send: async (_, event) => {
      sent.push(event);
    },
  });
  return sent;
}

const inSession = (test: (log: EventLog) => Promise<void>) =>
  runInDurableObject(env.SESSION.get(env.SESSION.newUniqueId()), (_, { storage }) => test(new EventLog(storage.sql)));

it('an event above 500,000 characters is not kept; those around it are given again', async () => {
  await inSession(async (log) => {
    const first = await log.storeEvent('s', message(1, 'before'));
    const fits = message(2, 'x'.repeat(500_000 - JSON.stringify(message(2, '')).length));
    await log.storeEvent('s', fits);
    // Without the limit, a row of 2 MB would make the answer fail that it belongs to.
    const long = await log.storeEvent('s', message(3, 'x'.repeat(3_000_000)));
    await log.storeEvent('s', message(4, 'after'));
    expect(await after(log, first)).toEqual([fits, message(4, 'after')]);
    expect(await after(log, long)).toEqual([message(4, 'after')]);
  });
});

it('gives again what belongs to the stream, and the newest 200 events of all', async () => {
  await inSession(async (log) => {
    const first = await log.storeEvent('a', message(1, 'a'));
    const other = await log.storeEvent('b', message(2, 'b'));
    await log.storeEvent('a', message(3, 'c'));
    expect(await after(log, first)).toEqual([message(3, 'c')]);
    for (let i = 0; i < 199; i++) await log.storeEvent('a', message(10 + i, 'more'));
    expect(await log.getStreamIdForEventId(first)).toBeUndefined();
    expect(await log.getStreamIdForEventId(other)).toBeUndefined();
    for (const unknown of [first, '0', '-1', 'x', '1 OR 1=1', '9'.repeat(30)]) {
      await expect(after(log, unknown)).rejects.toThrow('unknown event id');
    }
  });
});
