/** Cursors: they lead on in the call they came from, and nothing else opens. */
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/core/errors.ts';
import { openCursor, type PagedCall, sealCursor } from '../../../src/mcp/cursor.ts';
import { random } from '../../support/random.ts';
import { principal } from '../catalogue/calling.ts';

const [old, young] = ['a'.repeat(32), 'b'.repeat(32)].map((secret, i) => ({ id: `k${i + 1}`, secret }));
const keys = { secretKeys: [old as { id: string; secret: string }] } as const;
const args = { owner: 'acme', repo: 'web', perPage: 30, labels: ['bug'] };
const call: PagedCall = { principal, tool: 'list_tags', args };
const position = { page: 2, perPage: 30 };

/** The refusal of a cursor brought by a call, or the arguments it leads to. */
function opened(cursor: string, more: Partial<PagedCall> = {}, ring: typeof keys = keys): unknown {
  const by = { ...call, ...more };
  try {
    return openCursor(ring, { ...by, args: { ...by.args, after: cursor } });
  } catch (error) {
    return error instanceof AppError && error.code === 'invalid_arguments' ? error.details : error;
  }
}
const REFUSED = { fields: [{ field: 'after', rule: expect.stringContaining('next_cursor') }] };

describe('a cursor', () => {
  const cursor = sealCursor(keys, call, position);

  it('leads to the arguments that read on, whatever the order of the others', () => {
    expect(opened(cursor)).toEqual({ ...args, page: 2 });
    expect(opened(cursor, { args: { labels: ['bug'], repo: 'web', owner: 'acme' } })).toEqual({ ...args, page: 2 });
  });

  it('replaces itself by GitHub’s own where that is what reads on', () => {
    expect(opened(sealCursor(keys, call, { after: 'Y3Vyc29yOnYy' }))).toEqual({ ...args, after: 'Y3Vyc29yOnYy' });
  });

  it('is good for its own person, tenant, tool and arguments only', () => {
    const others: Partial<PagedCall>[] = [
      { principal: { ...principal, user: { id: 'gh_2', login: 'mona' } } },
      { principal: { ...principal, tenant: 'other' } },
      { tool: 'list_branches' },
      { args: { ...args, repo: 'api' } },
      { args: { ...args, labels: [] } },
      { args: { ...args, state: 'open' } },
    ];
    for (const other of others) expect(opened(cursor, other)).toEqual(REFUSED);
  });

  it('does not open where any character is another, one is missing, or it was made up', () => {
    const draw = random(7);
    const letters = 'ABCXYZabcxyz0189-_';
    for (let at = 0; at < cursor.length - 1; at++) {
      const letter = letters[Math.floor(draw() * letters.length)] as string;
      const changed = cursor.slice(0, at) + letter + cursor.slice(at + 1);
      if (changed !== cursor) expect(opened(changed), `at ${at}`).toEqual(REFUSED);
      expect(opened(cursor.slice(0, at)), `the first ${at}`).toEqual(REFUSED);
    }
    const forged = Buffer.from(JSON.stringify({ owner: 'evil', page: 1 })).toString('base64url');
    for (const made of ['', 'x', 'Y3Vyc29yOnYy', cursor.slice(0, 22) + forged, `${'A'.repeat(22)}bnVsbA`, '\u0000']) {
      expect(opened(made)).toEqual(REFUSED);
    }
  });

  it('opens after the key was replaced, and not where it was taken away', () => {
    const ring = { secretKeys: [young, old] } as unknown as typeof keys;
    expect(opened(cursor, {}, ring)).toEqual({ ...args, page: 2 });
    expect(opened(cursor, {}, { secretKeys: [young] } as unknown as typeof keys)).toEqual(REFUSED);
    expect(sealCursor(ring, call, position)).not.toBe(cursor);
  });
});
