/** What a person sees who opens the gate in a browser, and what a client hears that was given only the origin. */
import type { Place } from './connect.ts';
import { connectTexts } from './connect.ts';
import { documentOf, Layout } from './layout.tsx';

/** In: where a tenant's part of the gate is. Out: the document; it holds nothing that is not public. */
export function landingPage(place: Place): string {
  const texts = connectTexts(place);
  return documentOf(
    <Layout
      title="GitHub for your AI assistants"
      footer="Gatehouse speaks MCP 2026-07-28 and the 2025 revisions, with OAuth 2.1."
    >
      <h1>GitHub for your AI assistants, through one gate</h1>
      <p>
        This is an MCP server. Your assistant reaches GitHub through it, as you, with the permissions you tick when you
        connect, and within the limits your team has set.
      </p>
      <h2>The address</h2>
      <pre>
        <code>{texts.url}</code>
      </pre>
      <h2>Claude Code</h2>
      <p>
        Run this, then <code>/mcp</code> inside Claude Code to sign in:
      </p>
      <pre>
        <code>{texts.claudeCode}</code>
      </pre>
      <h2>Cursor</h2>
      <p>
        <a class="button primary" href={texts.cursorLink}>
          Add to Cursor
        </a>
      </p>
      <p>
        or put this into <code>.cursor/mcp.json</code>:
      </p>
      <pre>
        <code>{texts.cursorEntry}</code>
      </pre>
      <h2>VS Code</h2>
      <pre>
        <code>{texts.vsCode}</code>
      </pre>
      <h2>Claude and other clients</h2>
      <OtherClients issuer={place.issuer} />
      <Honest base={place.base} />
    </Layout>,
  );
}

function OtherClients({ issuer }: Pick<Place, 'issuer'>) {
  if (issuer.startsWith('http:')) {
    return (
      <p>
        Any client on this computer that speaks Streamable HTTP and OAuth: give it the address above. Claude on the web,
        the desktop and the phone connects from Anthropic’s cloud and cannot reach a local address without a tunnel.
      </p>
    );
  }
  return (
    <p>
      Any client that speaks Streamable HTTP and OAuth: give it the address above. In Claude on the web, the desktop and
      the phone, add it as a custom connector.
    </p>
  );
}

function Honest({ base }: Pick<Place, 'base'>) {
  return (
    <>
      <h2>Good to know</h2>
      <ul>
        <li>Only people on the administrator’s list can sign in.</li>
        <li>An assistant can never do more than your own GitHub account may.</li>
        <li>
          <a href={`${base}/account`}>Your account page</a> shows what is connected in your name, and takes access back.
        </li>
        <li>
          Every call, allowed or refused, is recorded for the administrators: who, when, which tool, and its arguments
          with secrets and long texts removed.
        </li>
        <li>Calls are limited per minute. An assistant that runs into a limit is told how long to wait.</li>
        <li>What an assistant makes of what it reads is its own doing: look at changes before you let them through.</li>
      </ul>
    </>
  );
}

/** For an MCP request to the origin: an error that names the right URL. 404, with a JSON-RPC body a client can show. */
export function misplacedMcp({ issuer }: Pick<Place, 'issuer'>): Response {
  const message = `The MCP endpoint of this server is ${issuer}/mcp. Change the URL in your client to that.`;
  const error = { code: -32600, message, data: { code: 'wrong_url', url: `${issuer}/mcp` } };
  return Response.json({ jsonrpc: '2.0', id: null, error }, { status: 404, headers: { 'cache-control': 'no-store' } });
}
