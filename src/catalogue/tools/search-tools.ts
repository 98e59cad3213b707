import * as z from 'zod';
import { text, whole } from '../arguments.ts';
import { defineTool, type ToolDefinition } from '../define.ts';
import { inputSchemaOf } from '../listing.ts';
import { DEFAULT_SELECTION, refusalOf } from '../selection.ts';
import { type Findable, findable, findTools } from '../tool-search.ts';

/** A JSON Schema says itself what is in it. */
const InputSchema = z.looseObject({ type: z.literal('object') });

/** In: the tools to search. Out: the tool that does; it leaves out what this request's headers or the policy refuse. */
export function searchToolsAmong(tools: readonly ToolDefinition[]) {
  // Made at the first search: most isolates never see one.
  let among: Findable[] | undefined;
  return defineTool({
    name: 'search_tools',
    title: 'Search tools',
    description: 'Find tools that are not listed here, by words such as: gist files.',
    toolset: 'context',
    access: 'read',
    hints: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
    input: z.strictObject({
      query: text(200, 1),
      limit: whole(1, 10).optional(),
    }),
    output: z.object({
      total: z.int(),
      tools: z.array(
        z.object({
          name: z.string(),
          description: z.string(),
          access: z.enum(['read', 'write']),
          input_schema: InputSchema,
        }),
      ),
      hint: z.string().optional(),
    }),
    async run({ query, limit = 5 }, { selection = DEFAULT_SELECTION }) {
      among ??= tools.map((tool) => findable(tool, JSON.stringify(inputSchemaOf(tool).properties)));
      const found = findTools(query, among).filter((tool) => refusalOf(tool, selection) === undefined);
      return {
        data: {
          total: found.length,
          tools: found.slice(0, limit).map((tool) => ({
            name: tool.name,
            description: tool.description,
            access: tool.access,
            input_schema: inputSchemaOf(tool),
          })),
          ...(found.length === 0 && { hint: 'No tool has any of these words; try others, or fewer.' }),
        },
      };
    },
  });
}
