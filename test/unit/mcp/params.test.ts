import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { describe, expect, it } from 'vitest';
import { problemsIn } from '../../../src/mcp/params.ts';

const issues = (...list: object[]) => JSON.stringify(list, null, 2);
const expected = { expected: 'string', code: 'invalid_type', message: 'Invalid input: expected string' };

describe('what the validator found', () => {
  it('is one sentence for each problem, the field first', () => {
    const error = new Error(
      issues({ ...expected, path: ['params', 'uri'] }, { ...expected, path: ['params', 'a', 0] }),
    );
    expect(problemsIn(error)).toBe('uri: Invalid input: expected string; a.0: Invalid input: expected string');
  });

  it('is found behind words, and names the parameters as a whole', () => {
    const text = `Invalid tools/call request: ${issues({ ...expected, path: ['params'] })}`;
    expect(problemsIn(new ProtocolError(ProtocolErrorCode.InvalidParams, text))).toBe(
      'params: Invalid input: expected string',
    );
  });

  it('is cut where there are many, and shows nothing unseen of names that others chose', () => {
    const many = Array.from({ length: 9 }, (_, i) => ({
      ...expected,
      path: ['params', `\u202e${i}\n${'x'.repeat(500)}`],
    }));
    const text = problemsIn(new Error(issues(...many))) ?? '';
    expect(text.split('; ')).toHaveLength(3);
    expect(text.length).toBeLessThan(600);
    expect(text).not.toMatch(/[\u202e\n]/);
  });

  it('is nothing in errors of another kind', () => {
    for (const message of ['', 'plain', '[', '[]', '[1]', 'a [b] c', '{"a":[]}'])
      expect(problemsIn(new Error(message))).toBeUndefined();
    expect(problemsIn('[]')).toBeUndefined();
  });
});
