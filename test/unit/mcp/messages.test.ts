import { describe, expect, it } from 'vitest';
import { MAX_BATCH, parseBody } from '../../../src/mcp/messages.ts';

const request = (id: string | number) => ({ jsonrpc: '2.0', id, method: 'ping' });
const parsed = (body: unknown) => parseBody(JSON.stringify(body));

describe('the body of a request', () => {
  it('is JSON, or a parse error', () => {
    expect(parsed(request(1)).ok).toBe(true);
    expect(parseBody('{')).toMatchObject({ ok: false, error: { code: -32700 } });
  });

  it('may be a batch of limited length', () => {
    const batch = (length: number) => Array.from({ length }, (_, id) => request(id));
    expect(parsed(batch(MAX_BATCH)).ok).toBe(true);
    expect(parsed(batch(MAX_BATCH + 1))).toMatchObject({ ok: false, error: { code: -32600 } });
    expect(parsed([])).toMatchObject({ ok: false, error: { code: -32600 } });
  });

  it('may not have two requests of the same id: the second would run under the admission of the first', () => {
    expect(parsed([request(1), request(1)])).toMatchObject({ ok: false, error: { code: -32600 } });
    expect(parsed([request(1), request('1')]).ok).toBe(true);
    expect(
      parsed([
        { jsonrpc: '2.0', method: 'a' },
        { jsonrpc: '2.0', method: 'a' },
      ]).ok,
    ).toBe(true);
  });
});
