/** The diff of a pull request in pages: nothing lost, nothing twice, and what GitHub does not give is named. */
import { describe, expect, it } from 'vitest';
import { patchIn, takePatch } from '../../../src/catalogue/diff.ts';
import { answering, json, rejection } from '../github/answering.ts';
import { call } from './calling.ts';
import { fullPull, HEAD } from './conversation-samples.ts';
import { expectWithinBudget } from './within.ts';

const args = { owner: 'octo', repo: 'hello', pullNumber: 7, method: 'get_diff' };

interface File {
  readonly filename: string;
  readonly status?: string;
  readonly previous_filename?: string;
  readonly additions?: number;
  readonly deletions?: number;
  readonly patch?: string;
}

const added = (filename: string, lines: readonly string[]): File => ({
  filename,
  status: 'added',
  additions: lines.length,
  patch: [`@@ -0,0 +1,${lines.length} @@`, ...lines.map((line) => `+${line}`)].join('\n'),
});

/** A GitHub with one pull request of these files, in pages like GitHub's own. */
function serving(files: readonly File[], whole?: string, head = () => HEAD) {
  return answering(({ url, headers }) => {
    if (url.pathname.endsWith('/files')) {
      const [page, size] = [Number(url.searchParams.get('page')), Number(url.searchParams.get('per_page'))];
      const items = files.slice((page - 1) * size, page * size);
      const next =
        page * size < files.length
          ? { link: `<${url.href.replace(/([?&]page=)\d+/, `$1${page + 1}`)}>; rel="next"` }
          : {};
      return json(
        items.map((file) => ({ status: 'modified', additions: 0, deletions: 0, ...file })),
        200,
        next,
      );
    }
    if (headers.get('accept')?.endsWith('.diff')) {
      return whole === undefined
        ? json({ message: 'Sorry, the diff exceeded the maximum number of files (300).' }, 406)
        : new Response(whole);
    }
    return json(fullPull(7, { changed_files: files.length, head: { ref: 'fix', sha: head() } }));
  });
}

async function readAll(github: ReturnType<typeof serving>['github'], most = 60) {
  const pages: string[] = [];
  const missing: string[] = [];
  let after: unknown;
  do {
    const called = await call(github, 'pull_request_read', { ...args, ...(after !== undefined && { after }) });
    expectWithinBudget(called);
    const data = called.structuredContent;
    expect(data.truncated).toBe(data.next === undefined ? undefined : true);
    pages.push(String(data.diff));
    missing.push(...((data.missing as string[] | undefined) ?? []));
    after = (data.next as { after: string } | undefined)?.after;
  } while (after !== undefined && pages.length < most);
  return { pages, missing };
}

const linesOf = (pages: readonly string[]) =>
  pages
    .join('')
    .split('\n')
    .filter((line) => line.startsWith('+'));

describe('get_diff', () => {
  it('returns a small diff whole, with renames, additions and binary files', async () => {
    const { github, asked } = serving([
      { filename: 'a.ts', additions: 1, deletions: 1, patch: '@@ -1 +1 @@\n-a\n+b' },
      { filename: 'new.ts', previous_filename: 'old.ts', status: 'renamed' },
      added('c.ts', ['x']),
      { filename: 'logo.png' },
    ]);
    const { structuredContent } = await call(github, 'pull_request_read', args);
    expect(structuredContent).toEqual({
      diff: [
        'diff --git a/a.ts b/a.ts\nmodified\n@@ -1 +1 @@\n-a\n+b\n',
        'diff --git a/old.ts b/new.ts\nrename from old.ts\nrename to new.ts\n(binary, or its content is unchanged)\n',
        'diff --git a/c.ts b/c.ts\nnew file\n@@ -0,0 +1,1 @@\n+x\n',
        'diff --git a/logo.png b/logo.png\nmodified\n(binary, or its content is unchanged)\n',
      ].join(''),
      head_sha: HEAD,
    });
    expect(asked).toHaveLength(2);
  });

  it('pages 250 files by file, from the page of GitHub’s list where the last one ended', async () => {
    const files = Array.from({ length: 250 }, (_, index) =>
      added(
        `src/f${index}.ts`,
        Array.from({ length: 30 }, (_, line) => `file ${index} line ${line} ${'ä'.repeat(line)}`),
      ),
    );
    const { github, asked } = serving(files);
    const { pages } = await readAll(github);
    expect(pages.length).toBeGreaterThan(10);
    expect(linesOf(pages)).toEqual(files.flatMap((file) => file.patch?.split('\n').slice(1)));
    const lists = asked.filter(({ url }) => url.pathname.endsWith('/files'));
    expect(lists.length).toBeLessThanOrEqual(pages.length + 3);
  });

  it('pages one long file by hunk, then by line inside a hunk, and says where each goes on', async () => {
    const hunks = Array.from({ length: 9 }, (_, hunk) => [
      `@@ -${hunk * 1000 + 1},200 +${hunk * 1000 + 1},200 @@ function f${hunk}()`,
      ...Array.from({ length: 100 }, (_, line) => [
        `-old ${hunk} ${line}`,
        `+new ${hunk} ${line} ${'x'.repeat(40)}`,
      ]).flat(),
    ]);
    const huge = Array.from({ length: 5000 }, (_, line) => `row ${line}`);
    const { github } = serving([
      { filename: 'a.ts', additions: 900, deletions: 900, patch: hunks.flat().join('\n') },
      added('b.csv', huge),
    ]);
    const { pages } = await readAll(github);
    expect(linesOf(pages)).toEqual([
      ...hunks.flat().filter((line) => line.startsWith('+')),
      ...huge.map((line) => `+${line}`),
    ]);
    for (const page of pages) expect(page).toMatch(/^diff --git a\/\S+ b\/\S+\n.+\n@@ /);
    const later = pages.findLast((page) => page.includes('(continued)')) ?? '';
    const [, start, first] = /@@ -0 \+(\d+) @@ \(continued\)\n\+row (\d+)/.exec(later) ?? [];
    expect(Number(start)).toBe(Number(first) + 1);
  });

  it('cuts one endless line and says so', async () => {
    const { github } = serving([added('min.js', ['😀'.repeat(20_000), 'end'])]);
    const { pages } = await readAll(github);
    expect(pages[0]).toMatch(/😀 \(line cut\)\n$/u);
    expect(pages[1]).toContain('@@ -0 +2 @@ (continued)\n+end\n');
  });

  it('takes what the list leaves out from the whole diff', async () => {
    const whole =
      'diff --git a/a.ts b/a.ts\nindex 1..2\n--- a/a.ts\n+++ b/a.ts\n@@ -1 +1 @@\n-a\n+b\ndiff --git a/c.ts b/c.ts\n@@ -1 +1 @@\n-c\n';
    const { github } = serving([{ filename: 'a.ts', additions: 1, deletions: 1 }], whole);
    const { pages, missing } = await readAll(github);
    expect(pages).toEqual(['diff --git a/a.ts b/a.ts\nmodified\n@@ -1 +1 @@\n-a\n+b\n']);
    expect(missing).toEqual([]);
  });

  it('names what is missing where GitHub refuses the whole diff, asked once for a page', async () => {
    const files = [
      { filename: 'a.lock', additions: 30_000, deletions: 2 },
      { filename: 'b.lock', additions: 40_000, deletions: 0 },
      added('c.ts', ['x']),
    ];
    const { github, asked } = serving(files);
    const { pages, missing } = await readAll(github);
    expect(missing).toEqual(['a.lock (+30000 -2)', 'b.lock (+40000 -0)']);
    expect(pages[0]).toContain('b/a.lock\nmodified\n(too large for GitHub to show)\n');
    expect(linesOf(pages)).toEqual(['+x']);
    expect(asked.filter(({ headers }) => headers.get('accept')?.endsWith('.diff'))).toHaveLength(1);
  });

  it('refuses a place in the diff of an older head', async () => {
    let head = HEAD;
    const { github } = serving(
      [
        added(
          'a.txt',
          Array.from({ length: 5000 }, (_, line) => `row ${line}`),
        ),
      ],
      undefined,
      () => head,
    );
    const first = await call(github, 'pull_request_read', args);
    const { after } = first.structuredContent.next as { after: string };
    head = 'd'.repeat(40);
    expect(await rejection(call(github, 'pull_request_read', { ...args, after }))).toMatchObject({
      code: 'upstream_conflict',
      hint: expect.stringContaining('without after'),
    });
  });
});

describe('patches', () => {
  it('"no newline" marks do not move the lines', () => {
    const patch = '@@ -1,2 +1,2 @@\n-a\n\\ No newline at end of file\n+b\n c';
    expect(takePatch(patch, 4, 1000, true)).toEqual({ text: '@@ -2 +2 @@ (continued)\n c\n' });
    expect(takePatch(patch, 0, 1000, true)).toEqual({ text: `${patch}\n` });
    expect(takePatch(patch, 0, 10, false)).toEqual({ text: '', next: 0 });
  });

  it('finds one file in a diff by its whole name', () => {
    const diff = 'diff --git a/xa.ts b/xa.ts\n@@ -1 +1 @@\n-x\ndiff --git a/a.ts b/a.ts\nBinary files differ\n';
    expect(patchIn(diff, 'xa.ts')).toBe('@@ -1 +1 @@\n-x');
    expect(patchIn(diff, 'a.ts')).toBeUndefined();
    expect(patchIn(diff, 'b.ts')).toBeUndefined();
  });
});
