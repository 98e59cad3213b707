/**
 * The two ways to a tool that is not listed. `mcp/unwrap.ts` puts the inner call in the place of a call of these before
 * scope, limits and record are decided; so what runs here is only what could not be resolved, and it says why.
 */
import * as z from 'zod';
import { AppError } from '../../core/errors.ts';
import { plainText } from '../../core/text.ts';
import { defineTool, type ToolDefinition } from '../define.ts';

/** The arguments of both wrappers. */
export const WrappedCall = z.strictObject({
  name: z.string(),
  arguments: z.looseObject({}).optional(),
});

type ByName = (name: string) => ToolDefinition | undefined;

/** In: how tools are found. Out: `call_read_tool` and `call_write_tool`. */
export function callToolsAmong(byName: ByName) {
  const run = (access: 'read' | 'write') => async (args: z.output<typeof WrappedCall>) => {
    const reason = wrapProblem(access, args.name, byName);
    throw reason ?? new AppError('invalid_arguments', `The header Mcp-Name must be call_${access}_tool, as it is.`);
  };
  const callReadTool = defineTool({
    name: 'call_read_tool',
    title: 'Call a read tool',
    description: 'Call a read tool found by search_tools, as its input_schema says.',
    toolset: 'context',
    access: 'read',
    wraps: true,
    hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
    input: WrappedCall,
    output: z.object({}),
    run: run('read'),
  });
  const callWriteTool = defineTool({
    name: 'call_write_tool',
    title: 'Call a write tool',
    description: 'Call a write tool found by search_tools, as its input_schema says.',
    toolset: 'context',
    access: 'write',
    wraps: true,
    // The worst that an inner tool can do.
    hints: { readOnly: false, destructive: true, idempotent: false, openWorld: true },
    input: WrappedCall,
    output: z.object({}),
    run: run('write'),
  });
  return [callReadTool, callWriteTool] as const;
}

/** In: the access a wrapper stands for, the name it was given. Out: why that tool cannot be called so, or undefined. */
export function wrapProblem(access: 'read' | 'write', name: string, byName: ByName): AppError | undefined {
  const inner = byName(name);
  if (inner === undefined) {
    return problem(`There is no tool ${plainText(name, 60)}.`, 'Find the name with search_tools.');
  }
  if (inner.wraps) return problem(`${inner.name} cannot be called through another tool.`, 'Name the tool itself.');
  if (access === 'read' && inner.access === 'write') {
    return problem(`${inner.name} changes things.`, 'Call it with call_write_tool.');
  }
  return undefined;
}

function problem(message: string, hint: string): AppError {
  return new AppError('invalid_arguments', `name: ${message}`, { hint, details: { fields: [{ field: 'name' }] } });
}
