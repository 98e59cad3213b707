/** Choices that are the same for the same seed, and the values that break programs. */
import { random } from '../support/random.ts';

export interface Draw {
  /** In [0, 1). */
  (): number;
  /** A whole number from 0 to `below` - 1. */
  int(below: number): number;
  oneOf<T>(items: readonly T[]): T;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** A string that some program somewhere could not bear. */
  nasty(): string;
  /** Any JSON value, nasty ones among them. In: how deep it may nest. */
  json(depth?: number): unknown;
}

/** In: the run's seed and the number of the input, so that one input can be made again without the others. */
export function drawFor(seed: number, index: number): Draw {
  const next = random((seed * 0x9e3779b1 + index * 0x85ebca6b) >>> 0);
  // The first numbers of neighbouring seeds are alike.
  next();
  next();
  const int = (below: number) => Math.floor(next() * below);
  const oneOf = <T>(items: readonly T[]): T => items[int(items.length)] as T;
  const chance = (probability: number) => next() < probability;
  const nasty = () => oneOf(MAKERS)(draw);
  const json = (depth = 3): unknown => {
    if (depth > 0 && chance(0.25)) return Array.from({ length: int(4) }, () => json(depth - 1));
    if (depth > 0 && chance(0.35)) {
      return Object.fromEntries(
        Array.from({ length: int(4) }, () => [chance(0.7) ? oneOf(KEYS) : nasty(), json(depth - 1)]),
      );
    }
    return chance(0.5) ? nasty() : oneOf(ATOMS);
  };
  const draw: Draw = Object.assign(() => next(), { int, oneOf, chance, nasty, json });
  return draw;
}

const ATOMS: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  1,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  1e308,
  5e-324,
  0.1,
  '',
  [],
  {},
];

const KEYS = ['__proto__', 'constructor', 'toString', 'id', 'method', 'params', '_meta', 'name', 'arguments', ''];

const FIXED = [
  '',
  ' ',
  '\0',
  '\r\nX-Injected: yes',
  '\u202e\u200b\ufeff',
  '\ud800',
  '\u{1f469}\u200d\u{1f4bb}',
  'null',
  'undefined',
  'NaN',
  '__proto__',
  'constructor',
  '../../../../etc/passwd',
  '..%2f..%2fuser',
  '%00',
  '%',
  '%zz',
  "' OR '1'='1' --",
  "'); DROP TABLE mcp_audit_log; --",
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what an attacker sends
  '${7*7}{{7*7}}',
  '-'.repeat(3),
  '[]',
  '{}',
  '{"a":',
  'http://169.254.169.254/latest/meta-data/',
  'javascript:alert(1)',
  'github://acme/web/HEAD/contents/../../x',
  '1e999',
  '-1',
  '9'.repeat(40),
  'A'.repeat(100),
  ',',
  ';',
  '=?base64?SGVsbG8=?=',
];

const MAKERS: readonly ((draw: Draw) => string)[] = [
  (draw) => draw.oneOf(FIXED),
  (draw) => draw.oneOf(FIXED),
  (draw) => draw.oneOf(FIXED),
  (draw) => draw.oneOf(FIXED) + draw.oneOf(FIXED),
  (draw) => String.fromCharCode(...Array.from({ length: 1 + draw.int(12) }, () => draw.int(0x10000))),
  (draw) => String.fromCharCode(...Array.from({ length: 1 + draw.int(24) }, () => 0x20 + draw.int(0x5f))),
  (draw) => draw.oneOf(['a', '\u00e9', '\u{1f600}', '(', '[', '/', '.']).repeat(draw.oneOf([10, 300, 5000, 70_000])),
];

/** In: a good text. Out: the same with one or two things wrong in it. */
export function spoil(draw: Draw, text: string): string {
  const at = draw.int(text.length + 1);
  switch (draw.int(8)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + draw.nasty() + text.slice(at);
    case 2:
      return text.slice(0, at) + String.fromCharCode(draw.int(0x100)) + text.slice(at + 1);
    case 3:
      return text + text;
    case 4:
      return draw.nasty();
    case 5:
      return [...text].reverse().join('');
    case 6:
      return text.toUpperCase();
    default:
      return text.replaceAll(draw.oneOf([...text, '.']), '');
  }
}
