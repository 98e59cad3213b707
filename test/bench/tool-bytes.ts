/** Bytes of `tools/list`, as models and hosts pay for them. */
import { lists, toolByName } from '../../src/catalogue/index.ts';
import { DEFAULT_SELECTION, isListed } from '../../src/catalogue/selection.ts';

// A type, not an interface, so that it can be printed as a table.
export type ToolBytes = {
  readonly tool: string;
  readonly toolset: string;
  /** `●` where it is in the default set. */
  readonly default: string;
  /** Name, description and input schema: what hosts pass on to a model. */
  readonly short: number;
  /** The same with the output schema. */
  readonly 'with output': number;
  /** All that the list says, titles and annotations too. */
  readonly whole: number;
};

/** One row per tool, in the order of the catalogue. */
export function bytesOfTools(): ToolBytes[] {
  return lists.tools.tools.map((listed) => {
    const { name, description, inputSchema, outputSchema } = listed;
    const tool = toolByName(name);
    if (tool === undefined) throw new Error(`${name} is listed and not there`);
    return {
      tool: name,
      toolset: tool.toolset,
      default: isListed(tool, DEFAULT_SELECTION) ? '●' : '',
      short: bytesOf({ name, description, inputSchema }),
      'with output': bytesOf({ name, description, inputSchema, outputSchema }),
      whole: bytesOf(listed),
    };
  });
}

/** The default set and everything, as JSON lists: with their brackets and commas. */
export function sumsOf(rows: readonly ToolBytes[]) {
  const sum = (set: string, among: readonly ToolBytes[]) => {
    const total = (key: 'short' | 'with output' | 'whole') => among.reduce((all, row) => all + row[key] + 1, 1);
    return {
      set,
      tools: among.length,
      short: total('short'),
      'with output': total('with output'),
      whole: total('whole'),
    };
  };
  return [
    sum(
      'default',
      rows.filter((row) => row.default !== ''),
    ),
    sum('all', rows),
  ];
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
