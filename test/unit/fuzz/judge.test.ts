import { describe, expect, it } from 'vitest';
import { drawFor } from '../../fuzz/draw.ts';
import { faultOf, faultOfLog } from '../../fuzz/judge.ts';
import { parseAnswer } from '../../fuzz/shot.ts';

const hit = (status: number, body = '', headers: Record<string, string> = {}) => ({
  status,
  body,
  headers: new Map(Object.entries(headers)),
  timedOut: false,
});

describe('the judge of the fuzz', () => {
  it('lets refusals pass, and 501 of the runtime, which never asked the Worker', () => {
    for (const status of [0, 200, 302, 400, 401, 413, 421]) expect(faultOf(hit(status))).toBeUndefined();
    expect(faultOf(hit(501))).toBeUndefined();
  });

  it('sees failures of ours, in statuses and in answers that say they are good', () => {
    expect(faultOf(hit(501, '', { 'x-request-id': 'req_x' }))).toBe('status 501');
    expect(faultOf(hit(500))).toBe('status 500');
    expect(faultOf(hit(503))).toBe('status 503');
    expect(faultOf(hit(200, '{"error":{"code":-32603}}'))).toBe('an internal error');
    expect(faultOf(hit(200, '{"_meta":{"gatehouse/error":{"code":"internal"}}}'))).toBe('an internal error');
    expect(faultOf(hit(200, 'Error\n    at run (index.js:1:2)\n'))).toBe('a stack trace');
    expect(faultOf({ ...hit(0), timedOut: true })).toBe('no answer in time');
  });

  it('sees what the log says of failures', () => {
    expect(faultOfLog({ level: 'log', message: '{"status":404}' })).toBeUndefined();
    expect(faultOfLog({ level: 'log', message: '{"status":500}' })).toBeDefined();
    expect(faultOfLog({ level: 'error', message: '{"event":"call_failed"}' })).toBeDefined();
    expect(faultOfLog({ level: 'error', message: 'Uncaught (in promise) Error: x' })).toBeDefined();
  });
});

it('the same seed and number draw the same, others something else', () => {
  const drawn = (seed: number, index: number) => {
    const draw = drawFor(seed, index);
    return [draw(), draw.nasty(), JSON.stringify(draw.json())];
  };
  expect(drawn(7, 3)).toEqual(drawn(7, 3));
  expect(drawn(7, 3)).not.toEqual(drawn(7, 4));
  expect(drawn(7, 3)).not.toEqual(drawn(8, 3));
});

it('reads an answer in chunks, whole or not', () => {
  const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
  expect(parseAnswer(Buffer.from(`${head}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`))).toMatchObject({
    status: 200,
    body: 'abcde',
  });
  expect(parseAnswer(Buffer.from(`${head}3\r\nabc\r\n5\r\nd`)).body).toBe('abcd');
  expect(parseAnswer(Buffer.alloc(0)).status).toBe(0);
});
