/** Searching inside a file with get_file_contents. */
import { describe, expect, it } from 'vitest';
import { answering, json, rejection } from '../github/answering.ts';
import { call } from './calling.ts';
import { entry, file } from './upstream-samples.ts';

const place = { owner: 'octo', repo: 'hello', path: 'a.ts' };
const TEXT = Array.from(
  { length: 500 },
  (_, i) => `const value${i + 1} = ${i % 100 === 50 ? 'needle()' : 'hay()'};`,
).join('\n');

describe('get_file_contents with search', () => {
  const find = async (args: object, body: unknown = file('a.ts', `${TEXT}\n`)) =>
    await call(answering(() => json(body)).github, 'get_file_contents', { ...place, ...args });

  it('returns what matches, with numbers and what is around', async () => {
    const { structuredContent } = await find({ search: 'NEEDLE' });
    expect(structuredContent).toMatchObject({ type: 'file', path: 'a.ts', matches: 5, total_lines: 500 });
    expect(structuredContent.content).toContain('50-const value50 = hay();\n51:const value51 = needle();\n52-');
    expect(structuredContent.truncated).toBeUndefined();
  });

  it('looks in the lines asked for', async () => {
    expect((await find({ search: 'needle', start_line: 52, end_line: 300 })).structuredContent).toMatchObject({
      matches: 2,
      total_lines: 500,
    });
    expect((await find({ search: 'nowhere' })).structuredContent).toMatchObject({ content: '', matches: 0 });
  });

  it('stays in the budget where everything matches, links the whole, and reads on', async () => {
    const long = Array.from({ length: 3000 }, (_, i) => `needle ${i} ${'"'.repeat(i % 90)}`).join('\n');
    const { structuredContent, content } = await find({ search: 'needle' }, file('a.ts', long));
    expect(structuredContent).toMatchObject({
      matches: 3000,
      truncated: true,
      next: { start_line: expect.any(Number) },
    });
    expect(content.some(({ type }) => type === 'resource_link')).toBe(true);
    const { start_line } = structuredContent.next as { start_line: number };
    const rest = await find({ search: 'needle', start_line }, file('a.ts', long));
    expect(rest.structuredContent.content).toMatch(new RegExp(`^${start_line}:needle ${start_line - 1} `));
  });

  it('is for text files only', async () => {
    expect(await rejection(find({ search: 'x' }, [entry('a.ts')]))).toMatchObject({ code: 'invalid_arguments' });
    expect(await rejection(find({ search: '' }))).toMatchObject({ code: 'invalid_arguments' });
    expect((await find({ search: 'x' }, file('a.bin', new Uint8Array([0, 1])))).structuredContent).toMatchObject({
      binary: true,
    });
  });
});
