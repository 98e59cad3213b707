/** One snapshot per tool: all that a client is told of it, and the scope it needs. */
import { join } from 'node:path';
import { lists, scopeOf, toolByName } from '../../src/catalogue/index.ts';

export const SNAPSHOTS = join(import.meta.dirname, '__snapshots__');

/** Out: the text of every snapshot, by the name of its file. */
export function toolSnapshots(): ReadonlyMap<string, string> {
  return new Map(
    lists.tools.tools.map(({ name, title, description, annotations, inputSchema, outputSchema }) => {
      const tool = toolByName(name);
      if (tool === undefined) throw new Error(`${name} is listed and not there`);
      const scope = scopeOf(tool) ?? 'that of the inner tool';
      const snapshot = { name, title, description, scope, annotations, inputSchema, outputSchema };
      return [`${name}.json`, `${JSON.stringify(snapshot, null, 2)}\n`];
    }),
  );
}
