import { describe, expect, it } from 'vitest';
import type { ConsentView } from '../../../src/auth/views.ts';
import { consentPage } from '../../../src/pages/index.ts';
import { BASELINE, SCOPES } from '../../../src/policy/scopes.ts';

const view: ConsentView = {
  base: '',
  handle: 'handle-1',
  clientName: 'Claude Code',
  clientDomain: undefined,
  redirectHost: '127.0.0.1:41231',
  redirectIsLoopback: true,
  scopes: SCOPES.map((scope) => ({ ...scope, requested: BASELINE.includes(scope.name) })),
  repositories: '',
  githubHost: 'github.com',
  formTargets: [],
};

/** The boxes of the form in their order: name and whether it is ticked. */
function boxes(html: string): { scope: string; ticked: boolean }[] {
  return [...html.matchAll(/<input type="checkbox" name="scope" value="([^"]*)"( checked="")?\/>/g)].map((match) => ({
    scope: match[1] ?? '',
    ticked: match[2] !== undefined,
  }));
}

describe('consentPage', () => {
  it('is a form that posts handle, scopes and decision to /authorize', () => {
    const html = consentPage(view);
    expect(html.startsWith('<!doctype html><html lang="en">')).toBe(true);
    expect(html).toContain('<form method="post" action="/authorize">');
    expect(html).toContain('<input type="hidden" name="handle" value="handle-1"/>');
    expect(html).toContain('name="decision" value="approve"');
    expect(html).toContain('name="decision" value="deny"');
    expect(html.match(/<form/g)).toHaveLength(1);
  });

  it('shows every scope once; exactly the requested ones are ticked', () => {
    const shown = boxes(consentPage(view));
    expect(shown.map((box) => box.scope).sort()).toEqual(SCOPES.map((scope) => scope.name).sort());
    expect(
      shown
        .filter((box) => box.ticked)
        .map((box) => box.scope)
        .sort(),
    ).toEqual([...BASELINE].sort());
  });

  it('marks every scope that can change things, and keeps those in sight when they were not asked for', () => {
    const html = consentPage(view);
    const dangerous = SCOPES.filter((scope) => scope.dangerous).length;
    expect(html.match(/can change things<\/strong>/g)).toHaveLength(dangerous);
    expect(html.slice(html.indexOf('Change things at GitHub'))).toContain('<details open="">');
  });

  it('says who asks: a name nobody verified, or a verified domain', () => {
    expect(consentPage(view)).toContain('its name is not verified');
    const verified = consentPage({ ...view, clientName: 'Claude', clientDomain: 'claude.ai' });
    expect(verified).toContain('<strong>claude.ai</strong> (verified domain)');
    expect(verified).not.toContain('not verified');
  });

  it('warns where access goes to a program on this computer, and only there', () => {
    expect(consentPage(view)).toContain('on the computer you are using now');
    const remote = consentPage({ ...view, redirectHost: 'claude.ai', redirectIsLoopback: false });
    expect(remote).toContain('<bdi>claude.ai</bdi>');
    expect(remote).not.toContain('on the computer you are using now');
  });

  it('says where the sign-in goes on and how access ends', () => {
    const html = consentPage({ ...view, githubHost: 'github.corp.example' });
    expect(html).toContain('<strong>github.corp.example</strong>');
    expect(html).toContain('remove the connection');
  });

  it('asks for a limit, explains it, and shows again what was entered with what is wrong about it', () => {
    const html = consentPage(view);
    expect(html).toMatch(/<input class="text" type="text" id="repositories" name="repositories" value=""/);
    expect(html).toContain('<label for="repositories">');
    expect(html).toContain('<code>owner/*</code>');
    expect(html).not.toContain('role="alert"');
    const again = consentPage({ ...view, repositories: 'acme/web, acme', problem: '“acme” names no repository.' });
    expect(again).toContain('value="acme/web, acme"');
    expect(again).toMatch(/role="alert" id="repositories-problem">\s*“acme” names no repository\./);
    expect(again).toContain('aria-describedby="repositories-problem repositories-rule"');
  });

  const HOSTILE = [
    '</title><script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</style><svg/onload=alert(1)>',
    '<form action=https://evil.example>',
    '{{constructor.constructor("alert(1)")()}}',
    '<!--',
    '&lt;b&gt; &quot;',
    '<base href=https://evil.example>',
  ];

  it.each(HOSTILE)('draws %s as text wherever it stands', (hostile) => {
    const html = consentPage({
      base: '',
      handle: hostile,
      clientName: hostile,
      clientDomain: hostile,
      redirectHost: hostile,
      redirectIsLoopback: true,
      repositories: hostile,
      problem: hostile,
      githubHost: hostile,
      scopes: [
        { name: hostile, group: 'read', title: hostile, dangerous: false, requested: true },
        { name: hostile, group: 'write', title: hostile, dangerous: true, requested: false },
      ],
      formTargets: [],
    });
    const tags = new Set([...html.matchAll(/<\/?([a-z!][a-z-]*)/gi)].map((match) => match[1]?.toLowerCase()));
    for (const tag of ['script', 'img', 'base', 'iframe', 'b', '!--']) expect(tags).not.toContain(tag);
    expect(html.match(/<form/g)).toHaveLength(1);
    expect(html.match(/<svg/g)).toHaveLength(1);
    expect(html.replace(/"[^"]*"/g, '""')).not.toMatch(/<[^>]*\son[a-z]+=/i);
    expect(html.match(/<\/style>/g)).toHaveLength(1);
    expect(html.match(/<\/title>/g)).toHaveLength(1);
  });

  it('never leaves a client without a name', () => {
    for (const clientName of ['', '   ', '\u200b\u202e']) {
      expect(consentPage({ ...view, clientName })).toContain('An unnamed application');
    }
  });

  it('keeps a name from turning the text around it', () => {
    const html = consentPage({ ...view, clientName: 'safe\u202egnp.exe\u2066', redirectHost: 'a\u202eb.example' });
    expect(html).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b-\u200f]/);
  });

  it('keeps a long name short', () => {
    const html = consentPage({ ...view, clientName: 'W'.repeat(10_000) });
    expect(html).not.toContain('W'.repeat(101));
    expect(/<h1>.*?<\/h1>/.exec(html)?.[0]).not.toContain('W'.repeat(51));
  });

  it('needs nothing from elsewhere and no script', () => {
    const html = consentPage(view);
    expect(html).not.toMatch(/<(script|link|img|iframe|object)\b/);
    expect(html).not.toMatch(/\b(src|style)=/);
    expect(html).not.toMatch(/url\(|@import/);
  });
});
