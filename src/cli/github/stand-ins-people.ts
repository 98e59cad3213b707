/**
 * What the emulator does not have at all: gists and stars, kept here in memory, and the one GraphQL query for teams,
 * answered from the emulator's own organisations and teams.
 */
import { isObject } from '../../core/json.ts';
import type { Call } from './stand-ins.ts';
import { bodyOf, get, githubError, listOf, paged } from './stand-ins.ts';
import type { Answer, Upstream } from './upstream.ts';
import { jsonAnswer, readJson } from './upstream.ts';

interface Gist {
  readonly id: string;
  readonly owner: string;
  readonly public: boolean;
  description: string;
  readonly files: Map<string, string>;
  readonly createdAt: string;
  updatedAt: string;
}

interface Kept {
  readonly gists: Map<string, Gist>;
  /** Repositories by the login that starred them, newest last. */
  readonly stars: Map<string, Set<string>>;
}

/** One memory per emulator. */
const kept = new WeakMap<Upstream, Kept>();

/** The stood-in answer to a call, or `undefined` when it is none of these. */
export async function peopleStandIn(call: Call): Promise<Answer | undefined> {
  const { pathname } = call.url;
  const memory = kept.get(call.upstream) ?? { gists: new Map(), stars: new Map() };
  kept.set(call.upstream, memory);
  if (pathname === '/graphql' && /\bteams\(/.test(String(bodyOf(call).query))) return teams(call);
  if (pathname === '/gists' || pathname.startsWith('/gists/')) return gists(call, memory);
  const theirs = /^\/users\/([^/]+)\/(gists|starred)$/.exec(pathname);
  if (theirs?.[2] === 'gists') return gistsOf(call, memory, theirs[1] ?? '');
  if (theirs !== null) return starred(call, memory, theirs[1] ?? '');
  if (pathname === '/user/starred') return starred(call, memory, call.login);
  const star = /^\/user\/starred\/([^/]+\/[^/]+)$/.exec(pathname);
  return star === null ? undefined : changeStar(call, memory, star[1] ?? '');
}

function gists(call: Call, { gists: all }: Kept): Answer {
  if (call.url.pathname === '/gists' && call.method === 'GET')
    return gistsOf(call, { gists: all, stars: new Map() }, call.login);
  const body = bodyOf(call);
  const now = new Date().toISOString();
  if (call.url.pathname === '/gists') {
    const id = (all.size + 1).toString(16).padStart(32, '0');
    const made = { id, owner: call.login, public: body.public === true, files: new Map(), createdAt: now };
    const gist: Gist = { ...made, description: '', updatedAt: now };
    all.set(id, gist);
    change(gist, body);
    return jsonAnswer(201, shown(gist));
  }
  const gist = all.get(call.url.pathname.slice('/gists/'.length));
  if (gist === undefined || (call.method === 'PATCH' && gist.owner !== call.login))
    return githubError(404, 'Not Found');
  if (call.method === 'PATCH') {
    change(gist, body);
    gist.updatedAt = now;
  }
  return jsonAnswer(200, shown(gist));
}

function gistsOf(call: Call, { gists: all }: Kept, login: string): Answer {
  const theirs = [...all.values()].filter((gist) => gist.owner === login && (gist.public || login === call.login));
  return paged(call, theirs.reverse().map(shown));
}

function change(gist: Gist, body: Readonly<Record<string, unknown>>): void {
  if (typeof body.description === 'string') gist.description = body.description;
  for (const [name, file] of Object.entries(isObject(body.files) ? body.files : {})) {
    if (isObject(file) && typeof file.content === 'string') gist.files.set(name, file.content);
  }
}

function shown(gist: Gist): object {
  const files = [...gist.files].map(([filename, content]) => {
    const size = Buffer.byteLength(content);
    return [filename, { filename, content, size, type: 'text/plain', language: null, truncated: false }];
  });
  const { id, owner, description, createdAt: created_at, updatedAt: updated_at } = gist;
  const about = { id, description, public: gist.public, comments: 0, created_at, updated_at, owner: { login: owner } };
  return { ...about, html_url: `https://gist.example/${id}`, files: Object.fromEntries(files) };
}

async function starred(call: Call, { stars }: Kept, login: string): Promise<Answer> {
  const names = [...(stars.get(login) ?? [])].reverse();
  const found = await Promise.all(names.map((name) => get(call, `/repos/${name}`)));
  return paged(call, found.filter(({ status }) => status === 200).map(readJson));
}

async function changeStar(call: Call, { stars }: Kept, name: string): Promise<Answer> {
  const repository = await get(call, `/repos/${name}`);
  if (repository.status !== 200) return githubError(404, 'Not Found');
  const mine = stars.get(call.login) ?? new Set();
  stars.set(call.login, mine);
  if (call.method === 'PUT') mine.add(name);
  else mine.delete(name);
  return { status: 204, headers: {}, body: Buffer.alloc(0) };
}

async function teams(call: Call): Promise<Answer> {
  const { variables } = bodyOf(call);
  const login = isObject(variables) ? String(variables.login) : '';
  const found = await get(call, `/users/${login}/orgs`);
  if (found.status !== 200) {
    const message = `Could not resolve to a User with the login of '${login}'.`;
    return jsonAnswer(200, { data: { user: null }, errors: [{ type: 'NOT_FOUND', path: ['user'], message }] });
  }
  const pageInfo = { hasNextPage: false };
  const nodes = await Promise.all(
    listOf(found).map(async (org) => ({
      login: org.login,
      teams: { pageInfo, nodes: await teamsIn(call, org, login) },
    })),
  );
  return jsonAnswer(200, { data: { user: { organizations: { pageInfo, nodes } } } });
}

async function teamsIn(call: Call, org: Readonly<Record<string, unknown>>, login: string): Promise<object[]> {
  const all = listOf(await get(call, `/orgs/${String(org.login)}/teams`));
  const member = await Promise.all(
    all.map(({ slug }) => get(call, `/orgs/${String(org.login)}/teams/${String(slug)}/memberships/${login}`)),
  );
  return all
    .filter((_, index) => member[index]?.status === 200)
    .map(({ name, slug, description }) => ({ name, slug, description }));
}
