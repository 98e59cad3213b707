import { describe, expect, it } from 'vitest';
import { connectTexts, landingPage, misplacedMcp } from '../../../src/pages/index.ts';

const publicUrl = 'https://gate.example.com';

describe('connectTexts', () => {
  it('has the exact forms that Claude Code and Cursor read', () => {
    const texts = connectTexts({ publicUrl });
    expect(texts.claudeCode).toBe('claude mcp add --transport http gatehouse https://gate.example.com/mcp');
    expect(JSON.parse(texts.cursorEntry)).toEqual({ mcpServers: { gatehouse: { url: `${publicUrl}/mcp` } } });
    const link = new URL(texts.cursorLink);
    expect(`${link.protocol}//${link.host}${link.pathname}`).toBe('cursor://anysphere.cursor-deeplink/mcp/install');
    expect(link.searchParams.get('name')).toBe('gatehouse');
    expect(JSON.parse(atob(link.searchParams.get('config') ?? ''))).toEqual({ url: `${publicUrl}/mcp` });
  });

  it('keeps the base64 whole in the link, whatever characters it has', () => {
    for (let port = 1000; port < 1100; port++) {
      const { cursorLink, url } = connectTexts({ publicUrl: `http://localhost:${port}` });
      expect(JSON.parse(atob(new URL(cursorLink).searchParams.get('config') ?? ''))).toEqual({ url });
    }
  });
});

describe('landingPage', () => {
  it('shows the address, the command, the entry and the link', () => {
    const html = landingPage({ publicUrl });
    const { url, claudeCode, cursorLink } = connectTexts({ publicUrl });
    expect(html).toContain(`<code>${url}</code>`);
    expect(html).toContain(`<code>${claudeCode}</code>`);
    expect(html).toContain(`href="${cursorLink.replaceAll('&', '&amp;')}"`);
    expect(html).toContain('&quot;mcpServers&quot;');
  });

  it('says of a local address that Claude on the web cannot reach it', () => {
    expect(landingPage({ publicUrl: 'http://localhost:8788' })).toContain('without a tunnel');
    expect(landingPage({ publicUrl })).not.toContain('without a tunnel');
  });
});

describe('misplacedMcp', () => {
  it('names the right URL in an error a client can read', async () => {
    const answer = misplacedMcp({ publicUrl });
    expect(answer.status).toBe(404);
    const body = await answer.json();
    expect(body).toMatchObject({ jsonrpc: '2.0', id: null, error: { data: { url: `${publicUrl}/mcp` } } });
    expect(JSON.stringify(body)).toContain('Change the URL in your client');
  });
});
