/** Where things are in the checkout, and how its own tools are run. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Top of the checkout. */
export const ROOT = resolve(import.meta.dirname, '../..');
export const WRANGLER_CONFIG = join(ROOT, 'wrangler.toml');
export const MIGRATIONS = join(ROOT, 'src/audit/migrations');
export const DATABASE_NAME = 'gatehouse-audit';
export const DATABASE_BINDING = 'AUDIT_DB';
/** Where `npm start` keeps what should outlive it. */
export const DATA_DIR = process.env.DATA_DIR?.trim() || join(ROOT, '.gatehouse');
export const WRANGLER = join(ROOT, 'node_modules/wrangler/bin/wrangler.js');

/** Whether what is deployed from here has a bucket for the archive. */
export function hasArchive(config = WRANGLER_CONFIG): boolean {
  return /^\s*binding\s*=\s*"ARCHIVE"/m.test(readFileSync(config, 'utf8'));
}

export interface Ran {
  /** Exit status; 1 when a signal ended it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Written to standard input, which is then closed. */
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Every wrangler run of ours: nothing is sent about it, nothing is asked, and its words come without colours. */
export const WRANGLER_ENV = {
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_NO_SKILLS_UPDATE_PROMPTS: 'true',
  NO_COLOR: '1',
  FORCE_COLOR: '0',
};

/** Runs a script with this very Node and collects what it says. Rejects only when it cannot be started. */
export function runNode(script: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return new Promise((done, reject) => {
    const child: ChildProcess = spawn(process.execPath, [script, ...args], {
      cwd: options.cwd ?? ROOT,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.signal !== undefined && { signal: options.signal }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => done({ status: code ?? 1, stdout, stderr }));
    // A child that ends without reading its input is no failure of ours.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}
