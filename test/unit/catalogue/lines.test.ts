/** Lines chosen from a text that streams: right for every cut, and flat in memory. */
import { describe, expect, it } from 'vitest';
import { choose, chooseOf, linesOf, rangeOf, searchIn, tailOf } from '../../../src/catalogue/lines.ts';
import { cleanerOf } from '../../../src/catalogue/log-line.ts';
import { jsonBytes } from '../../../src/output/budget.ts';
import { random } from '../../support/random.ts';

const same = (line: string) => line;
const lines = (count: number) => Array.from({ length: count }, (_, i) => `line ${i + 1}`);

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function allOf(text: string, size: number): Promise<string[]> {
  const all: string[] = [];
  for await (const part of linesOf(pieces(text, size))) all.push(...part);
  return all;
}

describe('lines of a stream', () => {
  it.each([1, 2, 3, 7, 1000])('are whole however it is cut, in pieces of %d bytes', async (size) => {
    expect(await allOf('é\n配送\n\n😀 end', size)).toEqual(['é', '配送', '', '😀 end']);
    expect(await allOf('a\nb\n', size)).toEqual(['a', 'b']);
    expect(await allOf('', size)).toEqual([]);
  });

  it('keep only the beginning of a line without end', async () => {
    const [first, second] = await allOf(`${'x'.repeat(500_000)}\nnext`, 4096);
    expect(first?.length).toBeLessThan(75_000);
    expect(second).toBe('next');
  });
});

describe('a range', () => {
  it('is what was asked for, and says how to read on', () => {
    expect(chooseOf(lines(10), rangeOf(3, 5, 1000, same))).toEqual({
      content: 'line 3\nline 4\nline 5',
      start_line: 3,
      end_line: 5,
      truncated: true,
      next_start_line: 6,
    });
    expect(chooseOf(lines(10), rangeOf(9, 99, 1000, same))).toEqual({
      content: 'line 9\nline 10',
      start_line: 9,
      end_line: 10,
      total_lines: 10,
    });
    expect(chooseOf(lines(10), rangeOf(11, 99, 1000, same))).toEqual({ content: '', total_lines: 10 });
    expect(chooseOf([], rangeOf(1, 99, 1000, same))).toEqual({ content: '', total_lines: 0 });
  });

  it('read on to the end gives every line once, whatever they hold', () => {
    const next = random(5);
    for (let round = 0; round < 30; round++) {
      const text = Array.from({ length: 200 }, () => '"é\t\\x'.repeat(Math.floor(next() * 20)));
      const seen: string[] = [];
      for (let start: number | undefined = 1; start !== undefined; ) {
        const part = chooseOf(text, rangeOf(start, 1e9, 700, same));
        expect(jsonBytes(part.content)).toBeLessThanOrEqual(702);
        seen.push(...part.content.split('\n'));
        start = part.next_start_line;
      }
      expect(seen).toEqual(text);
    }
  });

  it('stops reading where it has enough', async () => {
    let read = 0;
    async function* endless() {
      for (;;) yield [`line ${++read}`];
    }
    const part = await choose(endless(), rangeOf(1, 2, 1000, same));
    expect(part).toMatchObject({ end_line: 2, next_start_line: 3 });
    expect(read).toBe(3);
  });

  it('gives the beginning of a line that is longer than all the room', () => {
    const part = chooseOf(['x'.repeat(5000), 'next'], rangeOf(1, 9, 100, same));
    expect(part).toMatchObject({ line_cut: true, truncated: true, end_line: 1, next_start_line: 2 });
    expect(part.content).toHaveLength(100);
  });
});

describe('a tail', () => {
  it('is the end, as much as was asked for and fits', () => {
    expect(chooseOf(lines(10), tailOf(2, 1000, same))).toEqual({
      content: 'line 9\nline 10',
      start_line: 9,
      end_line: 10,
      total_lines: 10,
      truncated: true,
    });
    expect(chooseOf(lines(3), tailOf(500, 1000, same))).toEqual({
      content: 'line 1\nline 2\nline 3',
      start_line: 1,
      end_line: 3,
      total_lines: 3,
    });
    expect(chooseOf(lines(1000), tailOf(500, 100, same))).toMatchObject({ end_line: 1000, truncated: true });
    expect(chooseOf([], tailOf(500, 100, same))).toEqual({ content: '', total_lines: 0 });
    expect(chooseOf(['x'.repeat(5000)], tailOf(500, 100, same))).toMatchObject({ line_cut: true, start_line: 1 });
  });
});

describe('a search', () => {
  const text = lines(30).map((line, i) => (i === 9 || i === 11 || i === 25 ? `${line} ERROR` : line));

  it('shows matches in any case with their surroundings, like grep -n', () => {
    const found = chooseOf(text, searchIn('error', 1, 1e9, 10_000, same));
    expect(found.content.split('\n')).toEqual([
      '8-line 8',
      '9-line 9',
      '10:line 10 ERROR',
      '11-line 11',
      '12:line 12 ERROR',
      '13-line 13',
      '14-line 14',
      '--',
      '24-line 24',
      '25-line 25',
      '26:line 26 ERROR',
      '27-line 27',
      '28-line 28',
    ]);
    expect(found).toMatchObject({ matches: 3, total_lines: 30 });
    expect(found.truncated).toBeUndefined();
  });

  it('looks in the range only, and finds nothing where there is nothing', () => {
    expect(chooseOf(text, searchIn('error', 11, 20, 10_000, same))).toMatchObject({ matches: 1 });
    expect(chooseOf(text, searchIn('nope', 1, 1e9, 10_000, same))).toEqual({
      content: '',
      matches: 0,
      total_lines: 30,
    });
  });

  it('counts all matches where not all fit, and reads on', () => {
    const all = lines(100).map((line) => `${line} ${'e'.repeat(30)}`);
    const seen: string[] = [];
    for (let start: number | undefined = 1; start !== undefined; ) {
      const part = chooseOf(all, searchIn('EEE', start, 1e9, 600, same));
      expect(part.matches).toBe(100 - start + 1);
      expect(jsonBytes(part.content)).toBeLessThanOrEqual(602);
      seen.push(...part.content.split('\n').filter((line) => /^\d+:/.test(line)));
      start = part.next_start_line;
    }
    expect(seen).toHaveLength(100);
  });

  it('shows of a very long line what is around the match', () => {
    const [shown = ''] = chooseOf(
      [`${'a'.repeat(9000)}NEEDLE${'b'.repeat(9000)}`],
      searchIn('needle', 1, 9, 2000, same),
    ).content.split('\n');
    expect(shown.length).toBeLessThan(420);
    expect(shown).toContain('aNEEDLEb');
  });
});

describe('a line of a log', () => {
  const clean = cleanerOf(false);
  it.each([
    ['2026-01-01T00:00:00.1234567Z hello', 'hello'],
    ['\ufeff2026-01-01T00:00:00.1234567Z hello\r', 'hello'],
    ['\u001b[32;1m✔\u001b[39m ok \u001b]8;;https://x.test\u0007link\u001b]8;;\u0007', '✔ ok link'],
    ['10%\r50%\r100%', '100%'],
    ['a\u2028b\u202e\u200b', 'a b'],
    ['no time', 'no time'],
  ])('%j is shown as %j', (raw, shown) => {
    expect(clean(raw)).toBe(shown);
  });

  it('keeps its time where that is asked for', () => {
    expect(cleanerOf(true)('2026-01-01T00:00:00.1234567Z x')).toBe('2026-01-01T00:00:00.1234567Z x');
  });
});

describe('200,000 lines', () => {
  async function* log(): AsyncGenerator<Uint8Array> {
    const encoder = new TextEncoder();
    for (let part = 0; part < 400; part++) {
      const text = Array.from({ length: 500 }, (_, i) => {
        const number = part * 500 + i + 1;
        return `2026-01-01T00:00:00.1234567Z \u001b[36mstep\u001b[0m ${number} ${'x'.repeat(80)}${number % 40_000 === 0 ? ' ##[error]' : ''}\n`;
      }).join('');
      yield encoder.encode(text);
    }
  }
  const room = 23_000;
  const clean = cleanerOf(false);

  it.each([
    ['tail', tailOf(500, room, clean), { end_line: 200_000, total_lines: 200_000, truncated: true }],
    ['range', rangeOf(150_000, 150_100, room, clean), { start_line: 150_000, end_line: 150_100 }],
    ['search', searchIn('##[ERROR]', 1, 1e9, room, clean), { matches: 5, total_lines: 200_000 }],
  ])('%s: within the room, memory flat', async (_, chooser, expected) => {
    let peak = 0;
    const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
    let count = 0;
    async function* watched() {
      for await (const chunk of log()) {
        yield chunk;
        if (++count % 10 === 0) globalThis.gc?.();
        const { heapUsed, arrayBuffers } = process.memoryUsage();
        peak = Math.max(peak, heapUsed + arrayBuffers - before);
      }
    }
    const chosen = await choose(linesOf(watched()), chooser);
    expect(chosen).toMatchObject(expected);
    expect(jsonBytes(chosen.content)).toBeLessThanOrEqual(room + 2);
    expect(peak).toBeLessThan(64 * 1024 * 1024);
  });
});
