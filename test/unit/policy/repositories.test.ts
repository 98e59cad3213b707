import { describe, expect, it } from 'vitest';
import {
  isOwner,
  isRepository,
  limitText,
  MOST_ENTRIES,
  ownerWithin,
  parseLimit,
  withinLimit,
} from '../../../src/policy/repositories.ts';
import { random } from '../../support/random.ts';

const draw = random(20261123);
const below = (count: number) => Math.floor(draw() * count);
const oneOf = <T>(items: readonly T[]): T => items[below(items.length)] as T;

const OWNERS = ['acme', 'octo-cat', 'a', 'mona_corp', '0x0', 'A1-B2'];
const NAMES = ['web', 'Web.js', '_', '-x', 'a.b-c_d', '.github', 'x'.repeat(100)];
const cased = (text: string) => [...text].map((it) => (draw() < 0.5 ? it.toUpperCase() : it.toLowerCase())).join('');
/** What names are attacked with: other letters that look or fold alike, encodings, separators, dots. */
const TRICKS = [
  '/',
  '%2f',
  '%2F',
  '%252f',
  '\\',
  '..',
  '.',
  '*',
  '?',
  '#',
  '@',
  ':',
  '\0',
  '\u200b',
  '\u212a',
  '\u017f',
  'ａ',
  'а',
  ' ',
  '\n',
  '.git',
  '%00',
  ';',
  '&',
];

describe('a limit as a person enters it', () => {
  it.each([
    ['', null],
    [' \n,; ', null],
    ['acme/web', ['acme/web']],
    ['ACME/Web, acme/WEB', ['acme/web']],
    ['acme/web acme/api\nother/*', ['acme/web', 'acme/api', 'other/*']],
    ['acme/web,acme/*,acme/api', ['acme/*']],
    ['mona_corp/.github;a/b.js', ['mona_corp/.github', 'a/b.js']],
  ])('%j is %j', (entered, limit) => {
    expect(parseLimit(entered)).toEqual({ ok: true, value: limit });
  });

  it.each([
    ['acme', 'acme/*'],
    ['*', 'acme/*'],
    ['*/*', 'begin with the name'],
    ['*/web', 'begin with the name'],
    ['acme/', 'end with the name'],
    ['/web', 'begin with the name'],
    ['acme/..', 'end with the name'],
    ['acme/w*', 'end with the name'],
    ['acme/web/x', 'leave the address out'],
    ['https://github.com/acme/web', 'leave the address out'],
    ['git@github.com:acme/web', 'leave the address out'],
    ['acme/web.git', 'leave that out'],
    ['-acme/web', 'begin with the name'],
    ['аcme/web', 'begin with the name'],
    ['acme/wеb', 'end with the name'],
    ['acme%2fweb', 'names no repository'],
  ])('%j is refused, with a way out', (entry, said) => {
    for (const entered of [entry, `acme/ok, ${entry}\nacme/fine`]) {
      const parsed = parseLimit(entered);
      expect(parsed).toMatchObject({ ok: false, error: expect.stringContaining(said) });
      expect(parsed).toMatchObject({ error: expect.stringContaining(`“${entry}”`) });
    }
  });

  it('has at most 100 entries, and a bounded length', () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => `acme/r${index}`).join(',');
    expect(parseLimit(many(MOST_ENTRIES))).toMatchObject({ ok: true });
    expect(parseLimit(many(MOST_ENTRIES + 1))).toMatchObject({ ok: false, error: expect.stringContaining('100') });
    expect(parseLimit('x'.repeat(30_000))).toMatchObject({ ok: false });
    const named = limitText(Array.from({ length: 12 }, (_, index) => `acme/r${index}`));
    expect(named).toMatch(/^acme\/r0, .*acme\/r7 and 4 more$/);
  });

  it('keeps what an entry says out of the way of the page', () => {
    const parsed = parseLimit(`<script>${'x'.repeat(500)}\u202e`);
    expect(parsed.ok ? '' : parsed.error).not.toMatch(/[\u202e]|x{100}/);
  });
});

describe('for 20,000 names of every kind', () => {
  it('a repository is within exactly where its owner or itself was entered, in any case', () => {
    let within = 0;
    for (let round = 0; round < 10_000; round++) {
      const entries = Array.from({ length: 1 + below(4) }, () => [oneOf(OWNERS), draw() < 0.3 ? '*' : oneOf(NAMES)]);
      const parsed = parseLimit(entries.map(([owner = '', name = '']) => `${cased(owner)}/${cased(name)}`).join(', '));
      const limit = parsed.ok ? (parsed.value ?? []) : [];
      const [owner, name] = [oneOf(OWNERS), oneOf(NAMES)];
      const same = (a = '', b = '') => a.toLowerCase() === b.toLowerCase();
      const expected = entries.some(([login, repo]) => same(login, owner) && (repo === '*' || same(repo, name)));
      expect(withinLimit(limit, cased(owner), cased(name))).toBe(expected);
      expect(ownerWithin(limit, cased(owner))).toBe(
        entries.some(([login, repo]) => same(login, owner) && repo === '*'),
      );
      if (expected) within++;
    }
    expect(within).toBeGreaterThan(1000);
  });

  it('what is no name is within no limit, not even that of its owner', () => {
    const limit = ['acme/*', 'acme/web', 'k/s', 'k/*'];
    let strange = 0;
    for (let round = 0; round < 10_000; round++) {
      const spoil = (name: string) => {
        const at = below(name.length + 1);
        return name.slice(0, at) + oneOf(TRICKS) + name.slice(at);
      };
      const owner = draw() < 0.5 ? spoil('acme') : oneOf(['acme', 'k', '\u212a']);
      const name = draw() < 0.7 ? spoil('web') : oneOf(['web', '..', '.', '', '*', '\u017f']);
      if (isOwner(owner) && isRepository(name)) continue;
      strange++;
      expect(withinLimit(limit, owner, name)).toBe(false);
    }
    expect(strange).toBeGreaterThan(5000);
    for (const name of ['\u212a', 'ａ', 'а', 'ac me', 'acme/', '', '..', '*'])
      expect(ownerWithin(limit, name)).toBe(false);
  });

  it('without entries nothing is within', () => {
    expect(withinLimit([], 'acme', 'web')).toBe(false);
  });
});
