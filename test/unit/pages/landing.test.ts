import { describe, expect, it } from 'vitest';
import { connectTexts, landingPage, misplacedMcp } from '../../../src/pages/index.ts';

const issuer = 'https://gate.example.com';
const place = { base: '', issuer };

describe('connectTexts', () => {
  it('has the exact forms that Claude Code and Cursor read', () => {
    const texts = connectTexts(place);
    expect(texts.claudeCode).toBe('claude mcp add --transport http gatehouse https://gate.example.com/mcp');
    expect(JSON.parse(texts.cursorEntry)).toEqual({ mcpServers: { gatehouse: { url: `${issuer}/mcp` } } });
    const link = new URL(texts.cursorLink);
    expect(`${link.protocol}//${link.host}${link.pathname}`).toBe('cursor://anysphere.cursor-deeplink/mcp/install');
    expect(link.searchParams.get('name')).toBe('gatehouse');
    expect(JSON.parse(atob(link.searchParams.get('config') ?? ''))).toEqual({ url: `${issuer}/mcp` });
  });

  it('names each tenant by itself, or a client could not have two', () => {
    const texts = connectTexts({ base: '/t/acme', issuer: `${issuer}/t/acme` });
    expect(texts.claudeCode).toBe(`claude mcp add --transport http gatehouse-acme ${issuer}/t/acme/mcp`);
    expect(JSON.parse(texts.cursorEntry)).toEqual({
      mcpServers: { 'gatehouse-acme': { url: `${issuer}/t/acme/mcp` } },
    });
    expect(landingPage({ base: '/t/acme', issuer: `${issuer}/t/acme` })).toContain('href="/t/acme/account"');
  });

  it('keeps the base64 whole in the link, whatever characters it has', () => {
    for (let port = 1000; port < 1100; port++) {
      const { cursorLink, url } = connectTexts({ base: '', issuer: `http://localhost:${port}` });
      expect(JSON.parse(atob(new URL(cursorLink).searchParams.get('config') ?? ''))).toEqual({ url });
    }
  });
});

describe('landingPage', () => {
  it('shows the address, the command, the entry and the link', () => {
    const html = landingPage(place);
    const { url, claudeCode, cursorLink } = connectTexts(place);
    expect(html).toContain(`<code>${url}</code>`);
    expect(html).toContain(`<code>${claudeCode}</code>`);
    expect(html).toContain(`href="${cursorLink.replaceAll('&', '&amp;')}"`);
    expect(html).toContain('&quot;mcpServers&quot;');
  });

  it('says of a local address that Claude on the web cannot reach it', () => {
    expect(landingPage({ base: '', issuer: 'http://localhost:8788' })).toContain('without a tunnel');
    expect(landingPage(place)).not.toContain('without a tunnel');
  });
});

describe('misplacedMcp', () => {
  it('names the right URL in an error a client can read', async () => {
    const answer = misplacedMcp(place);
    expect(answer.status).toBe(404);
    const body = await answer.json();
    expect(body).toMatchObject({ jsonrpc: '2.0', id: null, error: { data: { url: `${issuer}/mcp` } } });
    expect(JSON.stringify(body)).toContain('Change the URL in your client');
  });
});
