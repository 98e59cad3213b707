import { describe, expect, it } from 'vitest';
import { narrowQuery, type SearchKind } from '../../../src/policy/narrow.ts';
import { withinLimit } from '../../../src/policy/repositories.ts';
import { random } from '../../support/random.ts';
import { type Hit, readBoolean, readFilters } from './reading.ts';

const KINDS: readonly SearchKind[] = ['issues', 'code', 'commits', 'repositories'];

describe('a search within a limit', () => {
  it.each<[string[], SearchKind, string, string]>([
    [['acme/web'], 'issues', 'is:issue crash', 'repo:acme/web is:issue crash'],
    [['acme/web'], 'issues', '', 'repo:acme/web'],
    [['acme/*'], 'issues', 'crash', 'user:acme crash'],
    [['acme/web'], 'issues', 'is:issue (a OR b)', 'repo:acme/web is:issue (a OR b)'],
    [['acme/web'], 'issues', 'a OR b', 'repo:acme/web (a OR b)'],
    [['acme/web'], 'issues', 'this or that', 'repo:acme/web (this or that)'],
    [['acme/web', 'acme/api'], 'issues', 'crash', '(repo:acme/web OR repo:acme/api) crash'],
    [['acme/web', 'acme/api'], 'issues', 'is:issue repo:ACME/Web x', 'repo:acme/web is:issue x'],
    [['acme/web', 'acme/api'], 'issues', 'repo:acme/web AND x', 'repo:acme/web x'],
    [['acme/web', 'b/*'], 'issues', 'user:acme x', 'repo:acme/web x'],
    [['b/*'], 'issues', 'repo:b/one org:"b" x', '(repo:b/one OR user:b) x'],
    [['b/*'], 'issues', '-repo:b/one NOT user:b x', 'user:b -repo:b/one NOT user:b x'],
    [
      ['acme/web', 'acme/api'],
      'code',
      'main() "a || b" path:src',
      'repo:acme/web repo:acme/api main() "a || b" path:src',
    ],
    [['acme/web', 'acme/api'], 'code', 'user:acme x', 'repo:acme/web repo:acme/api x'],
    [['acme/web'], 'repositories', 'stars:>1', 'repo:acme/web stars:>1'],
    [
      ['acme/web'],
      'issues',
      'label:"good first issue" -label:"x y"',
      'repo:acme/web label:"good first issue" -label:"x y"',
    ],
  ])('to %j of %s: %j becomes %j', (limit, kind, query, narrowed) => {
    expect(narrowQuery(limit, kind, query)).toEqual({ ok: true, value: narrowed });
  });

  it.each([
    'repo:evil/x',
    'crash REPO:evil/x',
    'repo:acme/secrets',
    'repo:"acme/secrets"',
    'org:acme OR a',
    'user:evil',
    'user:@me',
    'repo:acme/*',
    'repo:acme/web,evil/x',
    'repo:acme/web/x',
    'repo:',
    'repo: evil/x',
    'repository:evil/x',
    'enterprise:big',
    'saved:mine',
    '-repo:evil/x',
    'NOT user:evil',
    '(repo:evil/x)',
    'a,repo:evil/x',
    'label:repo:evil/x',
    '"repo:evil/x"',
    'ｒｅｐｏ：evil/x',
    're\u200bpo:evil/x',
    'a\u202eb',
    'a "b',
    'a") OR (b',
    'a) OR (b',
    '((a)',
    'a"b"OR"c"',
    '"a"OR"b"',
    'a \\" OR b',
    'OR a',
    'a OR',
    'a AND OR b',
    '(NOT)',
    '(((((a)))))',
    'repo:acme/web OR user:acme',
  ])('refuses %j in every search', (query) => {
    for (const kind of KINDS) expect(narrowQuery(['acme/web'], kind, query).ok).toBe(false);
  });

  it('refuses what GitHub documents for issues only', () => {
    for (const kind of KINDS.slice(1)) {
      for (const query of ['a OR b', 'a or b', '(a Or b)', 'a | b', 'a||b']) {
        expect(narrowQuery(['acme/web'], kind, query)).toMatchObject({
          ok: false,
          error: expect.stringContaining('OR'),
        });
      }
      expect(narrowQuery(['acme/web'], kind, '"this or that"').ok).toBe(true);
    }
  });

  it('refuses more places than GitHub takes, and says how to name fewer', () => {
    const limit = Array.from({ length: 31 }, (_, index) => `acme/r${index}`);
    const tooMany = { ok: false, error: expect.stringContaining('repo:OWNER/NAME') };
    expect(narrowQuery(limit.slice(0, 6), 'issues', 'x')).toMatchObject({ ok: true });
    expect(narrowQuery(limit.slice(0, 7), 'issues', 'x')).toMatchObject(tooMany);
    expect(narrowQuery(limit.slice(0, 6), 'issues', 'NOT x')).toMatchObject(tooMany);
    expect(narrowQuery(limit.slice(0, 30), 'code', 'x')).toMatchObject({ ok: true });
    expect(narrowQuery(limit, 'code', 'x')).toMatchObject(tooMany);
    expect(narrowQuery(limit, 'issues', 'repo:acme/r30 x')).toEqual({ ok: true, value: 'repo:acme/r30 x' });
    expect(narrowQuery([], 'issues', 'x').ok).toBe(false);
  });
});

const draw = random(406);
const below = (count: number) => Math.floor(draw() * count);
const oneOf = <T>(items: readonly T[]): T => items[below(items.length)] as T;

const WORDS = [
  'crash',
  'is:issue',
  'label:bug',
  '"two words"',
  'label:"a b"',
  'c++',
  'a|b',
  'or',
  'not',
  '|',
  '-fast',
  '#1',
];
const SYNTAX = ['OR', 'AND', 'NOT', '(', ')', '-(', '"', '\\', '||', 'Or', ',', ':', '\u200b', '\n'];
const PLACES = [
  'repo:acme/web',
  'REPO:Acme/WEB',
  'user:acme',
  'org:b',
  'repo:b/one',
  '-repo:acme/web',
  'repo:"acme/web"',
];
const ELSEWHERE = [
  'repo:evil/x',
  'user:evil',
  'org:evil',
  'repo:acme/secrets',
  '-user:evil',
  'repo%3Aevil/x',
  'xrepo:evil/x',
];
const LIMITS = [['acme/web'], ['acme/web', 'b/*'], ['acme/*', 'b/one', 'c/d'], ['b/*']];

function anyQuery(): string {
  const piece = () => oneOf(oneOf([WORDS, WORDS, WORDS, PLACES, SYNTAX, draw() < 0.2 ? ELSEWHERE : WORDS]));
  return Array.from({ length: below(9) }, () => piece() + (draw() < 0.85 ? ' ' : '')).join('');
}

/** A hit in each of these places; which words it holds is drawn once for each word. */
function hitsIn(places: readonly string[]): Hit[] {
  return places.map((place) => {
    const [owner = '', repo = ''] = place.split('/');
    const known = new Map<string, boolean>();
    const has = (word: string) => {
      if (!known.has(word)) known.set(word, draw() < 0.7);
      return known.get(word) === true;
    };
    return { owner, repo, has };
  });
}
const ALL = ['acme/web', 'acme/secrets', 'b/one', 'b/two', 'c/d', 'c/e', 'evil/x', 'evil/web'];

describe('for 40,000 queries', () => {
  it('finds nothing outside the limit, however GitHub reads it, and inside what it would have found', () => {
    const counts = { narrowed: 0, refused: 0, found: 0 };
    for (let round = 0; round < 40_000; round++) {
      const [limit, kind, query] = [oneOf(LIMITS), oneOf(KINDS), anyQuery()];
      const narrowed = narrowQuery(limit, kind, query);
      if (!narrowed.ok) {
        counts.refused++;
        continue;
      }
      counts.narrowed++;
      const q = narrowed.value;
      const namesPlaces = /(repo|user|org):/i.test(query.replaceAll('xrepo:', ''));
      for (const hit of hitsIn(ALL)) {
        // Of the older searches, only issues have ever had operators; there, places add up too.
        const read = [readFilters(q, hit), readBoolean(q, hit, false), readBoolean(q, hit, true)];
        const found = kind === 'issues' ? read : read.slice(0, 1);
        if (!withinLimit(limit, hit.owner, hit.repo))
          expect([hit.repo, q, ...read.slice(0, 1)]).toEqual([hit.repo, q, false]);
        if (kind === 'issues' && !withinLimit(limit, hit.owner, hit.repo))
          expect([q, ...found]).toEqual([q, false, false, false]);
        if (kind === 'issues' && withinLimit(limit, hit.owner, hit.repo) && !namesPlaces) {
          expect([query, q, found[1]]).toEqual([query, q, readBoolean(query, hit, false)]);
        }
        if (found[1] === true) counts.found++;
      }
    }
    expect(counts.narrowed).toBeGreaterThan(8000);
    expect(counts.refused).toBeGreaterThan(8000);
    expect(counts.found).toBeGreaterThan(2000);
  });
});
