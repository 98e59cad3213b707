/** What only administrators and operators reach: the console with hostile filters, the metrics, the audit's routes. */
import type { Draw } from '../draw.ts';
import { spoil } from '../draw.ts';
import { FUZZ_TOKENS } from '../settings.ts';
import type { Shot } from '../shot.ts';
import type { Target } from '../target.ts';
import { wellFormed } from './cookies.ts';
import { oneLine } from './edge.ts';

const FILTERS: Readonly<Record<string, readonly string[]>> = {
  user: ['octocat', 'gh_1'],
  client: ['Fuzz'],
  tool: ['get_me'],
  method: ['tools/call'],
  error: ['invalid_arguments'],
  id: ['01KA'],
  status: ['success', 'denied'],
  from: ['2026-01-01', '2026-11-24T16:30'],
  to: ['2030-01-01'],
  older: ['2030-11-24T16:30:00.000Z*01'],
  newer: ['2020-11-24T16:30:00.000Z'],
  format: ['csv', 'ndjson'],
  span: ['24h'],
};
const PATHS = ['/console', '/console', '/console/overview', '/console/export', '/console/rows/01KA', '/console/x'];
const OPERATORS = ['/metrics', '/audit/verify', '/audit/restore', '/audit/x', '/sealing-key'];

export async function consoleShot(draw: Draw, target: Target): Promise<Shot> {
  return draw.chance(0.75) ? asAdministrator(draw, target) : asOperator(draw);
}

function asAdministrator(draw: Draw, target: Target): Shot {
  const query = new URLSearchParams();
  for (let filters = draw.int(4); filters > 0; filters -= 1) {
    const name = draw.oneOf(Object.keys(FILTERS));
    const good = draw.oneOf(FILTERS[name] ?? ['']);
    query.append(name, draw.chance(0.4) ? good : wellFormed(draw.chance(0.5) ? spoil(draw, good) : draw.nasty()));
  }
  const tenant = draw.chance(0.1) ? `/t/${encodeURIComponent(wellFormed(draw.nasty()).slice(0, 50))}` : '';
  return {
    method: 'GET',
    target: `${tenant}${draw.oneOf(PATHS)}?${query}`,
    headers: [
      ['accept', 'text/html'],
      ['cookie', target.pageCookie],
    ],
  };
}

function asOperator(draw: Draw): Shot {
  const token = draw.chance(0.7) ? draw.oneOf(FUZZ_TOKENS) : oneLine(draw.nasty());
  const hasBody = draw.chance(0.5);
  return {
    method: hasBody ? 'POST' : 'GET',
    target: draw.oneOf(OPERATORS) + (draw.chance(0.4) ? `?${encodeURIComponent(wellFormed(draw.nasty()))}=1` : ''),
    headers: [
      ['authorization', `Bearer ${token}`],
      ['content-type', 'application/json'],
    ],
    body: hasBody ? JSON.stringify(draw.json()) : undefined,
  };
}
