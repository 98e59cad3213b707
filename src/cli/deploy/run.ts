/** Carries a deployment out: runs wrangler step by step, asks for what is missing, says what to do next. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../config.ts';
import { UserError } from '../errors.ts';
import type { Ran } from '../project.ts';
import { runNode, WRANGLER, WRANGLER_ENV } from '../project.ts';
import type { Settings } from '../settings.ts';
import { doubtsIn } from '../settings.ts';
import type { Remote, Step, Wanted } from './plan.ts';
import {
  activeVersion,
  addressOf,
  deployStep,
  LIST_SECRETS,
  MIGRATE,
  NOTHING,
  plainVars,
  SECRETS,
  SHOW_DEPLOYMENT,
  secretNames,
  secretStep,
  showVersion,
  WHO_AM_I,
  wanted,
} from './plan.ts';

/** Runs wrangler. In: its arguments, what goes to its standard input, variables to add to its environment. */
export type Wrangler = (args: readonly string[], input?: string, env?: Settings) => Promise<Ran>;

export interface Desk {
  readonly wrangler: Wrangler;
  /** Settings from the environment and the flags. */
  readonly given: Settings;
  /** Asks the person; `undefined` where nobody sits at a terminal. The answer is not shown while typed if `secret`. */
  readonly ask: ((name: string, secret: boolean) => Promise<string>) | undefined;
  readonly newKey: () => string;
  /** One line for the person. */
  readonly say: (line: string) => void;
}

/** A desk at which code is deployed. */
export interface ReleaseDesk extends Desk {
  /** Builds the Worker where `deployStep` finds it. */
  readonly build: () => Promise<unknown>;
  /** Whether the Worker that is built has a bucket for the archive. */
  readonly archive: boolean;
}

/** wrangler as a child process. In: its script, so that a test can put a recording one in its place. */
export function wranglerAt(script = WRANGLER, signal?: AbortSignal): Wrangler {
  // What goes to Cloudflare goes there by our steps alone.
  const hidden = Object.fromEntries(SECRETS.map((name) => [name, undefined]));
  return (args, input, env) =>
    runNode(script, args, {
      env: { ...WRANGLER_ENV, ...hidden, ...env },
      ...(input !== undefined && { input }),
      signal,
    });
}

/** Rejects with a UserError that says what to do where wrangler has no account. */
export async function assertSignedIn(desk: Desk): Promise<void> {
  const nobody = 'Nobody is signed in at Cloudflare. Run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN.';
  desk.say(WHO_AM_I.title);
  const ran = await desk.wrangler(WHO_AM_I.args);
  if (ran.status === 0) return;
  // Where that is all there is to say, wrangler's own words are noise.
  const plain = /^\s*\{\s*"loggedIn":\s*false\s*\}\s*$/.test(ran.stdout) && ran.stderr.trim() === '';
  throw new UserError(plain ? nobody : `${nobody}\n${failed(desk, WHO_AM_I, ran).message}`);
}

/** Out: the exit status. Rejects with a UserError when a step fails; running it again goes on from there. */
export async function deploy(desk: ReleaseDesk): Promise<number> {
  assertValid(desk.given);
  await assertSignedIn(desk);
  const remote = await look(desk);
  let plan = wanted(remote, desk.given, undefined, desk.newKey);
  desk.say('Build the Worker');
  await desk.build();
  // New code must not meet an old table; a first deployment has to make the database first.
  if (remote.exists) await run(desk, MIGRATE);
  const address = await release(desk, deployStep('Deploy the Worker', plan.vars));
  if (!remote.exists) await run(desk, MIGRATE);

  const stored: Remote = { exists: true, secrets: remote.secrets, vars: { ...remote.vars, ...plan.vars } };
  const key = plan.secrets.SECRET_KEY;
  plan = wanted(stored, desk.given, address, () => key ?? desk.newKey());
  const publicUrl = plan.vars.PUBLIC_URL ?? stored.vars.PUBLIC_URL;
  if (publicUrl === undefined) {
    throw new UserError(
      'The Worker has no address yet. Give it a route or a workers.dev subdomain, or set PUBLIC_URL, and run this again.',
    );
  }
  const asked = await askFor(desk, plan, publicUrl);
  plan = wanted(stored, { ...desk.given, ...asked }, address, () => key ?? desk.newKey());
  if (Object.keys(plan.secrets).length > 0) await run(desk, secretStep(plan.secrets));
  if (Object.keys(plan.vars).length > 0)
    await release(desk, deployStep(`Store ${Object.keys(plan.vars).join(', ')}`, plan.vars));
  const surroundings = { archive: desk.archive, unread: remote.secrets };
  const doubts = doubtsIn({ ...remote.vars, ...desk.given, ...asked }, surroundings);
  return conclude(desk, plan, publicUrl, doubts);
}

/** What Cloudflare knows of the Worker. */
export async function look(desk: Desk): Promise<Remote> {
  desk.say(LIST_SECRETS.title);
  const listed = await desk.wrangler(LIST_SECRETS.args);
  if (listed.status !== 0) {
    if (/\bnot found\b|does not exist|10007/i.test(listed.stdout + listed.stderr)) return NOTHING;
    throw failed(desk, LIST_SECRETS, listed);
  }
  const version = activeVersion((await run(desk, SHOW_DEPLOYMENT)).stdout);
  const vars = version === undefined ? {} : plainVars((await run(desk, showVersion(version))).stdout);
  return { exists: true, secrets: secretNames(listed.stdout), vars };
}

/** Deploys. Out: the address that wrangler names, if any. */
async function release(desk: Desk, step: Step): Promise<string | undefined> {
  const scratch = await mkdtemp(join(tmpdir(), 'gatehouse-deploy-'));
  const file = join(scratch, 'output.ndjson');
  try {
    await run(desk, step, { WRANGLER_OUTPUT_FILE_PATH: file });
    return addressOf(await readFile(file, 'utf8').catch(() => ''));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function run(desk: Desk, step: Step, env?: Settings): Promise<Ran> {
  desk.say(step.title);
  const input = step.secrets === undefined ? undefined : JSON.stringify(step.secrets);
  const ran = await desk.wrangler(step.args, input, env);
  if (ran.status !== 0) throw failed(desk, step, ran);
  return ran;
}

/** wrangler's own words, without any secret that was given to it. */
function failed({ given }: Desk, step: Step, { stdout, stderr }: Ran): UserError {
  let words = `${stdout}\n${stderr}`.trim();
  const secrets = { ...given, ...step.secrets };
  for (const name of SECRETS) {
    const value = secrets[name];
    if (value !== undefined) words = words.replaceAll(value, '[redacted]');
  }
  return new UserError(`wrangler ${step.args.slice(0, 3).join(' ')} failed:\n${words}`);
}

async function askFor(desk: Desk, plan: Wanted, publicUrl: string): Promise<Settings> {
  if (plan.missing.length === 0) return {};
  desk.say('');
  desk.say('At GitHub, register an OAuth App or a GitHub App with');
  desk.say(`  Homepage URL                ${publicUrl}`);
  desk.say(`  Authorization callback URL  ${publicUrl}/callback`);
  if (desk.ask === undefined) return {};
  const answers: Record<string, string> = {};
  for (const name of plan.missing) {
    const answer = (await desk.ask(name, SECRETS.includes(name))).trim();
    if (answer !== '') answers[name] = answer;
  }
  assertValid(answers);
  return answers;
}

/** Only what was given is judged: what is missing may be there already. Throws a UserError that names each setting. */
export function assertValid(given: Settings): void {
  const checked = parseConfig(given);
  const problems = checked.ok ? [] : checked.error.filter(({ variable }) => given[variable] !== undefined);
  if (problems.length > 0) throw new UserError(problems.map(({ variable, rule }) => `${variable} ${rule}.`).join('\n'));
}

function conclude({ say }: Desk, plan: Wanted, publicUrl: string, doubts: readonly string[]): number {
  say('');
  if (plan.missing.length > 0) {
    say(`Deployed, but not complete: set ${plan.missing.join(', ')} in the environment and run this again.`);
    say('Until then the gate answers every request with the list of what is missing.');
    return 1;
  }
  say(`MCP URL:                     ${publicUrl}/mcp`);
  say(`Callback URL for GitHub:     ${publicUrl}/callback`);
  say('Audit log, in the D1 console: SELECT * FROM mcp_audit_log ORDER BY timestamp DESC LIMIT 20');
  for (const doubt of doubts) say(`Note: ${doubt}`);
  return 0;
}
