import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/core/errors.ts';
import { RESULT_BUDGET, utf8Bytes } from '../../../src/output/budget.ts';
import { ERROR_KEY, shapeToolError, shapeToolResult } from '../../../src/output/shape.ts';

describe('shapeToolResult', () => {
  it('gives the same data as compact text and as structured content, then the links', () => {
    const link = { uri: 'github://a/b/HEAD/contents/c', name: 'c\u200b', mimeType: 'text/plain' };
    const shaped = shapeToolResult({ a: [1, 'x\u202e'], gone: undefined }, [link, { uri: 'x:y', name: 'z' }]);
    expect(shaped).toStrictEqual({
      content: [
        { type: 'text', text: '{"a":[1,"x"]}' },
        { type: 'resource_link', uri: link.uri, name: 'c', mimeType: 'text/plain' },
        { type: 'resource_link', uri: 'x:y', name: 'z' },
      ],
      structuredContent: { a: [1, 'x'] },
    });
  });

  it('sends exactly the budget, and refuses one byte more, links counted', () => {
    const filled = (bytes: number) => ({ t: 'ä'.repeat(1000) + 'x'.repeat(bytes - 2008) });
    expect(utf8Bytes(JSON.stringify(filled(RESULT_BUDGET)))).toBe(RESULT_BUDGET);
    expect(() => shapeToolResult(filled(RESULT_BUDGET))).not.toThrow();
    expect(() => shapeToolResult(filled(RESULT_BUDGET + 1))).toThrow(expect.objectContaining({ code: 'too_large' }));
    expect(() => shapeToolResult(filled(RESULT_BUDGET), [{ uri: 'u', name: '' }])).toThrow(AppError);
  });
});

it('shapeToolError says everything in the text too', () => {
  const error = new AppError('upstream_rate_limited', 'GitHub limits this.\u200b', {
    retryAfterSeconds: 7,
    details: { upstream_status: 429 },
  });
  const shaped = shapeToolError(error);
  expect(shaped.isError).toBe(true);
  expect(shaped.content).toEqual([
    {
      type: 'text',
      text: 'Error upstream_rate_limited: GitHub limits this. retry_after_seconds: 7. GitHub limits this account. Wait retry_after_seconds before calling any tool again.',
    },
  ]);
  expect(shaped._meta).toEqual({
    [ERROR_KEY]: {
      code: 'upstream_rate_limited',
      message: 'GitHub limits this.',
      hint: 'GitHub limits this account. Wait retry_after_seconds before calling any tool again.',
      retryable: true,
      retry_after_seconds: 7,
      details: { upstream_status: 429 },
    },
  });
  expect(shaped).not.toHaveProperty('structuredContent');
});
