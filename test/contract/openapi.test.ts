/** What the tools ask of GitHub, and what they make of its answers, beside GitHub's own description of its API. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { AppError } from '../../src/core/errors.ts';
import { random } from '../support/random.ts';
import { ways } from '../unit/catalogue/ways.ts';
import { API, type Asked, between } from '../unit/github/answering.ts';
import { furtherCalls } from './further-calls.ts';
import { examplesOf, operationOf, problemsOf, recordedAnswers, routesInSources } from './openapi.ts';

/** What this version of the description lacks, and GitHub takes. */
const UNDOCUMENTED = [
  // GitHub's own server sends it to this route; the description has it for organizations only.
  'GET /repos/octo/hello/code-scanning/alerts: query severity is not documented',
];

const asked: Asked[] = [];
const all = { ...ways, ...furtherCalls };
/** Spoiled answers for each way to call a tool. */
const ROUNDS = 20;
const refusedArguments: string[] = [];
const isApi = ({ url }: Asked) => url.origin === new URL(API).origin && url.pathname !== '/graphql';

beforeAll(async () => {
  between.answer = (request) => {
    asked.push(request);
    return undefined;
  };
  for (const [way, run] of Object.entries(all)) {
    await run().catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'invalid_arguments')
        refusedArguments.push(`${way}: ${error.message}`);
    });
  }
  between.answer = undefined;
});
afterEach(() => {
  between.answer = undefined;
});

describe('every request that a tool makes', () => {
  it('comes of a call with valid arguments', () => expect(refusedArguments).toEqual([]));

  it('is a documented operation with valid parameters', () => {
    const wrong = asked.filter(isApi).flatMap((request) => {
      const operation = operationOf(request);
      const what = `${request.method} ${request.url.pathname}`;
      if (operation === undefined) return [`${what} is not documented`];
      return problemsOf(request, operation).map((problem) => `${what}: ${problem}`);
    });
    expect([...new Set(wrong)]).toEqual(UNDOCUMENTED);
  });

  it('was made: no route of the sources is left out', () => {
    const names = new Set(asked.filter(isApi).map((request) => shapeOf(operationOf(request)?.name ?? '')));
    const left = routesInSources().filter((route) => !names.has(shapeOf(route)));
    expect(left).toEqual([]);
  });
});

/**
 * Examples that do not hold what GitHub's own schema says they must; each was looked at. An entry that parses again fails
 * the test.
 */
const FILE = 'the example of a file has backslashes in its base64';
const BROKEN: Readonly<Record<string, string>> = {
  'resource file': FILE,
  'resource file in parts': FILE,
  'tool get_file_contents of a directory': FILE,
  'tool get_file_contents of a file': FILE,
  'tool get_file_contents of a submodule': FILE,
  'tool get_file_contents of a symlink': FILE,
  ...Object.fromEntries(
    ['', ' with all fields', ' {"query":"x","sort":"reactions-+1","order":"asc","page":2,"perPage":5}']
      .map((way) => `tool search_issues${way}`)
      .concat('tool search_pull_requests')
      .map((way) => [way, 'an example of a search has dots for its items']),
  ),
};
/** Operations of the catalogue that somebody recorded. */
const RECORDED: readonly string[] = [
  'GET /repos/{owner}/{repo}',
  'GET /repos/{owner}/{repo}/collaborators',
  'GET /repos/{owner}/{repo}/commits/{ref}/status',
  'GET /repos/{owner}/{repo}/issues',
  'GET /repos/{owner}/{repo}/labels',
  'GET /repos/{owner}/{repo}/labels/{name}',
  'GET /repos/{owner}/{repo}/releases/tags/{tag}',
  'GET /search/issues',
  'PATCH /repos/{owner}/{repo}/git/refs/{ref}',
  'PATCH /repos/{owner}/{repo}/labels/{name}',
  'POST /repos/{owner}/{repo}/git/refs',
  'POST /repos/{owner}/{repo}/issues',
  'POST /repos/{owner}/{repo}/labels',
  'PUT /repos/{owner}/{repo}/contents/{path}',
];
/** Most example answers of one operation. */
const EXAMPLES = 4;
/** They ask what others ask, and would wait for what an example says is still running. */
const looking = Object.entries(all).filter(([way]) => !way.startsWith('tool wait_for'));

const recorded = recordedAnswers();

interface Answering {
  /** Which of the examples. */
  readonly index?: number;
  readonly spoil?: (body: unknown) => unknown;
  /** Names the operations that are answered as they were recorded, where they were. */
  readonly used?: Set<string>;
}

/** Answers every request by the description, or as recorded. */
function documented({ index = 0, spoil = (body) => body, used }: Answering = {}): typeof between.answer {
  return (request) => {
    if (!isApi(request) || request.headers.get('accept')?.includes('github.diff')) return undefined;
    const operation = operationOf(request);
    if (operation === undefined) return undefined;
    const answers = used === undefined ? [] : (recorded.get(operation.name) ?? []);
    if (answers.length > 0) {
      used?.add(operation.name);
      return Response.json(answers[index % answers.length]);
    }
    const examples = examplesOf(operation).filter(({ body }) => body !== undefined);
    const example = examples[index % examples.length];
    return example && Response.json(spoil(structuredClone(example.body)), { status: example.status });
  };
}

/** How a call ends: `ok`, or the code of its error; anything else it throws is a crash of ours. */
async function endOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
    return 'ok';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    // The server checks a result once more before it sends it, and says the same.
    return error instanceof z.ZodError ? 'upstream_malformed' : `crash: ${String(error)}`;
  }
}

describe('answers', () => {
  const misunderstood = async (answering: (index: number) => typeof between.answer) => {
    const found = new Set<string>();
    for (let index = 0; index < EXAMPLES; index++) {
      between.answer = answering(index);
      for (const [way, run] of looking) {
        if (/^(crash|internal|upstream_malformed)/.test(await endOf(run))) found.add(way);
      }
    }
    return [...found].sort();
  };

  it('as documented are understood', async () => {
    expect(await misunderstood((index) => documented({ index }))).toEqual(Object.keys(BROKEN).sort());
  });

  it('as recorded at GitHub are understood', async () => {
    const used = new Set<string>();
    const found = await misunderstood((index) => documented({ index, used }));
    expect(found.filter((way) => !(way in BROKEN))).toEqual([]);
    expect([...used].sort()).toEqual(RECORDED);
  });

  it('that lack a field, or have another kind of value there, end in a clear error and never in a crash', async () => {
    const draw = random(9);
    const ends = new Map<string, number>();
    for (const [way, run] of looking) {
      for (let round = 0; round < ROUNDS; round++) {
        between.answer = documented({ spoil: (body) => spoiled(body, draw) });
        const end = await endOf(run);
        expect(end, way).not.toMatch(/^(crash|internal)/);
        ends.set(end, (ends.get(end) ?? 0) + 1);
      }
    }
    // Some fields are needed and others are not: both happened.
    expect(ends.get('ok')).toBeGreaterThan(100);
    expect(ends.get('upstream_malformed')).toBeGreaterThan(100);
  });
});

/** One member somewhere is gone, null, or of another kind. */
function spoiled(body: unknown, draw: () => number): unknown {
  const holders: Record<string, unknown>[] = [];
  const find = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (!Array.isArray(value) && Object.keys(value).length > 0) holders.push(value as Record<string, unknown>);
    for (const member of Object.values(value)) find(member);
  };
  find(body);
  // What stands near the top is needed more often.
  const holder = holders[Math.floor(draw() ** 3 * holders.length)];
  if (holder === undefined) return draw() < 0.5 ? null : 'nothing';
  const names = Object.keys(holder);
  const name = names[Math.floor(draw() * names.length)] as string;
  const others: readonly unknown[] = [undefined, null, 7, 'x', {}, []];
  const other = others[Math.floor(draw() * others.length)];
  if (other === undefined) delete holder[name];
  else holder[name] = other;
  return body;
}

/** A route without the names of its variables. */
function shapeOf(route: string): string {
  return route.replace(/\{\w+\}/g, '{}');
}
