/**
 * Clients known by a document (CIMD): fetched within the policy, shown as verified, and never for somebody who has no
 * grant. What the Worker asks of other hosts ends at `outboundService` of test/vitest.config.ts, which answers for
 * `client.dev` and counts.
 */
import { exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';

const ORIGIN = 'https://gate.example';

function authorize(client_id: string): Promise<Response> {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id,
    redirect_uri: 'https://client.dev/cb',
    state: 's',
    code_challenge: 'x'.repeat(43),
    code_challenge_method: 'S256',
    resource: `${ORIGIN}/mcp`,
  });
  return exports.default.fetch(new Request(`${ORIGIN}/authorize?${query}`, { redirect: 'manual' }));
}

/** How often the outside was asked for a path. */
async function asked(path: string): Promise<number> {
  const answer = await fetch(`https://count.dev/?path=${encodeURIComponent(path)}`);
  return Number(await answer.text());
}

describe('a client known by its document', () => {
  it('is shown with its domain', async () => {
    const page = await authorize('https://client.dev/good.json');
    expect(page.status).toBe(200);
    const html = await page.text();
    expect(html).toContain('A client of its own');
    expect(html).toContain('client.dev');
    expect(html).toContain('verified domain');
  });

  it.each([
    ['/missing.json', 'could not be read'],
    ['/other.json', 'could not be read'],
    ['/huge.json', 'could not be read'],
    ['/not.json', 'could not be read'],
  ])('is refused with a page when its document is not one: %s', async (path, reason) => {
    const page = await authorize(`https://client.dev${path}`);
    expect(page.status).toBe(400);
    expect(page.headers.get('location')).toBeNull();
    expect(await page.text()).toContain(reason);
  });

  it('is not fetched from where the policy says no', async () => {
    for (const url of ['https://127.0.0.1/c', 'https://printer.local/c', 'https://client.dev:444/policy.json']) {
      expect((await authorize(url)).status).toBe(400);
    }
    expect(await asked('/policy.json')).toBe(0);
  });

  it('is not fetched for a code or token that is none of ours', async () => {
    const assertion = `x.${btoa(JSON.stringify({ iss: 'https://client.dev/never.json' }))}.x`;
    for (const form of [
      { grant_type: 'authorization_code', code: 'a:b:c', client_id: 'https://client.dev/never.json' },
      { grant_type: 'refresh_token', refresh_token: 'x', client_id: 'https://client.dev/never.json' },
      { token: 'a:b:c', client_id: 'https://client.dev/never.json' },
      { grant_type: 'refresh_token', refresh_token: 'x', client_assertion: assertion, client_assertion_type: 'x' },
    ]) {
      const answer = await exports.default.fetch(
        new Request(`${ORIGIN}/token`, { method: 'POST', body: new URLSearchParams(form as Record<string, string>) }),
      );
      expect(answer.status).toBe(400);
    }
    expect(await asked('/never.json')).toBe(0);
  });
});
