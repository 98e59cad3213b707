/** Secrets in what is shown to a model: gone from every part of an answer, counted once, and said. */
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/core/errors.ts';
import { redactShown } from '../../../src/core/redaction.ts';
import { RESULT_BUDGET } from '../../../src/output/budget.ts';
import {
  REDACTED_KEY,
  shapeContents,
  shapePrompt,
  shapeToolError,
  shapeToolResult,
} from '../../../src/output/shape.ts';

// Made up, and put together here so that no scanner takes them for real ones.
const TOKEN = `ghp_${'a1B2'.repeat(9)}`;
const KEY = ['-----BEGIN RSA PRIVATE', ' KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE', ' KEY-----'].join('');

describe('a tool result', () => {
  it('has none in its text, its data, its links, nor in names of members', () => {
    const links = [{ uri: `x:/${TOKEN}`, name: TOKEN }];
    const shaped = shapeToolResult({ [TOKEN]: 1, deep: [{ key: `a ${KEY} b` }] }, links);
    expect(JSON.stringify(shaped)).not.toMatch(/a1B2|MIIEow/);
    expect(shaped.structuredContent).toEqual({ '[redacted]': 1, deep: [{ key: 'a [redacted] b' }] });
    expect(shaped._meta).toEqual({ [REDACTED_KEY]: 4 });
    expect(shaped.content.at(-1)).toMatchObject({
      type: 'text',
      text: expect.stringMatching(/^redacted: 4\. .*write/),
    });
  });

  it('finds a token with invisible characters inside', () => {
    const shaped = shapeToolResult({ t: `ghp_\u200b${'a1B2'.repeat(9)}` });
    expect(shaped.structuredContent).toEqual({ t: '[redacted]' });
  });

  it('says nothing of secrets where there are none', () => {
    const shaped = shapeToolResult({ text: 'Basic authentication/authorization; bearer characteristics; sk-learn' });
    expect(shaped).not.toHaveProperty('_meta');
    expect(shaped.content).toHaveLength(1);
  });

  it('never grows by what is replaced, so that what was cut to fit still fits', () => {
    const text = 'x://a:b@c '.repeat(2400);
    const shaped = shapeToolResult({ text });
    expect(shaped.structuredContent.text).toBe('x://***@c '.repeat(2400));
    expect(text.length).toBeLessThan(RESULT_BUDGET);
  });
});

it('a failed result has none either, and keeps its code', () => {
  const shaped = shapeToolError(new AppError('upstream_invalid', `No ${TOKEN}.`));
  expect(JSON.stringify(shaped)).not.toContain('a1B2');
  expect(shaped._meta).toMatchObject({ 'gatehouse/error': { code: 'upstream_invalid' }, [REDACTED_KEY]: 1 });
});

it('a resource has none in its text, nor in its bytes, whose other bytes stay as they were', () => {
  const bytes = Buffer.concat([Buffer.from([0, 255, 128]), Buffer.from(TOKEN), Buffer.from([254])]);
  const { contents, _meta } = shapeContents([
    { uri: 'x:y', mimeType: 'text/plain', text: KEY },
    { uri: 'x:z', mimeType: 'application/octet-stream', blob: bytes.toString('base64') },
  ]);
  expect(contents[0]).toMatchObject({ text: '[redacted]' });
  const kept = Buffer.from((contents[1] as { blob: string }).blob, 'base64');
  expect(kept).toEqual(Buffer.concat([Buffer.from([0, 255, 128]), Buffer.from('[redacted]'), Buffer.from([254])]));
  expect(_meta).toEqual({ [REDACTED_KEY]: 2 });
});

it('a prompt has none in what it says of itself and in its messages', () => {
  const shaped = shapePrompt({
    description: TOKEN,
    messages: [{ role: 'user', content: { type: 'text', text: TOKEN } }],
  });
  expect(JSON.stringify(shaped)).not.toContain('a1B2');
  expect(shaped._meta).toEqual({ [REDACTED_KEY]: 2 });
});

it('a key is known by its beginning or its end alone, as pages of files cut it', () => {
  expect(redactShown(KEY.slice(0, 50))).toMatchObject({ text: '[redacted]', count: 1 });
  expect(redactShown(`${KEY.slice(40)}\nafter`)).toMatchObject({ text: '[redacted]\nafter', count: 1 });
});

it('what follows the name of a scheme is a secret if it has a digit', () => {
  expect(redactShown('Authorization: Bearer abcdefghijklmnop1').count).toBe(1);
  expect(redactShown('DPoP 0123456789abcdef').count).toBe(1);
  expect(redactShown('basic internationalization').count).toBe(0);
});
