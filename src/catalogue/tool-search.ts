/** Finding a tool by words. Pure. */
import type { ToolDefinition } from './define.ts';

/** Words that say nothing about what is looked for. */
const NOISE = new Set([
  'a',
  'an',
  'and',
  'by',
  'for',
  'from',
  'how',
  'in',
  'is',
  'it',
  'me',
  'my',
  'of',
  'on',
  'or',
  'the',
  'to',
  'tool',
  'with',
  'github',
]);

/** What a word counts where it stands: in the name of a tool, its title, its description, its arguments. */
const WEIGHTS = [8, 4, 3, 1] as const;
/** A word that only begins alike (`repo`, `repository`) counts for this part. */
const ALIKE = 0.6;
/** Shortest beginning that two words must share to be alike. */
const SHORTEST = 4;

export interface Findable {
  readonly tool: ToolDefinition;
  /** Words of the tool, in the order of WEIGHTS. */
  readonly words: readonly ReadonlySet<string>[];
}

/** Made once per tool. `argumentText` is the tool's input schema as JSON: names and descriptions of its arguments. */
export function findable(tool: ToolDefinition, argumentText: string): Findable {
  const { name, title, description } = tool;
  return {
    tool,
    words: [name, `${title} ${tool.toolset}`, description, argumentText].map((text) => new Set(wordsOf(text))),
  };
}

/**
 * In: a query of a few words, the tools. Out: those with at least one of the words, best first; the tool that the query
 * names stands before all others. Equal ones keep their order.
 */
export function findTools(query: string, among: readonly Findable[]): ToolDefinition[] {
  const name = query.trim().toLowerCase();
  const wanted = new Set(wordsOf(query));
  return among
    .map(({ tool, words }) => ({ tool, score: tool.name === name ? Number.POSITIVE_INFINITY : scoreOf(wanted, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || 0)
    .map(({ tool }) => tool);
}

/** Every word counts once, where it counts most; tools with all of the words come before those with some. */
function scoreOf(wanted: ReadonlySet<string>, fields: readonly ReadonlySet<string>[]): number {
  let sum = 0;
  let found = 0;
  for (const word of wanted) {
    const best = Math.max(...fields.map((words, i) => (WEIGHTS[i] ?? 0) * matchOf(word, words)));
    sum += best;
    if (best > 0) found += 1;
  }
  return wanted.size === 0 ? 0 : (sum * found) / wanted.size;
}

function matchOf(word: string, words: ReadonlySet<string>): number {
  if (words.has(word)) return 1;
  for (const other of words) {
    const [short, long] = word.length < other.length ? [word, other] : [other, word];
    if (short.length >= SHORTEST && long.startsWith(short)) return ALIKE;
  }
  return 0;
}

/** Words without what changes at their ends: `stars`, `starred` and `star` are one. */
function wordsOf(text: string): string[] {
  // camelCase and snake_case are words too.
  const spaced = text.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  const words = spaced.match(/[a-z0-9]+/g) ?? [];
  return words.filter((word) => word.length > 1 && !NOISE.has(word)).map(stemOf);
}

function stemOf(word: string): string {
  return word
    .replace(/ies$/, 'y')
    .replace(/(?<=...)(?:ing|ed|es|(?<!s)s|e)$/, '')
    .replace(/([^aeiou])\1$/, '$1');
}
