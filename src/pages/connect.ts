/** What to type or paste into which client. Pure, and without JSX, so that the command line can print the same. */
import type { Config } from '../config.ts';

export type Place = Pick<Config, 'publicUrl'>;

/** The name under which clients list this server. */
const NAME = 'gatehouse';

/** In: the gate's origin. Out: its MCP address, the command for Claude Code, link and file entry for Cursor, command for VS Code. */
export function connectTexts({ publicUrl }: Place) {
  const url = `${publicUrl}/mcp`;
  const config = encodeURIComponent(Buffer.from(JSON.stringify({ url })).toString('base64'));
  return {
    url,
    claudeCode: `claude mcp add --transport http ${NAME} ${url}`,
    vsCode: `code --add-mcp '${JSON.stringify({ name: NAME, type: 'http', url })}'`,
    cursorLink: `cursor://anysphere.cursor-deeplink/mcp/install?name=${NAME}&config=${config}`,
    cursorEntry: JSON.stringify({ mcpServers: { [NAME]: { url } } }, null, 2),
  };
}
