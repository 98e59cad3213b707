/**
 * Searches within a limit. GitHub reads a query, so the query itself has to say where to search, and nothing in it may
 * say otherwise. Pure.
 */
import type { Result } from '../core/result.ts';
import { err, ok } from '../core/result.ts';
import type { Token } from './query.ts';
import { isOperator, operatorOf, saysEither, tokensOf } from './query.ts';
import { isOwner, isRepository, ownerOf, ownerWithin, withinLimit } from './repositories.ts';

/** Searches that can be told where to search. Those for users, topics and labels cannot. */
export type SearchKind = 'issues' | 'code' | 'commits' | 'repositories';

/** GitHub takes no more than five `AND`, `OR` and `NOT` ("Troubleshooting search queries"). */
const MOST_OPERATORS = 5;
/** Qualifiers side by side: GitHub names no number; this many are known to work. */
const MOST_QUALIFIERS = 30;

/** Whatever names a place, in any of GitHub's searches, now or once. Looked for everywhere, inside quotes too. */
const PLACE = /(?<![\p{L}\p{N}_])(?:repo|repository|org|organization|user|owner|enterprise|saved|network):/giu;
/** A place written so that there is one way to read it. */
const PLAIN_PLACE = /^(-?)(repo|org|user):(?:"([^"]+)"|([^"]+))$/i;

interface Place {
  readonly token: Token;
  readonly negated: boolean;
  /** Entries of the limit that it names, or one within the limit. */
  readonly entries: readonly string[];
  /** Whether everything it names is within the limit. */
  readonly whole: boolean;
}

/**
 * In: a limit, what is searched for, and a query. Out: the query with qualifiers for the limit in front of it, which
 * bind whatever follows. Where the query itself names places within the limit, those stand in front instead.
 * Or a sentence: the query names a place outside, or could be read in two ways.
 *
 * Issues are searched with boolean operators, and places side by side would have to hold all at once: they are joined by
 * `OR`. In the other searches places side by side add up, and what `OR` would do is not documented: it is refused.
 */
export function narrowQuery(limit: readonly string[], kind: SearchKind, query: string): Result<string, string> {
  const read = tokensOf(query);
  if (!read.ok) return err(`The query ${read.error}`);
  const tokens = read.value;
  if (kind !== 'issues' && tokens.some(saysEither)) {
    return err('The query must not contain OR outside quotes: search for one thing after the other.');
  }
  const found = placesIn(limit, tokens, query);
  if (!found.ok) return found;

  const parted = tokens.some((token) => token.depth === 0 && saysEither(token));
  const taken = found.value.filter(({ negated, token }) => !negated && token.depth === 0 && !parted);
  const left = found.value.filter((place) => !taken.includes(place));
  const wide = left.find(({ whole }) => !whole);
  if (wide !== undefined) return err(`The query names ${wide.token.text}, of which not all is within the limit.`);

  const scope = taken.length > 0 ? [...new Set(taken.flatMap(({ entries }) => entries))] : limit;
  const places = new Set(taken.map(({ token }) => token));
  const rest = tokens.filter((token) => !places.has(token) && !(taken.length > 0 && isNeedless(token)));
  if (scope.length === 0) return err('The limit contains no repository.');
  if (!fits(kind, scope, rest)) {
    return err(
      `The limit names ${scope.length} places, more than GitHub takes: name some of them with repo:OWNER/NAME.`,
    );
  }
  return ok([scopeText(kind, scope), restText(rest, parted)].filter((part) => part !== '').join(' '));
}

/** Every place that the query names, each of them within the limit. */
function placesIn(limit: readonly string[], tokens: readonly Token[], query: string): Result<readonly Place[], string> {
  const places: Place[] = [];
  for (const [index, token] of tokens.entries()) {
    const [, minus, word = '', quoted, bare] = PLAIN_PLACE.exec(token.text) ?? [];
    const name = quoted ?? bare;
    if (name === undefined) continue;
    const before = tokens[index - 1];
    const negated = minus === '-' || (before !== undefined && operatorOf(before) === 'NOT');
    const place = word.toLowerCase() === 'repo' ? ofRepository(limit, name) : ofOwner(limit, name);
    if (place === undefined) return err(`The query names ${word}:${shown(name)}, which is outside the limit.`);
    places.push({ token, negated, ...place });
  }
  // As it would look once something on the way has made letters of lookalikes.
  const mentioned = [...query.normalize('NFKC').matchAll(PLACE)].length;
  if (mentioned !== places.length) {
    return err('The query may name places as repo:OWNER/NAME, org:NAME or user:NAME only, as words of their own.');
  }
  return ok(places);
}

function ofRepository(limit: readonly string[], name: string): Pick<Place, 'entries' | 'whole'> | undefined {
  const [owner = '', repo = '', ...more] = name.split('/');
  if (more.length > 0 || !withinLimit(limit, owner, repo)) return undefined;
  return { entries: [name.toLowerCase()], whole: true };
}

function ofOwner(limit: readonly string[], name: string): Pick<Place, 'entries' | 'whole'> | undefined {
  if (!isOwner(name)) return undefined;
  const entries = limit.filter((entry) => ownerOf(entry) === name.toLowerCase());
  return entries.length === 0 ? undefined : { entries, whole: ownerWithin(limit, name) };
}

/** `AND` says what a space says; without its place it would stand alone. */
function isNeedless(token: Token): boolean {
  return token.depth === 0 && token.text === 'AND';
}

function fits(kind: SearchKind, scope: readonly string[], rest: readonly Token[]): boolean {
  if (kind !== 'issues') return scope.length <= MOST_QUALIFIERS;
  return scope.length === 1 || scope.length - 1 + rest.filter(isOperator).length <= MOST_OPERATORS;
}

function scopeText(kind: SearchKind, scope: readonly string[]): string {
  const qualifiers = scope.map((entry) => (entry.endsWith('/*') ? `user:${ownerOf(entry)}` : `repo:${entry}`));
  if (kind !== 'issues' || qualifiers.length === 1) return qualifiers.join(' ');
  return `(${qualifiers.join(' OR ')})`;
}

/** A query of several branches is put in parentheses, so that the qualifiers hold for each of them. */
function restText(rest: readonly Token[], parted: boolean): string {
  const text = rest.map((token, index) => (token.spaced && index > 0 ? ` ${token.text}` : token.text)).join('');
  return parted ? `(${text})` : text;
}

/** A name to be repeated: only what can be one. */
function shown(name: string): string {
  const [owner = '', repo, ...more] = name.split('/');
  if (more.length > 0 || !isOwner(owner) || !(repo === undefined || isRepository(repo))) return '…';
  return name;
}
