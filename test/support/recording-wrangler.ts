/**
 * STAND-IN for the wrangler executable, run as a script of its own: keeps what a Cloudflare account would keep in the
 * file STAND_IN_STATE, and writes each run with its arguments, input and environment to STAND_IN_RUNS. What it prints
 * has the shape of wrangler 4.164. `d1 execute` runs in the SQLite file STAND_IN_DB, made by the migrations.
 */
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface Account {
  signedIn: boolean;
  exists: boolean;
  secrets: string[];
  vars: Record<string, string>;
  /** The first words of a run that is to fail, such as `d1 migrations`. */
  failAt?: string;
}

export interface RecordedRun {
  args: string[];
  input: string;
  env: Record<string, string | undefined>;
}

if (import.meta.main) {
  const { STAND_IN_STATE: stateFile = '', STAND_IN_RUNS: runsFile = '' } = process.env;
  const args = process.argv.slice(2);
  const input = readFileSync(0, 'utf8');
  const run: RecordedRun = { args, input, env: { ...process.env } };
  appendFileSync(runsFile, `${JSON.stringify(run)}\n`);
  const account = JSON.parse(readFileSync(stateFile, 'utf8')) as Account;
  process.exitCode = act(account, args, input);
  writeFileSync(stateFile, JSON.stringify(account));
}

function act(account: Account, args: readonly string[], input: string): number {
  const words = args.join(' ');
  const fail = (text: string) => {
    console.error(`✘ [ERROR] ${text}`);
    return 1;
  };
  if (account.failAt !== undefined && words.startsWith(account.failAt)) {
    return fail(`A request to the Cloudflare API failed: ${input}`);
  }
  if (words === 'whoami --json') {
    console.log(JSON.stringify({ loggedIn: account.signedIn }));
    return account.signedIn ? 0 : 1;
  }
  if (words.startsWith('secret list')) {
    if (!account.exists) return fail('Worker "gatehouse" not found.');
    console.log(JSON.stringify(account.secrets.map((name) => ({ name, type: 'secret_text' }))));
    return 0;
  }
  if (words.startsWith('secret delete ')) {
    account.secrets = account.secrets.filter((name) => name !== args[2]);
    return 0;
  }
  if (words.startsWith('deployments status')) {
    const versions = [
      { version_id: 'old', percentage: 0 },
      { version_id: 'v-1', percentage: 100 },
    ];
    console.log(JSON.stringify({ id: 'd-1', versions }));
    return 0;
  }
  if (words.startsWith('versions view v-1')) {
    const plain = Object.entries(account.vars).map(([name, text]) => ({ type: 'plain_text', name, text }));
    const secret = account.secrets.map((name) => ({ type: 'secret_text', name }));
    console.log(
      JSON.stringify({ id: 'v-1', resources: { bindings: [...plain, ...secret, { type: 'd1', name: 'AUDIT_DB' }] } }),
    );
    return 0;
  }
  if (words.startsWith('deploy ')) {
    account.exists = true;
    args.forEach((arg, i) => {
      if (arg !== '--var') return;
      const [name = '', ...value] = (args[i + 1] ?? '').split(':');
      account.vars[name] = value.join(':');
    });
    const output = process.env.WRANGLER_OUTPUT_FILE_PATH ?? '';
    const entry = {
      type: 'deploy',
      version: 1,
      worker_name: 'gatehouse',
      targets: ['https://gatehouse.team.workers.dev'],
    };
    if (output !== '') writeFileSync(output, `{"type":"wrangler-session","version":1}\n${JSON.stringify(entry)}\n`);
    return 0;
  }
  if (words === 'secret bulk') {
    account.secrets = [...new Set([...account.secrets, ...Object.keys(JSON.parse(input))])];
    return 0;
  }
  if (words.startsWith('d1 migrations apply'))
    return account.exists ? 0 : fail("Couldn't find a D1 DB named 'gatehouse-audit'");
  if (words.startsWith('d1 execute')) {
    try {
      console.log(
        JSON.stringify(
          [{ results: execute(args.at(-1) ?? '', process.env.STAND_IN_DB ?? ''), success: true, meta: {} }],
          null,
          2,
        ),
      );
      return 0;
    } catch (error) {
      return fail(error instanceof Error ? error.message : String(error));
    }
  }
  return fail(`Unknown arguments: ${words}`);
}

/** In: one SQL statement, the file of a database, made with the migrations where it is not there. Out: its rows. */
export function execute(sql: string, file: string): unknown[] {
  const db = new DatabaseSync(file);
  try {
    const migrations = join(import.meta.dirname, '../../src/audit/migrations');
    if (db.prepare('SELECT 1 FROM sqlite_master').get() === undefined) {
      for (const file of readdirSync(migrations).sort()) db.exec(readFileSync(join(migrations, file), 'utf8'));
    }
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}
