/** What the local stack keeps on disk: databases, its secret key, the embedded GitHub's sign-ins. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isObject } from '../core/json.ts';
import { UserError } from './errors.ts';

export interface DataDir {
  readonly path: string;
  /** Keeps two stacks from writing to the same databases. */
  readonly release: () => Promise<void>;
}

/**
 * Takes a directory for this process. In: a path that is kept, or `undefined` for a new one that `release` removes.
 * Rejects with a UserError when another process that still runs has it.
 */
export async function takeDataDir(path: string | undefined): Promise<DataDir> {
  if (path === undefined) {
    const fresh = await mkdtemp(join(tmpdir(), 'gatehouse-'));
    return { path: fresh, release: releaseOnce(fresh) };
  }
  await mkdir(path, { recursive: true, mode: 0o700 });
  const holder = await holderOf(path);
  if (holder !== undefined && holder !== process.pid) {
    throw new UserError(
      `Another gatehouse (process ${holder}) uses ${path}. Stop it first, or name another directory with DATA_DIR.`,
    );
  }
  const lock = join(path, 'pid');
  await writeFile(lock, `${process.pid} ${await identityOf(path)}`);
  return { path, release: releaseOnce(lock) };
}

/** The process that has the directory and still runs. A copy of a directory is nobody's, whatever was copied with it. */
async function holderOf(dir: string): Promise<number | undefined> {
  const [holder = '', identity] = (await readOr(join(dir, 'pid'), '')).split(' ');
  const isCopy = identity !== undefined && identity !== (await identityOf(dir));
  return Number(holder) > 0 && !isCopy && isRunning(Number(holder)) ? Number(holder) : undefined;
}

/** What a directory keeps when it is moved, and a copy of it has not. */
async function identityOf(dir: string): Promise<string> {
  const { dev, ino } = await stat(dir, { bigint: true });
  return `${dev}:${ino}`;
}

/** Removes a path when asked, or at the latest when the process ends without having been asked. */
function releaseOnce(path: string): () => Promise<void> {
  const options = { recursive: true, force: true, maxRetries: 3 };
  const atExit = () => rmSync(path, options);
  process.once('exit', atExit);
  return async () => {
    process.off('exit', atExit);
    await rm(path, options);
  };
}

/** The key that sealed what is in the directory: made once, readable by its owner only. */
export async function secretKey(dir: string): Promise<string> {
  return await madeOnce(join(dir, 'secret-key'));
}

async function madeOnce(file: string): Promise<string> {
  const known = (await readOr(file, '')).trim();
  if (known !== '') return known;
  const made = randomBytes(32).toString('base64url');
  await writePrivate(file, made);
  return made;
}

/** What `npm run audit` shows to the gate of this directory: made once, readable by its owner only. */
export async function auditToken(dir: string): Promise<string> {
  return await madeOnce(join(dir, 'audit-token'));
}

/** The gate that runs on a directory. */
export interface RunningGate {
  /** Where workerd listens. */
  readonly origin: string;
  /** Address under which clients reach it. */
  readonly publicUrl: string;
  readonly auditToken: string;
}

/** Says that a gate runs on the directory. Out: takes that back. */
export async function writeRunning(dir: string, gate: RunningGate): Promise<() => Promise<void>> {
  const file = join(dir, 'running.json');
  await writePrivate(file, JSON.stringify(gate));
  return releaseOnce(file);
}

/** Whether a gate ever kept its database in the directory. Makes nothing. */
export async function hasLog(dir: string): Promise<boolean> {
  // Not by the database alone: wrangler makes an empty one wherever it is asked for a table.
  const database = await readdir(join(dir, 'v3', 'd1')).catch(() => []);
  return database.length > 0 && (await readOr(join(dir, 'audit-token'), '')) !== '';
}

/** The gate that runs on the directory, if one does. */
export async function readRunning(dir: string): Promise<RunningGate | undefined> {
  if ((await holderOf(dir)) === undefined) return undefined;
  const text = await readOr(join(dir, 'running.json'), '');
  return text === '' ? undefined : (JSON.parse(text) as RunningGate);
}

/** Access tokens of the embedded GitHub, so that people stay signed in when the stack restarts. */
export async function readTokens(dir: string): Promise<Record<string, string>> {
  const text = await readOr(join(dir, 'embedded-github-tokens.json'), '{}');
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

export function writeTokens(dir: string, tokens: Readonly<Record<string, string>>): Promise<void> {
  return writePrivate(join(dir, 'embedded-github-tokens.json'), JSON.stringify(tokens, null, 2));
}

async function writePrivate(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600 });
  // `mode` counts only for a file that is new.
  await chmod(file, 0o600);
}

async function readOr(file: string, fallback: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return fallback;
    throw error;
  });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
