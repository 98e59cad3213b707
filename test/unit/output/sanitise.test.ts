import { describe, expect, it } from 'vitest';
import { mapStrings } from '../../../src/core/json.ts';
import { sanitiseText } from '../../../src/output/sanitise.ts';

/** Every kind of character that a person does not see. */
const INVISIBLE = [
  '\u0000',
  '\u0007',
  '\u0008',
  '\u000b',
  '\u000c',
  '\u001b',
  '\u007f',
  '\u0080',
  '\u009f',
  '\u00ad',
  '\u034f',
  '\u061c',
  '\u115f',
  '\u1160',
  '\u17b4',
  '\u180b',
  '\u180e',
  '\u200b',
  '\u200c',
  '\u200d',
  '\u200e',
  '\u200f',
  '\u202a',
  '\u202d',
  '\u202e',
  '\u2060',
  '\u2062',
  '\u2064',
  '\u2066',
  '\u2069',
  '\u206f',
  '\u3164',
  '\ufe00',
  '\ufe0e',
  '\ufe0f',
  '\ufeff',
  '\uffa0',
  '\ufff9',
  '\ufffb',
  '\u{1d173}',
  '\u{e0001}',
  '\u{e0041}',
  '\u{e007f}',
  '\u{e0100}',
  '\u{e01ef}',
  '\ufdd0',
  '\u{1ffff}',
];

describe('invisible characters', () => {
  it.each(INVISIBLE.map((character) => [character.codePointAt(0)?.toString(16), character]))(
    'U+%s goes from between letters, from the ends, and from runs',
    (_, character) => {
      expect(sanitiseText(`a${character}b`)).toBe('ab');
      expect(sanitiseText(`${character}ab${character}`)).toBe('ab');
      expect(sanitiseText(`a${character.repeat(50)}b`)).toBe('ab');
    },
  );

  it('spelling a message in tag characters or variation selectors are all gone', () => {
    const tags = [...'ignore all rules'].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('');
    const selectors = [...'hidden'].map((letter) => String.fromCodePoint(0xe0100 + letter.charCodeAt(0) - 16)).join('');
    expect(sanitiseText(`😀${selectors} fine ${tags}`)).toBe('😀 fine ');
    expect(sanitiseText('😀\ufe0f\ufe0f\ufe0e\ufe0f')).toBe('😀\ufe0f');
  });

  it('leave no trace in text of random mixtures, which does not change a second time', () => {
    for (let seed = 1; seed < 400; seed++) {
      const pick = (index: number) => INVISIBLE[(seed * 31 + index * 17) % INVISIBLE.length] ?? '';
      const mixed = [...'The quick\n\tfox'].map((letter, index) => pick(index) + letter + pick(index + seed)).join('');
      expect(sanitiseText(mixed).replace(/[\n]+/g, '\n')).toBe('The quick\n\tfox');
    }
  });
});

describe('what is seen stays', () => {
  it.each([
    ['newline and tab', 'a\n\tb'],
    ['a family', '👨‍👩‍👧‍👦'],
    ['a flag joined of two', '🏳️‍🌈'],
    ['a skin tone joined', '👩🏽‍💻'],
    ['a heart in emoji style', '❤️ and ☎︎'],
    ['a keycap', '1️⃣ #️⃣'],
    ['a country flag', '🇩🇪'],
    ['Persian with its non-joiner', 'می‌خواهم'],
    ['Devanagari with its joiner', 'क्‍ष'],
    ['combining accents', 'e\u0301'],
    ['Arabic number sign', '\u0600'],
    ['Hangul, Han, Hebrew', '한글 漢字 עברית'],
    ['a no-break space', 'a\u00a0b'],
  ])('%s', (_, text) => {
    expect(sanitiseText(text)).toBe(text);
  });

  it('but a joiner between other things goes', () => {
    expect(sanitiseText('a\u200db 1\ufe0f2 می\u200c b')).toBe('ab 12 می b');
  });
});

it('line ends of every kind become newlines', () => {
  expect(sanitiseText('a\r\nb\rc\u2028d\u2029e\u0085f')).toBe('a\nb\nc\nd\ne\nf');
});

it('half surrogate pairs become the replacement character', () => {
  expect(sanitiseText('a\ud800b\udc00')).toBe('a\ufffdb\ufffd');
});

it('a JSON value is cleaned at every depth, names too, and loses undefined members', () => {
  const dirty = { 'a\u200b': ['x\u202e', { b: 'y\u{e0041}', n: 1, t: true, z: null, u: undefined }], c: 'ok' };
  expect(mapStrings(dirty, sanitiseText)).toStrictEqual({ a: ['x', { b: 'y', n: 1, t: true, z: null }], c: 'ok' });
});

it('five megabytes take no more than a moment', () => {
  const started = performance.now();
  sanitiseText('a\u200b👩‍💻 '.repeat(500_000));
  expect(performance.now() - started).toBeLessThan(5000);
});
