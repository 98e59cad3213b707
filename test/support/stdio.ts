/** `npm run stdio` as clients on a machine start it, with the stdio transports of both SDK lines. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client as ModernClient } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernTransport } from '@modelcontextprotocol/client/stdio';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ElicitRequestSchema, type JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { MODERN_REVISION } from '../../src/cli/clients.ts';
import { ROOT } from '../../src/cli/project.ts';
import { ERAS, type SessionClient } from './eras.ts';
import type { Row } from './stack.ts';

/** As a person writes it into the settings of a client, which starts it anywhere. */
const NPM = { command: 'npm', args: ['run', '-s', '--prefix', ROOT, 'stdio'], cwd: tmpdir() };
/** The same without npm: sooner there. */
const NODE = { command: process.execPath, args: [join(ROOT, 'src/cli/stdio.ts')], cwd: tmpdir() };

export interface LocalOptions {
  readonly throughNpm?: boolean;
  readonly name?: string;
  /** Flags of the command. */
  readonly flags?: readonly string[];
  /** Whether the person says yes; the client can ask only where this is given. */
  readonly answer?: boolean;
}

export type Env = Readonly<Record<string, string>>;
type Era = (typeof ERAS)[number]['era'];

/** Starts the command and connects to it. Out: the client, what the command says on standard error and of progress, and its end. */
export async function openLocal(era: Era, env: Env, options: LocalOptions = {}) {
  const { command, args, cwd } = options.throughNpm === true ? NPM : NODE;
  const flags = options.flags ?? [];
  const started = {
    command,
    args: [...args, ...(options.throughNpm === true && flags.length > 0 ? ['--'] : []), ...flags],
    cwd,
    env: { ...getDefaultEnvironment(), ...env },
    stderr: 'pipe' as const,
  };
  const info = { name: options.name ?? `local ${era}`, version: '1.0.0' };
  const capabilities = options.answer === undefined ? {} : { elicitation: { form: {} } };
  const form = () => ({ action: 'accept' as const, content: { confirm: options.answer === true } });
  const modern = new ModernClient(info, { capabilities, versionNegotiation: { mode: { pin: MODERN_REVISION } } });
  const session = new Client(info, { capabilities });
  if (options.answer !== undefined) {
    modern.setRequestHandler('elicitation/create', form);
    session.setRequestHandler(ElicitRequestSchema, form);
  }
  const transport = era === 'modern' ? new ModernTransport(started) : new StdioClientTransport(started);
  const said = { text: '' };
  transport.stderr?.on('data', (part: Buffer) => {
    said.text += String(part);
  });
  const client = (era === 'modern' ? modern : session) as SessionClient;
  await client.connect(transport as Parameters<SessionClient['connect']>[0]);
  // Looked at where they arrive: a client of the SDK drops a step that it reads in one piece with the answer.
  const steps: number[] = [];
  const deliver = transport.onmessage;
  transport.onmessage = (message: JSONRPCMessage) => {
    if ('method' in message && message.method === 'notifications/progress')
      steps.push(Number(message.params?.progress));
    deliver?.(message);
  };
  const call = ERAS.find((one) => one.era === era)?.call;
  if (call === undefined) throw new Error(`There is no era ${era}.`);
  return {
    client,
    said,
    /** The progress of all calls that asked for it. */
    steps,
    pid: () => transport.pid,
    call: (name: string, args: Record<string, unknown>, how = {}) => call(client, name, args, how),
    close: () => client.close(),
  };
}

/** A directory for the log. */
export async function scratchLog() {
  const dir = await mkdtemp(join(tmpdir(), 'gatehouse-stdio-'));
  const text = () => readFile(join(dir, 'stdio-audit.ndjson'), 'utf8');
  return {
    dir,
    text,
    /** What stands in the log, line by line. */
    rows: async () =>
      (await text())
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Row),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}
