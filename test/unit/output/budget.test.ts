import { describe, expect, it } from 'vitest';
import { countFitting, cutPage, cutText, jsonBytes, pageAfter, utf8Bytes } from '../../../src/output/budget.ts';
import { random } from '../../support/random.ts';

describe('cutText', () => {
  it('leaves alone what fits', () => {
    expect(cutText('a\nb', 4)).toEqual({ text: 'a\nb', truncated: false, lines: 2, lineCut: false });
    expect(cutText('', 0)).toEqual({ text: '', truncated: false, lines: 0, lineCut: false });
  });

  it('cuts at the end of the last whole line', () => {
    expect(cutText('one\ntwo\nthree', 10)).toEqual({ text: 'one\ntwo', truncated: true, lines: 2, lineCut: false });
    expect(cutText('one\ntwo\nthree', 8)).toEqual({ text: 'one\ntwo', truncated: true, lines: 2, lineCut: false });
    expect(cutText('one\ntwo\nthree', 7)).toEqual({ text: 'one', truncated: true, lines: 1, lineCut: false });
  });

  it('cuts inside a line only where the first does not fit, and says so', () => {
    expect(cutText('abcdef\ng', 3)).toEqual({ text: 'abc', truncated: true, lines: 1, lineCut: true });
    expect(cutText('\nabc', 2)).toEqual({ text: '', truncated: true, lines: 1, lineCut: false });
  });

  it('never cuts inside a code point, counts escapes, and never exceeds its bytes', () => {
    const draw = random(7);
    const letters = ['a', 'ä', '漢', '😀', '\n', '"', '\\', '\t', '\u0001', '👩‍💻'];
    for (let round = 0; round < 2000; round++) {
      const text = Array.from(
        { length: Math.floor(draw() * 60) },
        () => letters[Math.floor(draw() * letters.length)],
      ).join('');
      const max = Math.floor(draw() * 120);
      const cut = cutText(text, max);
      expect(jsonBytes(cut.text) - 2).toBeLessThanOrEqual(max);
      expect(text.startsWith(cut.text)).toBe(true);
      expect(cut.text.isWellFormed()).toBe(true);
      expect(cut.truncated).toBe(cut.text !== text);
      if (cut.truncated && !cut.lineCut) expect(text[cut.text.length]).toBe('\n');
      if (cut.truncated) expect(text.split('\n').slice(0, cut.lines).join('\n').startsWith(cut.text)).toBe(true);
    }
  });
});

it('countFitting counts whole items with their commas', () => {
  expect(countFitting(['aa', 'bb', 'cc'], 10)).toBe(2);
  expect(countFitting(['aa', 'bb', 'cc'], 14)).toBe(2);
  expect(countFitting(['aa', 'bb', 'cc'], 15)).toBe(3);
  expect(countFitting(['ä'.repeat(10)], 20)).toBe(0);
  expect(countFitting([], 0)).toBe(0);
});

describe('cutPage', () => {
  it('keeps all where all fit', () => {
    expect(cutPage(30, 30, 30)).toEqual({ keep: 30 });
  });

  it('names a page that begins right after what was kept, whatever was asked', () => {
    for (let skipped = 0; skipped <= 400; skipped += 7) {
      for (let count = 1; count <= 120; count += 3) {
        for (let fitting = 0; fitting < count; fitting += 5) {
          const { keep, next } = cutPage(skipped, fitting, count);
          expect(keep).toBeGreaterThan(0);
          expect(keep).toBeLessThanOrEqual(Math.max(1, fitting));
          expect(next).toBeDefined();
          expect(((next?.page ?? 0) - 1) * (next?.perPage ?? 0)).toBe(skipped + keep);
          expect(next?.perPage).toBeLessThanOrEqual(100);
        }
      }
    }
  });

  it('does not give away much to get there', () => {
    expect(cutPage(0, 37, 100)).toEqual({ keep: 37, next: { page: 2, perPage: 37 } });
    expect(cutPage(100, 37, 100)).toEqual({ keep: 36, next: { page: 3, perPage: 68 } });
    expect(cutPage(0, 237, 300).keep).toBeGreaterThan(200);
  });
});

it('pageAfter finds the largest page', () => {
  expect(pageAfter(100)).toEqual({ page: 2, perPage: 100 });
  expect(pageAfter(97)).toEqual({ page: 2, perPage: 97 });
  expect(pageAfter(101)).toEqual({ page: 102, perPage: 1 });
});

it('utf8Bytes counts bytes, not characters', () => {
  expect(utf8Bytes('aä漢😀')).toBe(10);
});
