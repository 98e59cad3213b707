import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { authPages, htmlResponse, messagePage, pageCsp } from '../../../src/pages/index.ts';

const formAction = (csp: string) => csp.split('; ').find((directive) => directive.startsWith('form-action'));

describe('pageCsp', () => {
  it('lets in the stylesheet that the page holds, by its hash, and nothing else', async () => {
    const answer = htmlResponse(messagePage({ status: 200, title: 'T', lines: [], requestId: 'req_a' }));
    const style = /<style>([\s\S]*?)<\/style>/.exec(await answer.clone().text())?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    const csp = answer.headers.get('content-security-policy') ?? '';
    expect(csp).toContain(`style-src 'sha256-${hash}'`);
    expect(csp).toContain("default-src 'none'");
    expect(csp).toContain("frame-ancestors 'none'");
    expect(csp).toContain("base-uri 'none'");
    expect(csp).not.toMatch(/unsafe|script-src|\*/);
  });

  it('has no form unless said', () => {
    expect(formAction(pageCsp(undefined))).toBe("form-action 'none'");
    expect(formAction(pageCsp([]))).toBe("form-action 'self' https:");
  });

  it.each([
    [['https://github.com', 'https://claude.ai'], "form-action 'self' https:"],
    [
      ['http://localhost:4000', 'http://127.0.0.1:41231'],
      "form-action 'self' https: http://localhost:4000 http://127.0.0.1:41231",
    ],
    [['cursor:'], "form-action 'self' https: cursor:"],
    [['com.example.app:'], "form-action 'self' https: com.example.app:"],
    [['http://[::1]:4000'], "form-action 'self' https: http:"],
  ])('lets the way back to %j through', (targets, directive) => {
    expect(formAction(pageCsp(targets))).toBe(directive);
  });

  it.each([
    "http://a.example; script-src 'unsafe-inline'",
    'http://a.example, default-src *',
    "http://a.example 'unsafe-inline'",
    'http://*',
    '*',
    "'unsafe-inline'",
    'http://a.example/path',
    'http://user@a.example',
    'http://a.example\n',
    'http://a.example\r\nset-cookie: a=b',
    'null',
    '',
    'http:\n',
    'http://[::1];x',
  ])('leaves %j out', (target) => {
    expect(formAction(pageCsp([target]))).toBe("form-action 'self' https:");
    expect(pageCsp([target]).split(';')).toHaveLength(5);
  });
});

describe('authPages', () => {
  it('answers are neither stored nor framed, and posts keep their Origin', () => {
    const answer = authPages.message({ status: 403, title: 'No', lines: ['Not on the list.'], requestId: 'req_a' });
    expect(answer.status).toBe(403);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
    });
  });
});

describe('messagePage', () => {
  it('says what happened, what to do, and the request id; text of others is text', () => {
    const html = messagePage({
      status: 400,
      title: 'This sign-in <cannot> go on',
      lines: ['<script>alert(1)</script>\u202e', 'Start again.'],
      requestId: 'req_"><b>',
    });
    expect(html).toContain('This sign-in &lt;cannot&gt; go on');
    expect(html).toContain('&lt;script&gt;');
    expect(html).not.toMatch(/<script|<b>|\u202e/);
    expect(html).toContain('Start again.');
    expect(html).toContain('req_&quot;&gt;');
  });
});
