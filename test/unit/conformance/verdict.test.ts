import { describe, expect, it } from 'vitest';
import { lists } from '../../../src/catalogue/index.ts';
import type { Check } from '../../conformance/verdict.ts';
import { judge, unknownEntries } from '../../conformance/verdict.ts';

const scenario = 'some-scenario';
const check = (id: string, status: Check['status']): Check => ({ id, status });
const outcome = (...checks: Check[]) => [{ scenario, unscored: undefined, checks }];
const entry = (checks?: string[]) => ({ set: 's', scenario, reason: 'known', ...(checks !== undefined && { checks }) });
const verdictOn = (checks: Check[], ...entries: ReturnType<typeof entry>[]) => judge(outcome(...checks), entries)[0];

describe('the conformance baseline', () => {
  it('passes what neither fails nor warns', () => {
    const verdict = verdictOn([check('a', 'SUCCESS'), check('b', 'INFO'), check('c', 'SKIPPED')]);
    expect(verdict).toMatchObject({ passed: true, unexpected: [], stale: [] });
    expect(verdict?.counts).toEqual({ passed: 1, failed: 0, skipped: 1 });
  });

  it('takes a warning for a failure', () => {
    expect(verdictOn([check('a', 'WARNING')])).toMatchObject({ passed: false, unexpected: [{ id: 'a' }] });
  });

  it('excuses a whole scenario, and is stale once all of it passes', () => {
    expect(verdictOn([check('a', 'FAILURE')], entry())).toMatchObject({ passed: false, unexpected: [], stale: [] });
    expect(verdictOn([check('a', 'SUCCESS')], entry())?.stale).toEqual([scenario]);
  });

  it('excuses only the checks it names, and is stale for each that no longer fails', () => {
    const verdict = verdictOn([check('a', 'FAILURE'), check('b', 'FAILURE')], entry(['a']));
    expect(verdict?.unexpected.map(({ id }) => id)).toEqual(['b']);
    expect(verdictOn([check('a', 'SUCCESS')], entry(['a', 'gone']))?.stale).toEqual([
      `${scenario}: a`,
      `${scenario}: gone`,
    ]);
  });

  it('knows an entry for a scenario that was not run', () => {
    const stray = { ...entry(), scenario: 'another' };
    expect(unknownEntries([entry(), stray], judge(outcome(), []))).toEqual([stray]);
  });

  it('may leave out x-mcp-header, because no tool declares one', () => {
    expect(JSON.stringify(lists.tools)).not.toContain('x-mcp-header');
  });
});
