/** docs/security.md promises tests by name: here that they are there. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const PAGE = join(import.meta.dirname, '../../docs/security.md');
const text = await readFile(PAGE, 'utf8');

/** What the page has to speak of. */
const THREATS = [
  'A malicious upstream server',
  'Prompt injection through results',
  'Token leak',
  'Path traversal',
  'SQL injection',
  'Resource exhaustion',
  'No authentication',
  'Silence on long work',
  'Outputs too large',
  'Untrusted servers',
  'Verbose descriptions',
  'Missing audit',
  'Unstructured errors',
  'Confused deputy',
  'Token passthrough',
  'SSRF',
  'Session hijack',
  'DNS rebinding',
  'Audit tampering',
];

interface Link {
  readonly title: string;
  readonly file: string;
}

/** Links into test/, in the order of the text. */
function linksIn(markdown: string): Link[] {
  return [...markdown.matchAll(/\[([^\]]+)\]\((\.\.\/test\/[^)]+)\)/g)].map(([, title = '', file = '']) => ({
    title,
    file,
  }));
}

/** Whether a source text has a test of that name: the first argument of a call, quoted in any way. */
function hasTest(source: string, title: string): boolean {
  const name = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<!\\bdescribe)\\(\\s*(['"\`])${name}\\1\\s*,`).test(source);
}

const sections = new Map(
  text.split(/^## /m).flatMap((part) => {
    const [heading = ''] = part.split('\n', 1);
    return part === text || heading.startsWith('#') ? [] : [[heading, part] as const];
  }),
);

describe('the page on security', () => {
  it.each(THREATS)('says of "%s" what is done against it, and which tests show it', (threat) => {
    expect(sections.has(threat)).toBe(true);
    expect(linksIn(sections.get(threat) ?? '').length).toBeGreaterThanOrEqual(2);
  });

  it('says what is not covered', () => {
    expect(sections.get('What is not covered')?.length).toBeGreaterThan(400);
  });

  it('every test that it names is there', async () => {
    const links = linksIn(text);
    expect(links.length).toBeGreaterThan(60);
    const missing: string[] = [];
    for (const { title, file } of links) {
      const source = await readFile(join(dirname(PAGE), file), 'utf8').catch(() => '');
      if (!hasTest(source, title)) missing.push(`${title} (${file})`);
    }
    expect(missing).toEqual([]);
  });

  it('a test that is not there is noticed', () => {
    expect(hasTest("it('does it', () => {});", 'does it')).toBe(true);
    expect(hasTest("it.each(X)(\n  'does %s (once)',\n  () => {});", 'does %s (once)')).toBe(true);
    expect(hasTest("it('does it twice', () => {});", 'does it')).toBe(false);
    expect(hasTest("describe('does it', () => {});", 'does it')).toBe(false);
    expect(hasTest("// 'does it'", 'does it')).toBe(false);
  });
});
