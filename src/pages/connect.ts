/** What to type or paste into which client. Pure, and without JSX, so that the command line can print the same. */
import type { Config } from '../config.ts';

export type Place = Pick<Config, 'base' | 'issuer'>;

/** The name under which clients list this server; each tenant's is another, or a client could not have two. */
function nameFor(base: string): string {
  return `gatehouse${base.replace('/t/', '-')}`;
}

/** In: where a tenant's part of the gate is. Out: its MCP address, the command for Claude Code, link and file entry for Cursor, command for VS Code. */
export function connectTexts({ base, issuer }: Place) {
  const url = `${issuer}/mcp`;
  const name = nameFor(base);
  const config = encodeURIComponent(Buffer.from(JSON.stringify({ url })).toString('base64'));
  return {
    url,
    claudeCode: `claude mcp add --transport http ${name} ${url}`,
    vsCode: `code --add-mcp '${JSON.stringify({ name, type: 'http', url })}'`,
    cursorLink: `cursor://anysphere.cursor-deeplink/mcp/install?name=${name}&config=${config}`,
    cursorEntry: JSON.stringify({ mcpServers: { [name]: { url } } }, null, 2),
  };
}
