/** Output of the commands: a step is one line with a tick or a cross, rows are a table. */
import { styleText } from 'node:util';
import { errorMessage } from './errors.ts';

export class Report {
  readonly #write: (line: string) => void;
  #failed = 0;
  #passed = 0;

  /** In: where lines go, without their newline. */
  constructor(write: (line: string) => void = console.log) {
    this.#write = write;
  }

  get passed(): number {
    return this.#passed;
  }

  get failed(): number {
    return this.#failed;
  }

  heading(text: string): void {
    this.#write('');
    this.#write(styleText('bold', text));
  }

  line(text = ''): void {
    this.#write(text);
  }

  /**
   * Runs one step and writes its line. In: what it does; the work, which may answer a few words about what it found.
   * Rejects with the step's own error after writing its line.
   */
  async step<T>(what: string, work: () => Promise<T>, found: (value: T) => string = () => ''): Promise<T> {
    const began = performance.now();
    try {
      const value = await work();
      this.#passed += 1;
      this.tick(what, [found(value), `${Math.round(performance.now() - began)} ms`].filter(Boolean).join(', '));
      return value;
    } catch (error) {
      this.cross(what, errorMessage(error));
      throw error;
    }
  }

  tick(what: string, detail = ''): void {
    this.#write(`  ${styleText('green', '✔')} ${what}${detail === '' ? '' : styleText('dim', `  ${detail}`)}`);
  }

  cross(what: string, why: string): void {
    this.#failed += 1;
    this.#write(`  ${styleText('red', '✘')} ${what}: ${why}`);
  }

  table(rows: readonly Readonly<Record<string, unknown>>[]): void {
    for (const line of formatTable(rows)) this.#write(line);
  }
}

const WIDEST = 48;

/** Columns in the order of the first row; missing values are empty, long ones are cut. */
export function formatTable(rows: readonly Readonly<Record<string, unknown>>[]): string[] {
  const columns = Object.keys(rows[0] ?? {});
  const cell = (value: unknown) => {
    const text = value === null || value === undefined ? '' : String(value);
    return text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text;
  };
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => cell(row[column]).length)));
  const line = (cells: readonly string[]) =>
    `  ${cells.map((text, i) => text.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd();
  return [
    line(columns),
    line(widths.map((width) => '─'.repeat(width))),
    ...rows.map((row) => line(columns.map((column) => cell(row[column])))),
  ];
}

/** Throws when the condition does not hold. In: what was expected, for the person who reads the failure. */
export function expect(holds: boolean, expected: string): asserts holds {
  if (!holds) throw new Error(`expected ${expected}`);
}
