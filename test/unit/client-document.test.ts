import { describe, expect, it } from 'vitest';
import { documentUrlProblem, isDocumentUrl } from '../../src/auth/client-document.ts';

describe('the URL of a client metadata document', () => {
  it.each([
    'https://claude.ai/oauth/mcp-oauth-client-metadata',
    'https://app.company.dev/c.json?v=1',
    'https://xn--bcher-kva.de/c',
  ])('may be %s', (url) => {
    expect(isDocumentUrl(url)).toBe(true);
    expect(documentUrlProblem(url)).toBeUndefined();
  });

  it.each([
    ['http://client.dev/c', 'https'],
    ['ftp://client.dev/c', 'https'],
    ['javascript:alert(1)', 'https'],
    ['https://user:pw@client.dev/c', 'password'],
    ['https://client.dev:8443/c', 'port'],
    ['https://client.dev/c#x', 'fragment'],
    ['https://client.dev/', 'path'],
    ['https://client.dev', 'path'],
    ['https://127.0.0.1/c', 'address'],
    ['https://[::1]/c', 'address'],
    ['https://[::ffff:169.254.169.254]/c', 'address'],
    ['https://2130706433/c', 'address'],
    ['https://0x7f.1/c', 'address'],
    ['https://169.254.169.254/latest/meta-data', 'address'],
    ['https://localhost/c', 'public host'],
    ['https://app.localhost/c', 'public host'],
    ['https://printer.local/c', 'public host'],
    ['https://db.internal/c', 'public host'],
    ['https://gate/c', 'public host'],
    ['https://client.dev./c', 'public host'],
    ['https://client.dev/a/../b', 'normal form'],
    ['https://CLIENT.dev/c', 'normal form'],
    ['https://client.dev/%0a c', 'normal form'],
    [`https://client.dev/${'x'.repeat(1100)}`, 'longer'],
    ['https://', 'not a URL'],
  ])('may not be %s: %s', (url, rule) => {
    expect(isDocumentUrl(url)).toBe(true);
    expect(documentUrlProblem(url)).toContain(rule);
  });

  it.each(['GPBo9cHJnwi0Wbg7', 'a-b_c', ''])('is not what %j is: a registered client', (id) => {
    expect(isDocumentUrl(id)).toBe(false);
  });
});
