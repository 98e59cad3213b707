/** Cookies of the sign-in, of its return and of the gate's own pages: changed, swapped, twice, of another name. */
import type { Draw } from '../draw.ts';
import { spoil } from '../draw.ts';
import type { Shot } from '../shot.ts';
import type { Target } from '../target.ts';
import { oneLine } from './edge.ts';

export async function cookiesShot(draw: Draw, target: Target): Promise<Shot> {
  const [good, path] = draw.oneOf([
    [target.consent.cookie, target.authorize],
    [target.consent.cookie, `/callback?code=${draw.int(99)}&state=${encodeURIComponent(wellFormed(draw.nasty()))}`],
    [target.pageCookie, '/account'],
    [target.pageCookie, `/callback?code=x&state=${encodeURIComponent(wellFormed(draw.nasty()))}`],
    [target.pageCookie, `/confirm/${encodeURIComponent(wellFormed(draw.nasty()))}`],
    [target.pageCookie, '/account/sign-in'],
    [target.pageCookie, '/console'],
  ] as const);
  const cookies = good.split('; ').map((pair) => spoiled(draw, pair));
  if (draw.chance(0.2)) cookies.push(...cookies);
  if (draw.chance(0.2)) cookies.push(`${oneLine(draw.nasty())}=${oneLine(draw.nasty())}`);
  return {
    method: 'GET',
    target: path,
    headers: [
      ['accept', 'text/html'],
      ['cookie', oneLine(cookies.join(draw.oneOf(['; ', ';', ',', ' '])))],
    ],
  };
}

function spoiled(draw: Draw, pair: string): string {
  if (draw.chance(0.3)) return pair;
  const at = pair.indexOf('=');
  const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
  const parts = value.split('.');
  const part = draw.int(parts.length);
  parts[part] = spoil(draw, parts[part] ?? '');
  return draw.chance(0.8) ? `${name}=${parts.join('.')}` : `${spoil(draw, name)}=${value}`;
}

/** A lone half of a pair cannot be put into a URL. */
export function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udfff]/g, '\ufffd').slice(0, 2000);
}
