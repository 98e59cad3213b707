import { describe, expect, it } from 'vitest';
import { TOOLSETS } from '../../src/core/toolsets.ts';
import { decide } from '../../src/policy/decide.ts';
import { allows, BASELINE, knownScopes, SCOPE_NAMES } from '../../src/policy/scopes.ts';

describe('scopes', () => {
  it.each([
    ['tools:execute', 'tools:execute:issues:write', true],
    ['tools:execute', 'tools:execute:issues:read', true],
    ['tools:execute', 'tools:execute:read_only', true],
    ['tools:execute:read_only', 'tools:execute:issues:read', true],
    ['tools:execute:read_only', 'tools:execute:issues:write', false],
    ['tools:execute:read_only', 'tools:execute', false],
    ['tools:execute:issues:write', 'tools:execute:issues:read', true],
    ['tools:execute:issues:write', 'tools:execute:repos:read', false],
    ['tools:execute:issues:write', 'tools:execute:repos:write', false],
    ['tools:execute:issues:read', 'tools:execute:issues:write', false],
    ['tools:execute:issues:read', 'tools:execute:read_only', false],
    ['resources:read', 'resources:read:public', true],
    ['resources:read:public', 'resources:read', false],
    ['tools:execute', 'tools:list', false],
    ['resources:read', 'resources:list', false],
    ['prompts:list', 'prompts:use', false],
  ])('%s contains %s: %s', (granted, required, expected) => {
    expect(allows([granted], required)).toBe(expected);
  });

  it('allows nothing for what it does not know', () => {
    expect(allows([...SCOPE_NAMES], 'tools:execute:wiki:read')).toBe(false);
    expect(allows(['tools:*', 'tools', '*', ''], 'tools:list')).toBe(false);
    expect(allows([], 'tools:list')).toBe(false);
    expect(knownScopes(['openid', 'prompts:use', 'tools:list', 'prompts:use'])).toEqual(['tools:list', 'prompts:use']);
  });

  it('asks first for what only reads', () => {
    for (const area of TOOLSETS.filter((toolset) => toolset !== 'audit')) {
      expect(allows(BASELINE, `tools:execute:${area}:read`)).toBe(true);
      if (SCOPE_NAMES.includes(`tools:execute:${area}:write`)) {
        expect(allows(BASELINE, `tools:execute:${area}:write`)).toBe(false);
      }
    }
  });

  it('names the least scope that would do', () => {
    const ask = { method: 'tools/call', toolScope: 'tools:execute:issues:write' };
    expect(decide(BASELINE, ask)).toEqual({ allow: false, scope: 'tools:execute:issues:write' });
    expect(decide(['tools:execute:issues:write'], ask)).toEqual({ allow: true });
    expect(decide(['prompts:use'], { method: 'resources/read' })).toEqual({
      allow: false,
      scope: 'resources:read:public',
    });
    expect(decide([], { method: 'tools/list' })).toEqual({ allow: false, scope: 'tools:list' });
    expect(decide([], { method: 'initialize' })).toEqual({ allow: true });
  });
});

it('no tools:execute covers the audit log', () => {
  expect(SCOPE_NAMES.filter((name) => /^tools:.*audit/.test(name))).toEqual([]);
  for (const scope of SCOPE_NAMES) expect(allows([scope], 'audit:read'), scope).toBe(scope === 'audit:read');
  expect(allows(['audit:read'], 'tools:execute:repos:read')).toBe(false);
});
