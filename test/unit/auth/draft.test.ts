/** What a token request changes is not stored before it is answered. */
import { describe, expect, it } from 'vitest';
import { Draft } from '../../../src/auth/store/draft.ts';
import type { RecordKeeper } from '../../../src/auth/store/face.ts';

function world(...stored: string[]) {
  const records = new Map(stored.map((key) => [key, 'old']));
  const keeper: RecordKeeper = {
    getRecord: (key) => (records.has(key) ? { value: records.get(key) ?? '', metadata: null } : undefined),
    putRecord: (key, value) => void records.set(key, value),
    deleteRecord: (key) => void records.delete(key),
    listRecords: (prefix, limit, cursor) => {
      const all = [...records.keys()].filter((key) => key.startsWith(prefix) && (cursor === undefined || key > cursor));
      const names = all.sort().slice(0, limit);
      const last = names.at(-1);
      return {
        keys: names.map((name) => ({ name })),
        ...(all.length > limit && last !== undefined && { cursor: last }),
      };
    },
  };
  return { records, draft: new Draft(keeper) };
}

describe('a draft', () => {
  it('reads what it wrote, and leaves what is stored alone', async () => {
    const { records, draft } = world('a', 'b');
    await draft.putRecord('a', 'new', { metadata: { x: 1 } });
    await draft.deleteRecord('b');
    await draft.putRecord('c', 'new', {});
    expect(await draft.getRecord('a')).toEqual({ value: 'new', metadata: '{"x":1}' });
    expect(await draft.getRecord('b')).toBeUndefined();
    expect(await draft.getRecord('c')).toEqual({ value: 'new', metadata: null });
    expect(await draft.getRecord('d')).toBeUndefined();
    expect([...records]).toEqual([
      ['a', 'old'],
      ['b', 'old'],
    ]);
  });

  it('lists what there would be, page by page', async () => {
    const { draft } = world('t:1', 't:2', 't:3', 'u:1');
    await draft.deleteRecord('t:2');
    await draft.putRecord('t:3', 'new', {});
    await draft.putRecord('t:4', 'new', { expiration: 9, metadata: 'm' });
    await draft.putRecord('u:2', 'new', {});
    const first = await draft.listRecords('t:', 2);
    expect(first.keys.map(({ name }) => name)).toEqual(['t:1']);
    const second = await draft.listRecords('t:', 2, first.cursor);
    expect(second.cursor).toBeUndefined();
    expect(second.keys).toEqual([{ name: 't:3' }, { name: 't:4', expiration: 9, metadata: 'm' }]);
  });

  it('hands over its changes once, in their order, and stands aside after that', async () => {
    const { records, draft } = world('a');
    await draft.putRecord('b', '1', {});
    await draft.deleteRecord('a');
    await draft.putRecord('b', '2', {});
    expect(draft.take()).toEqual([
      ['b', { value: '2', options: {} }],
      ['a', null],
    ]);
    expect(draft.take()).toEqual([]);
    await draft.putRecord('c', 'now', {});
    await draft.deleteRecord('a');
    expect([...records]).toEqual([['c', 'now']]);
    expect(await draft.getRecord('b')).toBeUndefined();
  });
});
