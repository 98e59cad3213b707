/** How long an isolate believes what it read of tenants. The clock and D1 are passed in. */
import { describe, expect, it } from 'vitest';
import { Directory, FRESH_MS, LAST_KNOWN_MS, REFRESH_MS } from '../../../src/tenants/directory.ts';
import type { TenantRow } from '../../../src/tenants/row.ts';

const row = (settings: string): TenantRow => ({ id: 'acme', settings, client_secret: null, disabled: 0 });

/** D1 with one tenant that can be changed, and that can be down; counts what it is asked. */
function world() {
  const directory = new Directory();
  const later: Promise<unknown>[] = [];
  const state = { settings: 'first', down: false, asked: 0, now: 1_000_000 };
  const load = async () => {
    state.asked += 1;
    if (state.down) throw new Error('D1 is down');
    return [row(state.settings)];
  };
  const ask = async (after: number) => {
    state.now += after;
    const rows = await directory.rows(load, state.now, (work) => later.push(work));
    const settings = rows.get('acme')?.settings;
    await Promise.all(later.splice(0));
    return settings;
  };
  return { state, ask, directory, load };
}

describe('what is known of tenants', () => {
  it('is asked once for many requests', async () => {
    const { state, ask } = world();
    for (let i = 0; i < 100; i++) await ask(REFRESH_MS / 101);
    expect(state.asked).toBe(1);
  });

  it('holds a change within 30 seconds, whether there is traffic or not', async () => {
    expect(FRESH_MS).toBe(30_000);
    const quiet = world();
    await quiet.ask(0);
    quiet.state.settings = 'second';
    expect(await quiet.ask(FRESH_MS)).toBe('second');

    const busy = world();
    await busy.ask(0);
    busy.state.settings = 'second';
    const began = busy.state.now;
    while ((await busy.ask(100)) !== 'second') expect(busy.state.now - began).toBeLessThan(FRESH_MS);
    // Read beside a request, which does not wait for it: the next one has the change.
    expect(busy.state.now - began).toBeLessThanOrEqual(REFRESH_MS + 200);
    expect(busy.state.asked).toBe(2);
  });

  it('reads beside one request at a time', async () => {
    const { state, directory, load } = world();
    const works: Promise<unknown>[] = [];
    const ask = () => directory.rows(load, state.now, (work) => works.push(work));
    await ask();
    state.now += REFRESH_MS;
    await Promise.all(Array.from({ length: 20 }, ask));
    expect([works.length, state.asked]).toEqual([1, 2]);
  });

  it('stands for five minutes where D1 is down, and then nothing is known', async () => {
    const { state, ask } = world();
    await ask(0);
    state.down = true;
    for (let waited = 0; waited + 10_000 < LAST_KNOWN_MS; waited += 10_000) expect(await ask(10_000)).toBe('first');
    await expect(ask(10_000)).rejects.toThrow('D1 is down');
    state.down = false;
    state.settings = 'second';
    expect(await ask(1)).toBe('second');
  });

  it('is nothing where D1 was never reached', async () => {
    const { state, ask } = world();
    state.down = true;
    await expect(ask(0)).rejects.toThrow('D1 is down');
  });

  it('is read anew, once, when the clock went back', async () => {
    const { state, ask } = world();
    await ask(0);
    state.settings = 'second';
    expect(await ask(-3_600_000)).toBe('second');
    await ask(1);
    expect(state.asked).toBe(2);
  });

  it('is not replaced by an older answer that comes late', async () => {
    const directory = new Directory();
    let release: (rows: TenantRow[]) => void = () => undefined;
    const slow = directory.rows(
      () => new Promise((resolve) => (release = resolve)),
      1000,
      () => undefined,
    );
    await directory.rows(
      async () => [row('new')],
      2000,
      () => undefined,
    );
    release([row('old')]);
    await slow;
    const known = await directory.rows(
      () => Promise.reject(new Error('not asked')),
      2001,
      () => undefined,
    );
    expect(known.get('acme')?.settings).toBe('new');
  });
});
