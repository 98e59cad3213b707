import { describe, expect, it } from 'vitest';
import type { RequestLog } from '../../../src/core/log.ts';
import { logError, logLine } from '../../../src/core/log.ts';

const log = (facts: RequestLog['facts'] = {}, path = '/mcp'): RequestLog => ({
  requestId: 'req_a',
  method: 'GET',
  path,
  startedAt: 1000,
  facts,
});

describe('logLine', () => {
  it('is one line, whatever is in it', () => {
    const line = logLine(log({ error_message: 'a\nb\u2028{"forged":1}' }, '/a\nb'), 200, 1010);
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toMatchObject({ error_message: 'a\nb\u2028{"forged":1}', duration_ms: 10 });
  });

  it('clips what is long, after removing what is secret', () => {
    const secret = `${'x'.repeat(490)} ghp_${'a'.repeat(36)}`;
    const line = logLine(log({ error_message: secret }, `/${'p'.repeat(5000)}`), 200, 1000);
    expect(line.length).toBeLessThan(1500);
    expect(line).not.toContain('ghp_a');
  });

  it('never has a negative duration when the clock steps back', () => {
    expect(JSON.parse(logLine(log(), 200, 900)).duration_ms).toBe(0);
  });
});

describe('logError', () => {
  it('keeps name, message, cause and stack of an error, and only the type of anything else', () => {
    const failed = log();
    logError(failed, new TypeError('no', { cause: new Error('why') }));
    expect(failed.facts.error_message).toBe('TypeError: no (cause: Error: why)');
    expect(failed.facts.error_stack).toContain('log.test.ts');
    const thrown = log();
    logError(thrown, 'Bearer abcdefghijklmnopqrstuvwxyz');
    expect(thrown.facts).toEqual({ error_message: 'thrown: string' });
  });
});
