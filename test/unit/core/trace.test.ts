/** Trace context: what of a client's word reaches the log. */
import { expect, it } from 'vitest';
import { traceOf } from '../../../src/core/trace.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

it('reads the traceparent of a request', () => {
  const expected = { trace_id: TRACE, parent_id: SPAN };
  expect(traceOf({ traceparent: `00-${TRACE}-${SPAN}-01` })).toEqual(expected);
  // A later version may say more (Trace Context, section 3.2.4).
  expect(traceOf({ traceparent: `01-${TRACE}-${SPAN}-01-what-is-new` })).toEqual(expected);
});

it.each([
  undefined,
  null,
  'text',
  {},
  { traceparent: 7 },
  { traceparent: '' },
  { traceparent: `00-${TRACE}-${SPAN}` },
  { traceparent: `00-${TRACE}-${SPAN}-01-more` },
  { traceparent: `ff-${TRACE}-${SPAN}-01` },
  { traceparent: `00-${'0'.repeat(32)}-${SPAN}-01` },
  { traceparent: `00-${TRACE}-${'0'.repeat(16)}-01` },
  { traceparent: `00-${TRACE.toUpperCase()}-${SPAN}-01` },
  { traceparent: `00-${TRACE}-${SPAN}-01\nforged: line` },
  { traceparent: `ghp_${'a'.repeat(36)}` },
])('takes nothing from %j', (meta) => {
  expect(traceOf(meta)).toBeUndefined();
});
