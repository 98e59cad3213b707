import { describe, expect, it } from 'vitest';
import { CookieJar } from '../../../src/cli/browser/cookies.ts';
import { formsOf, submission, textOf } from '../../../src/cli/browser/forms.ts';

const PAGE = new URL('http://localhost:8788/authorize?client_id=x');

describe('forms of a page', () => {
  const html = `<!doctype html><head><title>No</title></head>
    <!-- <form action="/commented"><input name="no"></form> -->
    <script>document.write('<form action="/scripted"></form>')</script>
    <form method="post" action="/authorize">
      <input type="hidden" name="handle" value="a&amp;b &#39;c&#x27; &quot;d&quot;">
      <input type=checkbox name=scope value=tools:list checked>
      <input type="checkbox" name="scope" value="tools:execute">
      <input type="text" name="gone" value="1" disabled>
      <textarea name="note">two
lines</textarea>
      <select name="pick"><option value="1">One<option value="2" selected>Two</select>
      <button type="button" name="help">Help</button>
      <button name="decision" value="approve">Yes</button><button name='decision' value='deny' title="a > b">No</button>
    </form>
    <form action="relative"><input name="q"></form>`;
  const [first, second, ...rest] = formsOf(html, PAGE);

  it('are found outside comments and scripts, with absolute actions', () => {
    expect(rest).toEqual([]);
    expect(first).toMatchObject({ method: 'POST', action: new URL('http://localhost:8788/authorize') });
    expect(second).toMatchObject({ method: 'GET', action: new URL('http://localhost:8788/relative') });
  });

  it('have their controls decoded, and know which are on', () => {
    expect(first?.fields).toEqual([
      { name: 'handle', type: 'hidden', value: `a&b 'c' "d"`, on: true },
      { name: 'scope', type: 'checkbox', value: 'tools:list', on: true },
      { name: 'scope', type: 'checkbox', value: 'tools:execute', on: false },
      { name: 'note', type: 'textarea', value: 'two\nlines', on: true },
      { name: 'pick', type: 'select', value: '2', on: true },
    ]);
    expect(first?.buttons).toEqual([
      { name: 'decision', value: 'approve' },
      { name: 'decision', value: 'deny' },
    ]);
  });

  it('submit what is on and the button that was pressed', () => {
    if (first === undefined) throw new Error('no form');
    const sent = submission(first, (field) => field.on && field.type !== 'textarea', first.buttons[1]);
    expect([...sent]).toEqual([
      ['handle', `a&b 'c' "d"`],
      ['scope', 'tools:list'],
      ['pick', '2'],
      ['decision', 'deny'],
    ]);
  });

  it('have words without markup', () => {
    expect(textOf('<head><title>t</title></head><h1>Not&nbsp;allowed</h1><style>x{}</style><p>Ask &lt;them&gt;')).toBe(
      'Not allowed Ask <them>',
    );
  });
});

describe('cookie jar', () => {
  const gate = new URL('http://localhost:8788/authorize');
  const github = new URL('http://127.0.0.1:4001/login/oauth/authorize');
  const jarWith = (...lines: string[]) => {
    const jar = new CookieJar();
    jar.store(gate, new Headers(lines.map((line) => ['set-cookie', line] as [string, string])));
    return jar;
  };

  it('keeps cookies to their host and path', () => {
    const jar = jarWith('a=1; Path=/', 'b=2; Path=/callback');
    expect(jar.header(gate, 'GET', undefined)).toBe('a=1');
    expect(jar.header(new URL('http://localhost:8788/callback/x'), 'GET', undefined)).toBe('a=1; b=2');
    expect(jar.header(new URL('http://localhost:8788/callbacks'), 'GET', undefined)).toBe('a=1');
    expect(jar.header(github, 'GET', undefined)).toBe('');
  });

  it('follows SameSite when another site sends the person here', () => {
    const jar = jarWith(
      'strict=1; SameSite=Strict',
      'lax=2; SameSite=Lax',
      'unsaid=3',
      'none=4; SameSite=None; Secure',
    );
    expect(jar.header(gate, 'GET', github)).toBe('lax=2; unsaid=3; none=4');
    expect(jar.header(gate, 'POST', github)).toBe('none=4');
    expect(jar.header(gate, 'POST', gate)).toBe('strict=1; lax=2; unsaid=3; none=4');
  });

  it('refuses what a browser refuses, replaces, and forgets', () => {
    const jar = jarWith(
      '__Host-a=1; Secure; Path=/x',
      '__Host-b=1; Path=/',
      '__Host-c=1; Secure; Path=/',
      'd=1; Domain=evil.test',
    );
    expect(jar.header(gate, 'GET', undefined)).toBe('__Host-c=1');
    jar.store(gate, new Headers({ 'set-cookie': '__Host-c=2; Secure; Path=/' }));
    expect(jar.header(gate, 'GET', undefined)).toBe('__Host-c=2');
    jar.store(gate, new Headers({ 'set-cookie': '__Host-c=; Secure; Path=/; Max-Age=0' }));
    expect(jar.header(gate, 'GET', undefined)).toBe('');
  });
});
