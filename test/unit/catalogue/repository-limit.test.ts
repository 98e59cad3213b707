/**
 * Under a limit nothing outside is ever asked: every tool, resource and prompt of the catalogue, called with arguments
 * that try, against a GitHub that tries too. A new one is covered as soon as it is in the catalogue.
 */
import { describe, expect, it } from 'vitest';
import type { CallContext, ToolDefinition } from '../../../src/catalogue/define.ts';
import { prompts, resources, tools, validateArguments } from '../../../src/catalogue/index.ts';
import { AppError } from '../../../src/core/errors.ts';
import { repositoryLimit } from '../../../src/policy/limit.ts';
import { random } from '../../support/random.ts';
import { API, type Asked, answering, rejection } from '../github/answering.ts';
import { anyAnswer, NAMES } from './any-answers.ts';
import { principal, read } from './calling.ts';
import { hostileArguments } from './hostile-arguments.ts';

const LIMIT = ['acme/web', 'team/*'];
/** Tools whose effect GitHub names by ids that do not say whose they are: refused even inside. */
const NEVER: readonly string[] = ['sub_issue_write', 'star_repository', 'unstar_repository'];

/** Written apart from the gate: why a request is not within the limit, or undefined. */
function trespass({ method, url, body }: Asked): string | undefined {
  const [, first = '', owner = '', repo = '', ...rest] = url.pathname.split('/');
  const inside = (name: string) => name.toLowerCase() === 'acme/web' || /^team\/[\w.-]+$/i.test(name);
  const said = `${method} ${url.pathname}${url.search} ${JSON.stringify(body) ?? ''}`;
  if (url.origin !== API) return said;
  if (first === 'repos') {
    const creates = method === 'POST' && rest[0] === 'forks';
    const { organization = '' } = (body ?? {}) as { organization?: string };
    return inside(`${owner}/${repo}`) && (!creates || organization.toLowerCase() === 'team') ? undefined : said;
  }
  // The name of a repository that GitHub redirected to may be asked for; what is in it only where the name is within.
  if (first === 'repositories') return repo === '' || inside(NAMES[owner] ?? '') ? undefined : said;
  if (first === 'orgs') return `${method} ${owner}/${repo}`.toLowerCase() === 'post team/repos' ? undefined : said;
  if (first === 'search') {
    const q = url.searchParams.get('q') ?? '';
    const scoped =
      /^(\(repo:acme\/web OR user:team\)|repo:acme\/web user:team|repo:acme\/web|user:team|repo:team\/\S+)( |$)/;
    return scoped.test(q) && !/evil/.test(q.replaceAll(/"[^"]*"/g, '')) && owner !== 'users' ? undefined : said;
  }
  if (first === 'graphql') {
    const { query, variables } = body as { query: string; variables: Record<string, unknown> };
    if (query.includes('nodes(ids: $ids)')) return undefined;
    if (/\brepository\(/.test(query)) return inside(`${variables.owner}/${variables.repo}`) ? undefined : said;
    return /"(?:id|\w+Id)":"IN"/.test(JSON.stringify(variables)) ? undefined : said;
  }
  return method === 'GET' && url.pathname === '/user' ? undefined : said;
}

interface Tried {
  /** Requests that went upstream in calls with valid arguments. */
  asked: number;
  valid: number;
  refused: number;
}

/** Calls a tool, stops it when it begins to wait, and says what came of it. */
async function attempt(tool: ToolDefinition, args: object, draw: () => number, tried: Tried): Promise<unknown> {
  let valid: Record<string, unknown>;
  try {
    valid = validateArguments(tool, args) as Record<string, unknown>;
  } catch {
    return 'invalid_arguments';
  }
  tried.valid++;
  const fake = answering(anyAnswer(draw), API, repositoryLimit(LIMIT));
  const context: CallContext = { github: fake.github, principal, signal: fake.abort.signal, progress: async () => {} };
  const timer = setTimeout(() => fake.abort.abort(new AppError('cancelled', 'enough')), 15);
  let failure: unknown;
  await tool.run(valid, context).catch((error: unknown) => {
    failure = error;
  });
  clearTimeout(timer);
  tried.asked += fake.asked.length;
  for (const asked of fake.asked) expect(trespass(asked)).toBeUndefined();
  const code = failure instanceof AppError ? failure.code : undefined;
  if (code === 'forbidden_by_policy') {
    tried.refused++;
    const said = tool.scope === undefined ? 'limited to acme/web, team/*' : 'for administrators';
    expect(failure).toMatchObject({ message: expect.stringContaining(said) });
  } else if (failure !== undefined) expect(code).not.toBe(undefined);
  return code;
}

const keys = (tool: ToolDefinition) => Object.keys(tool.input.shape);
const isOfRepository = (tool: ToolDefinition) => keys(tool).includes('owner') && keys(tool).includes('repo');

describe.each(tools.map((tool) => [tool.name, tool] as const))('tool %s', (name, tool) => {
  it('asks for nothing outside, whatever its arguments', async () => {
    const draw = random(name.length * 7919 + name.charCodeAt(0));
    const tried: Tried = { asked: 0, valid: 0, refused: 0 };
    for (let round = 0; round < 2500 && tried.valid < 100; round++) {
      await attempt(tool, hostileArguments(tool.input, draw), draw, tried);
    }
    // What reads the gate's own log has nothing of GitHub's to ask for: refused here, where there is no log.
    if (tool.scope !== undefined) expect(tried.asked).toBe(0);
    if (keys(tool).includes('arguments') || tool.scope !== undefined) return;
    expect(tried.valid, 'valid arguments').toBeGreaterThan(0);
    if (isOfRepository(tool) && !NEVER.includes(name)) expect(tried.asked, 'requests inside').toBeGreaterThan(0);
    // What has no repository to be confined to is refused, or reads the own account.
    else if (tried.asked === 0 && name !== 'search_tools') expect(tried.refused, 'refusals').toBe(tried.valid);
  });
});

describe.each(tools.filter(isOfRepository).map((tool) => [tool.name, tool] as const))('tool %s', (_, tool) => {
  it.each([
    { owner: 'evil', repo: 'x' },
    { owner: 'acme', repo: 'secrets' },
    { owner: 'acme', repo: 'web.git' },
  ])('is refused for $owner/$repo before anything is asked', async (place) => {
    const draw = random(4);
    const tried: Tried = { asked: 0, valid: 0, refused: 0 };
    for (let round = 0; round < 1500 && tried.valid < 20; round++) {
      const code = await attempt(tool, { ...hostileArguments(tool.input, draw), ...place }, draw, tried);
      // A node id within is looked up before the tool can see that it is not of the repository named beside it.
      expect(['forbidden_by_policy', 'invalid_arguments']).toContain(code);
    }
    expect(tried.refused).toBeGreaterThan(0);
    if (!keys(tool).includes('threadId')) expect(tried.asked).toBe(0);
  });
});

const VARIABLES: Readonly<Record<string, string>> = {
  ref: 'HEAD',
  path: 'a.ts',
  number: '1',
  comment: '5',
  sha: 'abcdef1',
  job_id: '5',
};
const fill = (template: string, values: Readonly<Record<string, string>>) =>
  template.replace(/\{\?\w+\}/, '').replace(/\{\+?(\w+)\}/g, (_, key: string) => values[key] ?? VARIABLES[key] ?? 'x');
const PLACES = ['evil/x', 'acme/secrets', 'ACME/web', 'acme/web%2f..', 'acme%2fweb/x', 'acme/..', 'team/a', 'аcme/web'];

describe.each(resources.map((resource) => [resource.name, resource] as const))('resource %s', (_, resource) => {
  const { address } = resource;
  const template = 'uri' in address ? address.uri : address.uriTemplate;

  it('reads nothing outside', async () => {
    const draw = random(5);
    let inside = 0;
    for (const [owner = '', repo = ''] of PLACES.map((place) => place.split('/'))) {
      for (let round = 0; round < 20; round++) {
        const fake = answering(anyAnswer(draw), API, repositoryLimit(LIMIT));
        const uri = fill(template, { owner, repo });
        if (resource.match(uri) === undefined) continue;
        await read(fake.github, uri, round % 2 === 0).catch(() => undefined);
        for (const asked of fake.asked) expect(trespass(asked)).toBeUndefined();
        inside += fake.asked.length;
        if (owner === 'evil' && template.includes('{owner}')) {
          expect(await rejection(read(fake.github, uri))).toMatchObject({ code: 'forbidden_by_policy' });
          expect(fake.asked).toHaveLength(0);
        }
      }
    }
    expect(inside).toBeGreaterThan(0);
  });
});

/** Arguments of prompts that are numbers, as texts. */
const NUMBERS = ['pullNumber', 'issue_number', 'run_id'];

describe.each(prompts.map((prompt) => [prompt.name, prompt] as const))('prompt %s', (_, prompt) => {
  it('embeds nothing from outside', async () => {
    const draw = random(6);
    let inside = 0;
    for (let round = 0; round < 300; round++) {
      const args = {
        ...hostileArguments(prompt.input, draw),
        ...Object.fromEntries(NUMBERS.filter((name) => name in prompt.input.shape).map((name) => [name, '7'])),
      };
      let valid: Record<string, unknown>;
      try {
        valid = validateArguments(prompt, args) as Record<string, unknown>;
      } catch {
        continue;
      }
      const fake = answering(anyAnswer(draw), API, repositoryLimit(LIMIT));
      const { github, abort } = fake;
      const context: CallContext = { github, principal, signal: abort.signal, progress: async () => {} };
      await prompt.get(valid, context).catch(() => undefined);
      for (const asked of fake.asked) expect(trespass(asked)).toBeUndefined();
      inside += fake.asked.length;
    }
    expect(inside).toBeGreaterThan(0);
  });
});

describe('completions', () => {
  const known = { ref: 'main' };
  const completers = [...resources, ...prompts].flatMap(({ name, complete = {} }) =>
    Object.entries(complete).map(([field, completer]) => [`${name} ${field}`, completer] as const),
  );

  it.each(completers)('of %s name nothing outside', async (_, completer) => {
    const draw = random(8);
    let told = 0;
    for (let round = 0; round < 60; round++) {
      const [owner = '', repo = ''] = (PLACES[round % PLACES.length] ?? '').split('/');
      const fake = answering(anyAnswer(draw), API, repositoryLimit(LIMIT));
      const context = { github: fake.github, principal: { ...principal, repositories: LIMIT }, publicOnly: false };
      const found = await completer(round % 2 === 0 ? '' : 'a/b', { ...known, owner, repo }, context).catch(() => []);
      for (const asked of fake.asked) expect(trespass(asked)).toBeUndefined();
      expect(found).not.toContain('evil');
      told += found.length + fake.asked.length;
    }
    expect(told).toBeGreaterThan(0);
  });
});
