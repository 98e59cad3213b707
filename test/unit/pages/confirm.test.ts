import { describe, expect, it } from 'vitest';
import { accountPages, confirmPage } from '../../../src/pages/index.ts';

const view = {
  base: '',
  id: '01JD0000000000000000000000',
  toolName: 'push_files',
  arguments: '{"owner":"acme"}',
  clientName: 'Editor',
  question: 'Write a on main?',
  login: 'octocat',
  formToken: 'token-1',
};

describe('confirmPage', () => {
  it('shows the question, who asks, the tool and its arguments, and takes either answer', () => {
    const html = confirmPage(view);
    for (const text of [
      'Write a on main?',
      'Editor',
      'octocat',
      'push_files',
      '{&quot;owner&quot;:&quot;acme&quot;}',
    ]) {
      expect(html).toContain(text);
    }
    expect(html).toContain(`action="/confirm/${view.id}"`);
    expect(html).toContain('name="form_token" value="token-1"');
    expect(html.match(/name="answer" value="(yes|no)"/g)).toHaveLength(2);
  });

  it('escapes what others wrote, and shows nothing that hides', () => {
    const hostile = '<script>alert(1)</script>\u202e\u200b"';
    const html = confirmPage({ ...view, arguments: hostile, question: hostile, clientName: hostile });
    expect(html).not.toContain('<script');
    expect(html).not.toMatch(/[\u202e\u200b]/);
    expect(html.match(/&lt;script&gt;alert\(1\)/g)).toHaveLength(3);
  });

  it('sends its form nowhere else', () => {
    const policy = accountPages.confirm(view).headers.get('content-security-policy');
    expect(policy).toContain("form-action 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
  });
});
