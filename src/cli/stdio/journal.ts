/**
 * The log of a local server: one closed record a line, as JSON, with the names of the columns of `mcp_audit_log`. There is
 * no chain: whoever may write the file may change it, and that is the person themselves.
 */
import { chmodSync, closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClosedRecord } from '../../core/record.ts';
import { errorMessage, UserError } from '../errors.ts';

export const JOURNAL = 'stdio-audit.ndjson';

export class Journal {
  readonly file: string;
  readonly #write: (text: string) => number;
  /** Lines that could not be written yet. */
  readonly #waiting: string[] = [];
  /** Whether the last line stands there by half. */
  #torn = false;

  /** `write` appends a text and says how many of its bytes it wrote; it throws where it cannot. */
  constructor(file: string, write: (text: string) => number) {
    this.file = file;
    this.#write = write;
  }

  /** Whether a record waits that could not be written. */
  get failing(): boolean {
    return this.#waiting.length > 0;
  }

  /** Writes a record, or keeps it until it can be written: see `isWritable`. */
  append({ upstream: _counted, ...record }: ClosedRecord): void {
    this.#waiting.push(`${JSON.stringify({ ...record, redacted_count: record.redacted_count ?? null })}\n`);
    if (this.isWritable()) return;
    console.error(`Gatehouse: ${this.file} cannot be written. Calls are refused until it can.`);
  }

  /** Tries what waits once more. Out: whether the log is whole, so that a call may run. */
  isWritable(): boolean {
    try {
      for (let line = this.#waiting[0]; line !== undefined; line = this.#waiting[0]) {
        const text = this.#torn ? `\n${line}` : line;
        const written = this.#write(text);
        this.#torn = written < Buffer.byteLength(text);
        if (this.#torn) return false;
        this.#waiting.shift();
      }
      return true;
    } catch {
      return false;
    }
  }
}

/** Opens the log in a directory, which is made where it is missing. Rejects with a UserError where it cannot be written. */
export async function openJournal(dir: string): Promise<Journal> {
  const file = join(dir, JOURNAL);
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const { O_APPEND, O_CREAT, O_WRONLY } = constants;
    const descriptor = openSync(file, O_APPEND | O_CREAT | O_WRONLY, 0o600);
    process.once('exit', () => closeSync(descriptor));
    // The mode above counts only for a file that is new.
    if (fstatSync(descriptor).isFile()) chmodSync(file, 0o600);
    return new Journal(file, (text) => writeSync(descriptor, text));
  } catch (error) {
    throw new UserError(`The log cannot be written, and no call runs without it: ${errorMessage(error)}`);
  }
}
