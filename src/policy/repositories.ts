/**
 * The repositories a person limits a grant to: what they may write, and whether a repository is among them. Pure.
 * Entries are `owner/repo`, or `owner/*` for all that an owner has now and later, in lower case: GitHub's names are the
 * same in any case.
 */
import type { Result } from '../core/result.ts';
import { err, ok } from '../core/result.ts';
import { plainText } from '../core/text.ts';

/** Most entries of a limit. */
export const MOST_ENTRIES = 100;
/** Most characters read of what a person enters: a hundred of GitHub's longest names. */
const MOST_CHARACTERS = 25_000;
/** Entries that a refusal names; the others are counted. */
const MOST_NAMED = 8;

/** Of GitHub logins: letters, digits and hyphens, and the underscore of enterprise-managed users. */
const OWNER = /^[A-Za-z\d][A-Za-z\d_-]{0,99}$/;
const REPOSITORY = /^[A-Za-z\d_.-]{1,100}$/;
/** Names that GitHub gives to no repository. Of the last two, the first is what people copy from a clone URL. */
const NO_REPOSITORY = /^\.{1,2}$|\.git$|\.wiki$/i;

/** Whether a name can be an owner's. ASCII only, so that no other letter becomes one in lower case. */
export function isOwner(name: string): boolean {
  return OWNER.test(name);
}

/** Whether a name can be a repository's, without its owner. */
export function isRepository(name: string): boolean {
  return REPOSITORY.test(name) && !NO_REPOSITORY.test(name);
}

/**
 * In: what a person entered, entries apart by commas, semicolons or white space. Out: the limit, each entry once, those
 * that another contains left out; null where nothing was entered, which is no limit. Or a sentence that names the entry
 * that is wrong and says what would be right.
 */
export function parseLimit(entered: string): Result<readonly string[] | null, string> {
  if (entered.length > MOST_CHARACTERS) return err(`That is too long: name at most ${MOST_ENTRIES} repositories.`);
  const entries = entered.split(/[\s,;]+/).filter((entry) => entry !== '');
  if (entries.length === 0) return ok(null);
  if (entries.length > MOST_ENTRIES) {
    return err(`These are ${entries.length} entries: name at most ${MOST_ENTRIES}, or a whole owner as owner/*.`);
  }
  const limit = new Set<string>();
  for (const entry of entries) {
    const problem = problemOf(entry);
    if (problem !== undefined) return err(`“${plainText(entry, 80)}” ${problem}`);
    limit.add(entry.toLowerCase());
  }
  return ok([...limit].filter((entry) => entry.endsWith('/*') || !limit.has(`${ownerOf(entry)}/*`)));
}

function problemOf(entry: string): string | undefined {
  const [owner = '', name = '', ...more] = entry.split('/');
  if (!entry.includes('/')) return 'names no repository: write acme/* for all of an owner, or acme/web for one.';
  if (more.length > 0 || entry.includes(':')) return 'is not of the form owner/repository: leave the address out.';
  if (!isOwner(owner)) return 'does not begin with the name of a user or an organisation on GitHub.';
  if (name === '*' || isRepository(name)) return undefined;
  if (/\.git$/i.test(name)) return 'ends in .git: leave that out.';
  return 'does not end with the name of a repository, or with * for all of them.';
}

/** Whether a repository is within a limit. Fails closed: what cannot be a name is within none. */
export function withinLimit(limit: readonly string[], owner: string, repo: string): boolean {
  if (!isOwner(owner) || !isRepository(repo)) return false;
  const [login, name] = [owner.toLowerCase(), repo.toLowerCase()];
  return limit.includes(`${login}/*`) || limit.includes(`${login}/${name}`);
}

/** Whether all that an owner has is within a limit. */
export function ownerWithin(limit: readonly string[], owner: string): boolean {
  return isOwner(owner) && limit.includes(`${owner.toLowerCase()}/*`);
}

/** The limit in words, for whoever is refused: `acme/web, acme/api and 3 more`. */
export function limitText(limit: readonly string[]): string {
  const named = limit.slice(0, MOST_NAMED).join(', ');
  return limit.length > MOST_NAMED ? `${named} and ${limit.length - MOST_NAMED} more` : named;
}

export function ownerOf(entry: string): string {
  return entry.slice(0, entry.indexOf('/'));
}
