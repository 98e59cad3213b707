/** Where completions come from, what they ask, and what a token for public repositories is told. */
import { describe, expect, it } from 'vitest';
import { issueNumbers, owners, paths, refs, repos } from '../../../src/catalogue/completers.ts';
import type { Completer } from '../../../src/catalogue/define.ts';
import { decide } from '../../../src/policy/decide.ts';
import type { Answer } from '../github/answering.ts';
import { answering, json, rejection } from '../github/answering.ts';
import { principal } from './calling.ts';
import { repository } from './repository-samples.ts';
import { entry, issue } from './upstream-samples.ts';

const place = { owner: 'octo', repo: 'hello' };

async function complete(
  completer: Completer,
  typed: string,
  known: Record<string, string>,
  answer: Answer,
  publicOnly = false,
) {
  const { github, asked } = answering(answer);
  const found = completer(typed, known, { github, principal, publicOnly });
  return { values: await found, asked: asked.map(({ url }) => decodeURIComponent(url.pathname + url.search)) };
}

const mixed = [repository('open'), repository('closed', { private: true, visibility: 'private' })];

describe('completers', () => {
  it('name owners, those of the limit without asking', async () => {
    const { values } = await complete(owners, '', {}, () => json(mixed));
    expect(values).toEqual(['octo', 'octo', 'mona']);
    const { github, asked } = answering(() => json([]));
    const limited = { ...principal, repositories: ['acme/web', 'team/*'] };
    expect(await owners('', {}, { github, principal: limited, publicOnly: false })).toEqual(['acme', 'team']);
    expect(asked).toHaveLength(0);
  });

  it('name repositories of one owner; private ones only to a token that may read them', async () => {
    const answer: Answer = () => json({ total_count: 3, items: [...mixed, { ...mixed[0], full_name: 'evil/open' }] });
    const all = await complete(repos, 'o', place, answer);
    expect(all.values).toEqual(['open', 'closed']);
    const open = await complete(repos, 'o', place, answer, true);
    expect(open.values).toEqual(['open']);
    expect(open.asked[0]).toContain('is:public');
  });

  it('let nothing typed become a qualifier', async () => {
    const { asked } = await complete(repos, 'x user:evil', place, () => json({ items: [] }));
    expect(asked).toHaveLength(1);
    expect(asked.join()).not.toContain('evil');
    expect((await complete(repos, 'gate', place, () => json({ items: [] }))).asked[1]).toContain(
      'gate+in:name+fork:true+user:octo',
    );
  });

  it('name refs, issues without pull requests, and paths of the directory typed', async () => {
    const names: Answer = ({ url }) =>
      json([{ name: url.pathname.endsWith('/tags') ? 'v1' : 'main', commit: { sha: 'a' } }]);
    expect((await complete(refs, '', place, names)).values).toEqual(['HEAD', 'main', 'v1']);
    const issues: Answer = () => json([issue(1), issue(2, { pull_request: { url: 'x' } })]);
    expect((await complete(issueNumbers, '', place, issues)).values).toEqual(['1']);
    const listing: Answer = () => json([entry('src/a.ts'), entry('src/lib', 'dir')]);
    const found = await complete(paths, 'src/li', { ...place, ref: 'dev' }, listing);
    expect(found).toEqual({
      values: ['src/a.ts', 'src/lib/'],
      asked: ['/repos/octo/hello/contents/src?ref=dev'],
    });
  });

  it('ask nothing before a repository is named, nor of a private one for a token for public ones', async () => {
    for (const known of [{}, { owner: 'octo' }, { owner: '../x', repo: 'y' }]) {
      const { values, asked } = await complete(refs, '', known as Record<string, string>, () => json([]));
      expect([values.filter((name) => name !== 'HEAD'), asked]).toEqual([[], []]);
    }
    const refused = complete(issueNumbers, '', place, () => json({ private: true }), true);
    expect(await rejection(refused)).toMatchObject({ code: 'insufficient_scope' });
  });

  it('need what reading needs', () => {
    const ask = (refType: unknown, ...granted: string[]) => decide(granted, { method: 'completion/complete', refType });
    expect(ask('ref/prompt', 'prompts:list')).toEqual({ allow: false, scope: 'prompts:use' });
    expect(ask('ref/prompt', 'prompts:use')).toEqual({ allow: true });
    expect(ask('ref/resource', 'prompts:use')).toEqual({ allow: false, scope: 'resources:read:public' });
    expect(ask('ref/resource', 'resources:read')).toEqual({ allow: true });
    expect(ask(7)).toEqual({ allow: false, scope: 'resources:read:public' });
  });
});
