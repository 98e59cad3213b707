/** Arguments of every tool and prompt: right ones with something wrong in them, and wrong ones. */
import type { Draw } from '../draw.ts';
import type { Shot } from '../shot.ts';
import type { Target } from '../target.ts';
import { goodHeaders, MODERN_META } from '../target.ts';

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/** They wait for something to happen at GitHub, which here never does. */
const WAIT = /^wait_/;

export async function argumentsShot(draw: Draw, target: Target): Promise<Shot> {
  const tool = draw.oneOf(target.tools.filter(({ name }) => !WAIT.test(name)));
  const args = valueFor('', tool.inputSchema as Schema, draw) as Record<string, unknown>;
  // One thing wrong finds more than everything wrong, which is refused at the first.
  if (draw.chance(0.4)) args[draw.oneOf([...Object.keys(args), draw.nasty()])] = draw.json();
  const params = { name: tool.name, arguments: draw.chance(0.03) ? draw.json() : args, _meta: MODERN_META };
  return {
    method: 'POST',
    target: '/mcp',
    headers: [...goodHeaders(target, 'tools/call', tool.name), ['x-mcp-toolsets', 'all']],
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  };
}

/** So that calls come as far as GitHub. */
const KNOWN: Readonly<Record<string, unknown>> = {
  owner: 'acme',
  repo: 'web',
  issue_number: 1,
  pullNumber: 7,
  org: 'acme',
  branch: 'main',
  path: 'README.md',
  query: 'cart',
  username: 'octocat',
};

function valueFor(name: string, schema: Schema, draw: Draw): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return draw.chance(0.9) ? draw.oneOf(schema.enum) : draw.nasty();
  if (name in KNOWN && draw.chance(0.8)) return KNOWN[name];
  if (schema.anyOf !== undefined) return valueFor(name, draw.oneOf(schema.anyOf), draw);
  switch (schema.type) {
    case 'integer':
    case 'number':
      return draw.chance(0.7) ? draw.int(10) : draw.oneOf([-1, 0, 2 ** 53, 1.5, 1e300]);
    case 'boolean':
      return draw.chance(0.5);
    case 'array':
      return Array.from({ length: draw.int(4) }, () => valueFor(name, schema.items ?? {}, draw));
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([key]) => schema.required?.includes(key) === true || draw.chance(0.3))
          .map(([key, member]) => [key, valueFor(key, member, draw)]),
      );
    default:
      return draw.chance(0.4) ? 'x' : draw.nasty();
  }
}
