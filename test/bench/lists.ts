/** How much of a model's context `tools/list` takes, for each set that a client can ask for. */

import { listTools, toolNames } from '../../src/catalogue/selected.ts';
import { readSelection } from '../../src/catalogue/selection.ts';
import { TOOLSETS } from '../../src/core/toolsets.ts';

export interface ListSize {
  /** The headers that choose it, in words. */
  readonly set: string;
  readonly tools: number;
  /** Bytes of the tools as JSON, uncompressed. */
  readonly bytes: number;
}

export function listSizes(): ListSize[] {
  const size = (set: string, headers: Record<string, string>): ListSize => {
    const { tools } = listTools(readSelection(new Headers(headers), toolNames));
    return { set, tools: tools.length, bytes: Buffer.byteLength(JSON.stringify(tools)) };
  };
  return [
    size('default', {}),
    size('default, read-only', { 'X-MCP-Readonly': 'true' }),
    size('all', { 'X-MCP-Toolsets': 'all' }),
    ...TOOLSETS.map((name) => size(name, { 'X-MCP-Toolsets': name })).filter(({ tools }) => tools > 0),
  ];
}
