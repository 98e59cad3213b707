import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { AppError } from '../../../src/core/errors.ts';
import { pathProblem, refProblem, segmentProblem } from '../../../src/github/guard.ts';
import { random } from '../../support/random.ts';
import { API, answering, json } from './answering.ts';

/** What attacks on paths are made of, and harmless pieces between. */
const PIECES = [
  '.',
  '..',
  '...',
  '/',
  '//',
  '\\',
  '%2e',
  '%2E',
  '%252e',
  '%2f',
  '%5c',
  '%00',
  '\0',
  '\n',
  '\t',
  ' ',
  '?',
  '#',
  '&',
  '=',
  ':',
  '@',
  ';',
  '{owner}',
  '{+path}',
  '%',
  '%zz',
  '%25',
  'http://evil.test',
  '//evil.test',
  '~',
  '*',
  '+',
  '[',
  ']',
  '|',
  '^',
  '`',
  'ä',
  '漢字',
  '👩‍💻',
  '\u202e',
  '\u200b',
  '\ud800',
  '\udc00',
  'a',
  'repos',
  'user',
  'main',
  'README.md',
  '.github',
  '-',
  '_',
  "'",
  '"',
  '<',
  '>',
];

const draw = random(20_261_123);
const below = (count: number) => Math.floor(draw() * count);
const anything = () => Array.from({ length: below(6) }, () => PIECES[below(PIECES.length)]).join('');

describe('for 6,000 names, paths and refs of every kind', () => {
  it('either the upstream URL keeps its prefix and its meaning, or the field is named', async () => {
    const { github, asked } = answering(() => json({}));
    const counts = { sent: 0, refused: 0 };
    for (let round = 0; round < 6000; round++) {
      const hostile = anything();
      const place = { owner: 'octo', repo: 'hello', path: 'src/a.ts', ref: 'main' };
      const field = (['owner', 'repo', 'path'] as const)[below(3)] ?? 'path';
      const parameters = { ...place, [field]: hostile };
      asked.length = 0;
      try {
        await github.request('GET /repos/{owner}/{repo}/contents/{path}', parameters, z.unknown());
      } catch (error) {
        counts.refused++;
        expect(asked).toHaveLength(0);
        expect(error).toBeInstanceOf(AppError);
        expect(error).toMatchObject({ code: 'invalid_arguments', details: { fields: [{ field }] } });
        expect((error as AppError).message.startsWith(`${field} `)).toBe(true);
        continue;
      }
      counts.sent++;
      const url = asked[0]?.url as URL;
      expect(url.origin).toBe(API);
      expect(url.search).toBe('?ref=main');
      expect(url.hash).toBe('');
      const segments = url.pathname.split('/').slice(1).map(decodeURIComponent);
      const expected = ['repos', parameters.owner, parameters.repo, 'contents', ...parameters.path.split('/')];
      expect(segments).toEqual(parameters.path === '' ? expected.slice(0, -1) : expected);
      expect(url.pathname.startsWith('/repos/')).toBe(true);
    }
    expect(counts.sent).toBeGreaterThan(1000);
    expect(counts.refused).toBeGreaterThan(1000);
  });
});

describe('a path', () => {
  it.each([
    '..',
    '.',
    'a/..',
    '../a',
    'a/../b',
    'a/./b',
    '%2e%2e',
    'a/%2E%2e/b',
    'a/.%2e',
    'a/%252e%252e',
    'a%2f..%2fb',
    '..%5c..',
    'a\\b',
    '/a',
    '//a',
    'a//b',
    'a/',
    'a\0b',
    'a%00b',
    'a\nb',
    '\ud800',
    'x'.repeat(4097),
  ])('%j is refused', (path) => {
    expect(pathProblem(path)).toMatch(/^must /);
  });

  it.each([
    '',
    'a',
    '.github/workflows/ci.yml',
    'a/...',
    '..a',
    'a..',
    'a b',
    '%',
    '100%/x',
    'ä/漢字',
    'a?b#c',
    '%2fa',
    'x%2eb',
  ])('%j is let through', (path) => {
    expect(pathProblem(path)).toBeUndefined();
  });
});

describe('a segment', () => {
  it.each(['', 'a/b', '.', '..', '%2e', 'a\\b', 'a\0'])('%j is refused', (name) => {
    expect(segmentProblem(name)).toMatch(/^must /);
  });
  it.each(['octo', 'hello-world', 'a.b', '.github', 'ä'])('%j is let through', (name) => {
    expect(segmentProblem(name)).toBeUndefined();
  });
});

describe('a ref', () => {
  it.each(['', '..', 'a..b', 'main~1', 'main^', 'a:b', 'HEAD@{1}', '/main', 'a b', 'x'.repeat(256), 'a/../b', 'a\\b'])(
    '%j is refused',
    (ref) => {
      expect(refProblem(ref)).toMatch(/^must /);
    },
  );
  it.each(['main', 'feature/x', 'refs/pull/1/head', 'v1.2.3', 'a'.repeat(40), 'dependabot/npm_and_yarn/a-1.0'])(
    '%j is let through',
    (ref) => {
      expect(refProblem(ref)).toBeUndefined();
    },
  );
});

describe('what slips past the schemas', () => {
  it.each([undefined, null, -1, 1.5, Number.NaN, {}, [], ['a', 'b'], true])(
    '%j as a variable is refused',
    async (owner) => {
      const { github, asked } = answering(() => json({}));
      const parameters = { owner: owner as unknown as string, repo: 'b' };
      await expect(github.request('GET /repos/{owner}/{repo}', parameters, z.unknown())).rejects.toMatchObject({
        code: 'invalid_arguments',
        message: 'owner is missing.',
      });
      expect(asked).toHaveLength(0);
    },
  );
});
