/**
 * Lockdown: of public repositories, only what people with push access wrote is passed on, because anybody can write into
 * an issue what a model then reads. Stands where every answer of GitHub arrives, so that no tool can forget it. Whoever
 * is not known to have push access does not count as having it.
 */
import { AppError } from '../core/errors.ts';
import { isObject } from '../core/json.ts';

export interface Lockdown {
  /** Asked before a request is sent: throws `forbidden_by_policy` where all that it leads to is such content. */
  before(route: string, parameters: Readonly<Record<string, unknown>>): Promise<void>;
  /**
   * In: whether the request only reads, its parameters, what GitHub answered. Out: the same without such content. Throws
   * where it is nothing else; what was written stays written, without the words of others.
   */
  filter(reads: boolean, parameters: Readonly<Record<string, unknown>>, data: unknown): Promise<unknown>;
  /** How many items and texts were left out so far. */
  readonly leftOut: number;
}

export const NO_LOCKDOWN: Lockdown = {
  before: async () => {},
  filter: async (_reads, _parameters, data) => data,
  leftOut: 0,
};

/** What stands where a text was left out that an answer must have. */
const MARK = '(left out: lockdown)';
/** GitHub's word for the tie of an author to a repository: all others have no push access (GitHub GraphQL, CommentAuthorAssociation). */
const MAY_PUSH: ReadonlySet<unknown> = new Set(['MEMBER', 'COLLABORATOR', undefined, null]);
const PUSHES: ReadonlySet<unknown> = new Set(['admin', 'maintain', 'write']);
/** A ref, or one end of a comparison, that shows what a pull request brings. */
const PULL_REF = /(?:^|\.\.)(?:refs\/)?pull\/(\d+)\//;

interface Item {
  readonly [name: string]: unknown;
}

/** In: the login of who asks, whose own words are no danger; how GitHub is asked, by path. Out: the lockdown of one call. */
export function createLockdown(viewer: string, read: (path: string) => Promise<unknown>): Lockdown {
  const asked = new Map<string, Promise<unknown>>();
  let leftOut = 0;

  /** Undefined where GitHub does not tell. */
  const look = (path: string): Promise<unknown> => {
    const known = asked.get(path) ?? read(path).catch(unlessRefused);
    asked.set(path, known);
    return known;
  };
  const isPublic = async (repo: string): Promise<boolean> => {
    const found = await look(`/repos/${repo}`);
    // One that cannot be seen shows nothing either; the request itself says so.
    return isObject(found) && found.private !== true && (found.visibility ?? 'public') === 'public';
  };
  const hasPush = async (repo: string, login: unknown, association?: unknown): Promise<boolean> => {
    if (typeof login !== 'string') return false;
    if (login.toLowerCase() === viewer.toLowerCase() || association === 'OWNER') return true;
    if (!MAY_PUSH.has(association)) return false;
    const found = await look(`/repos/${repo}/collaborators/${encodeURIComponent(login)}/permission`);
    return isObject(found) && PUSHES.has(found.permission);
  };
  const isFine = async (item: Item, repo: string): Promise<boolean> => {
    const place = typeof item.repository_url === 'string' ? item.repository_url.split('/').slice(-2).join('/') : repo;
    if (!(await isPublic(place))) return true;
    const by = authorOf(item);
    const association = item.author_association ?? item.authorAssociation;
    return await hasPush(place, isObject(by) ? by.login : undefined, association);
  };
  const clean = async (value: unknown, repo: string): Promise<unknown> => {
    if (Array.isArray(value)) {
      const kept = await Promise.all(
        value.map(async (item: unknown) => {
          // A GraphQL edge goes with its node.
          const written = isObject(item) && isObject(item.node) ? item.node : item;
          return !isAuthored(written) || (await isFine(written, repo));
        }),
      );
      leftOut += kept.filter((keep) => !keep).length;
      return await Promise.all(value.filter((_, i) => kept[i]).map((item) => clean(item, repo)));
    }
    if (!isObject(value)) return value;
    const entries = Object.entries(await withoutTitle(value)).map(async ([name, member]) => {
      if (!isAuthored(member) || (await isFine(member, repo))) return [name, await clean(member, repo)];
      leftOut += 1;
      return [name, masked(member)];
    });
    return Object.fromEntries(await Promise.all(entries));
  };
  /** A notification does not say who wrote its title. */
  const withoutTitle = async (value: Item): Promise<Item> => {
    const { subject, repository } = value;
    if (!isObject(subject) || typeof subject.title !== 'string' || !isObject(repository)) return value;
    if (repository.private === true) return value;
    leftOut += 1;
    return { ...value, subject: { ...subject, title: MARK } };
  };
  const demand = async (repo: string, path: string, who: (found: Item) => unknown) => {
    if (!(await isPublic(repo))) return;
    const found = await look(`/repos/${repo}${path}`);
    const by = isObject(found) ? who(found) : undefined;
    const association = isObject(found) ? found.author_association : undefined;
    if (!(await hasPush(repo, isObject(by) ? by.login : undefined, association))) throw refusal();
  };

  return {
    async before(route, parameters) {
      const repo = repoOf(parameters);
      if (repo === undefined || !route.startsWith('GET ')) return;
      const { ref, sha, tree_sha, basehead } = parameters;
      const refs = [ref, sha, tree_sha, basehead].map((name) => PULL_REF.exec(String(name))?.[1]);
      const ofPull = /\/pulls\/\{pull_number\}(\/(files|commits))?$/.test(route) ? parameters.pull_number : undefined;
      const pull = ofPull ?? refs.find((number) => number !== undefined);
      if (pull !== undefined) await demand(repo, `/pulls/${Number(pull)}`, ({ user }) => user);
      let run = parameters.run_id;
      if (parameters.job_id !== undefined && (await isPublic(repo))) {
        const job = await look(`/repos/${repo}/actions/jobs/${Number(parameters.job_id)}`);
        run = isObject(job) ? job.run_id : 0;
      }
      if (run !== undefined) await demand(repo, `/actions/runs/${Number(run)}`, ({ actor }) => actor);
    },
    async filter(reads, parameters, data) {
      const repo = repoOf(parameters) ?? '';
      if (isAuthored(data) && !(await isFine(data, repo))) {
        if (reads) throw refusal();
        leftOut += 1;
        return masked(data);
      }
      return await clean(data, repo);
    },
    get leftOut() {
      return leftOut;
    },
  };
}

function repoOf({ owner, repo }: Readonly<Record<string, unknown>>): string | undefined {
  return typeof owner === 'string' && typeof repo === 'string'
    ? `${encodeURIComponent(owner)}/${encodeURIComponent(repo)}`
    : undefined;
}

function authorOf(item: Item): unknown {
  if ('user' in item) return item.user;
  return 'actor' in item ? item.actor : item.author;
}

/** Issues, pull requests, comments, reviews; in GraphQL the same with `author`; runs, whose title is that of a commit. */
function isAuthored(value: unknown): value is Item {
  if (!isObject(value)) return false;
  const text = ['title', 'body', 'display_title'].some((name) => name in value);
  const isRelease = 'tag_name' in value;
  return text && !isRelease && ('user' in value || 'author' in value || 'actor' in value);
}

function masked(item: Item): Item {
  const words = ['title', 'body', 'display_title'].filter((name) => typeof item[name] === 'string');
  return { ...item, ...Object.fromEntries(words.map((name) => [name, MARK])) };
}

function refusal(): AppError {
  return new AppError(
    'forbidden_by_policy',
    'It was written by somebody without push access to this public repository: lockdown leaves such content out.',
    { hint: 'The administrator of this server wants it so. Do not retry; the person can read it at GitHub.' },
  );
}

/** GitHub refuses to tell, or there is nobody: then there is no push access. Anything else is a failure. */
function unlessRefused(error: unknown): undefined {
  const codes: readonly string[] = ['upstream_not_found', 'upstream_forbidden', 'upstream_invalid'];
  if (error instanceof AppError && codes.includes(error.code)) return undefined;
  throw error;
}
