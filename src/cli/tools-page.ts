/** The page of tools, resources and prompts, as Markdown. Pure: the same catalogue gives the same page. */
import type { ResourceDefinition, ToolDefinition } from '../catalogue/define.ts';
import { lists, resources, scopeOf, tools } from '../catalogue/index.ts';
import { DEFAULT_SELECTION, isListed } from '../catalogue/selection.ts';
import { TOOLSETS } from '../core/toolsets.ts';

const INTRO = `<!-- Made by \`npm run docs\` from src/catalogue. Edit the definitions, not this page. -->
# Tools, resources and prompts

## Choosing tools
\`tools/list\` shows the default set, marked ● below, unless a request says otherwise. The headers are those of GitHub's own remote server; case, spaces and repeats do not matter.

| header | value | effect |
|---|---|---|
| \`X-MCP-Toolsets\` | toolsets, \`all\`, \`default\`, with commas between | shows these toolsets |
| \`X-MCP-Tools\` | tools, with commas between | shows these tools too; alone, only these |
| \`X-MCP-Exclude-Tools\` | tools, with commas between | hides these and refuses their calls, whatever else names them |
| \`X-MCP-Readonly\` | anything but empty, \`false\`, \`f\`, \`no\`, \`n\`, \`0\`, \`off\` | hides what changes something and refuses its calls |

Names that mean nothing here are ignored; \`instructions\` and \`_meta["gatehouse/unknown"]\` of the list name them. A tool that is not shown can still be called: \`search_tools\` finds it, \`call_read_tool\` and \`call_write_tool\` call it. Its scope, limits, confirmation and audit row are then those of the tool itself.

A tool needs the scope beside it, or a broader one: see \`tools:execute\` in the consent page.`;

export function toolsPage(): string {
  return `${[INTRO, ...TOOLSETS.flatMap(toolset), resourceTable(), promptTable()].join('\n\n')}\n`;
}

function toolset(name: ToolDefinition['toolset']): string[] {
  const own = tools.filter((tool) => tool.toolset === name);
  if (own.length === 0) return [];
  const head = ['', 'tool', 'access', 'hints', 'scope', 'what it does'];
  const rows = own.map((tool) => [
    isListed(tool, DEFAULT_SELECTION) ? '●' : '',
    code(tool.name),
    tool.access,
    hintsOf(tool),
    tool.wraps ? 'that of the inner tool' : code(String(scopeOf(tool))),
    firstSentence(tool.description),
  ]);
  return [`## Toolset ${code(name)}\n${table(head, rows)}`];
}

function resourceTable(): string {
  const address = ({ address }: ResourceDefinition) => ('uri' in address ? address.uri : address.uriTemplate);
  const rows = resources.map((resource) => [
    code(resource.name),
    code(address(resource)),
    firstSentence(resource.description),
  ]);
  const scopes = 'Scope: `resources:read`, or `resources:read:public` for public repositories.';
  return `## Resources\n${scopes}\n\n${table(['resource', 'URI', 'what it is'], rows)}`;
}

function promptTable(): string {
  const rows = lists.prompts.prompts.map((prompt) => [
    code(prompt.name),
    prompt.arguments.map(({ name, required }) => (required ? code(name) : `${code(name)} (optional)`)).join(', '),
    firstSentence(prompt.description),
  ]);
  return `## Prompts\nScope: \`prompts:use\`.\n\n${table(['prompt', 'arguments', 'what it does'], rows)}`;
}

/** The hints that are true (MCP ToolAnnotations). */
function hintsOf({ hints }: ToolDefinition): string {
  const said = [
    hints.readOnly && 'read-only',
    hints.destructive && 'destructive',
    hints.idempotent && 'idempotent',
    hints.openWorld && 'open world',
  ];
  return said.filter((hint) => hint !== false).join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

function firstSentence(text: string): string {
  return /^.*?[.!?](?=\s|$)/s.exec(text)?.[0].replace(/\s+/g, ' ') ?? text;
}

function code(text: string): string {
  return `\`${text}\``;
}
