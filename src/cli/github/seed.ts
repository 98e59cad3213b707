/** Fills the emulator: people, repositories with history, issues, pull requests. Deterministic: numbers never change. */
import { isObject } from '../../core/json.ts';
import type { FileTree } from './seed-files.ts';
import { LOCALES, LONG_CHANGE, NOTES, ROUNDING_CHANGE, SECRETS, WEB } from './seed-files.ts';
import { COMMENTS, ISSUES, LABELS, LONG_THREAD_COMMENTS } from './seed-talk.ts';

export const USERS = [
  {
    login: 'octocat',
    name: 'The Octocat',
    email: 'octocat@acme.test',
    company: 'Acme',
    bio: 'Keeps the shop running.',
  },
  { login: 'hubot', name: 'Hubot', email: 'hubot@acme.test', bio: 'Answers issues.' },
  { login: 'mallory', name: 'Mallory', email: 'mallory@elsewhere.test', bio: 'On nobody’s list.' },
];

export const ORGANISATION = {
  login: 'acme',
  name: 'Acme',
  description: 'Sells anvils, honestly.',
  members: [{ login: 'octocat', role: 'admin' as const }],
};

export const REPOSITORIES = [
  {
    owner: 'acme',
    name: 'web',
    description: 'The web shop',
    language: 'TypeScript',
    topics: ['shop'],
    auto_init: true,
  },
  { owner: 'acme', name: 'secrets', description: 'Deployment notes', private: true, auto_init: true },
  { owner: 'octocat', name: 'private-notes', description: 'Mine alone', private: true, auto_init: true },
];

/** Tokens by which the seeding, and a test behind the gate's back, act as somebody. Worth nothing anywhere else. */
export const OWNER_TOKENS: ReadonlyMap<string, string> = new Map(
  USERS.map(({ login }) => [`embedded-owner-token-${login}`, login]),
);

/** Sends one request as `login`; out: the answer's object. Rejects unless it succeeded. */
export type Send = (login: string, method: string, path: string, body?: unknown) => Promise<Record<string, unknown>>;

export async function seed(send: Send): Promise<void> {
  await Promise.all([
    seedWeb(send),
    commit(send, '/repos/acme/secrets', 'main', 'Write down how we deploy', SECRETS),
    commit(send, '/repos/octocat/private-notes', 'main', 'First notes', NOTES),
  ]);
}

async function seedWeb(send: Send): Promise<void> {
  const repo = '/repos/acme/web';
  await commit(send, repo, 'main', 'Open the shop', WEB);
  for (const label of LABELS) await send('octocat', 'POST', `${repo}/labels`, label);
  // One after the other: the numbers that tests and the demo rely on follow the order.
  for (const { author, ...issue } of ISSUES) await send(author, 'POST', `${repo}/issues`, issue);
  for (const { issue, author, body } of [...COMMENTS, ...LONG_THREAD_COMMENTS]) {
    await send(author, 'POST', `${repo}/issues/${issue}/comments`, { body });
  }
  await pull(
    send,
    'octocat',
    'round-half-up',
    'Round prices half up',
    ROUNDING_CHANGE,
    'Fixes #1.\n\nUses cents until the last step.',
  );
  await pull(
    send,
    'hubot',
    'locales',
    'Add a locale for every country we ship to',
    LOCALES,
    'One file per locale, so that translators do not collide.',
  );
  await pull(send, 'octocat', 'new-prices', 'Prices for the new season', LONG_CHANGE, 'Generated from the price list.');
}

async function pull(
  send: Send,
  login: string,
  branch: string,
  title: string,
  files: FileTree,
  body: string,
): Promise<void> {
  const repo = '/repos/acme/web';
  await commit(send, repo, branch, title, files);
  await send(login, 'POST', `${repo}/pulls`, { title, body, head: branch, base: 'main' });
}

/** One commit with all of `files` on `branch`, which starts at the tip of main if it is new. */
async function commit(send: Send, repo: string, branch: string, message: string, files: FileTree): Promise<void> {
  const as = 'octocat';
  const tip = shaOf((await send(as, 'GET', `${repo}/git/ref/heads/main`)).object);
  const base = shaOf((await send(as, 'GET', `${repo}/git/commits/${tip}`)).tree);
  const tree = await Promise.all(
    Object.entries(files).map(async ([path, content]) => {
      const entry = { path, mode: '100644', type: 'blob' };
      if (content === null) return { ...entry, sha: null };
      if (typeof content === 'string') return { ...entry, content };
      const blob = { content: Buffer.from(content).toString('base64'), encoding: 'base64' };
      return { ...entry, sha: shaOf(await send(as, 'POST', `${repo}/git/blobs`, blob)) };
    }),
  );
  const saved = shaOf(await send(as, 'POST', `${repo}/git/trees`, { base_tree: base, tree }));
  const made = shaOf(await send(as, 'POST', `${repo}/git/commits`, { message, tree: saved, parents: [tip] }));
  if (branch === 'main') await send(as, 'PATCH', `${repo}/git/refs/heads/main`, { sha: made });
  else await send(as, 'POST', `${repo}/git/refs`, { ref: `refs/heads/${branch}`, sha: made });
}

function shaOf(value: unknown): string {
  if (isObject(value) && typeof value.sha === 'string') return value.sha;
  throw new Error('The emulator answered without a sha');
}
