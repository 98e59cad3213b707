/** Who may import whom: the arrows of the design, and the check that derives them anew from every import under `src/`. */
import { readdir, readFile } from 'node:fs/promises';
import { join, posix, relative, sep } from 'node:path';

/**
 * The stages of a request, from top to bottom: each may import what stands at its right, and nothing above it.
 * Everybody may besides use `core`, and types of `config`. A path names a single file of a folder.
 */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  index: ['app', 'objects', 'ops'],
  app: ['edge', 'auth', 'mcp', 'pages', 'ops', 'tenants', 'config'],
  // The Durable Objects wire the parts to their storage; each gets an environment of its own and reads its settings.
  objects: ['auth', 'gate', 'audit', 'mcp', 'tenants', 'config'],
  auth: ['policy', 'gate', 'github'],
  mcp: ['catalogue', 'policy', 'gate', 'output', 'audit', 'github'],
  catalogue: ['github', 'output'],
  pages: ['auth', 'audit', 'policy'],
  ops: ['audit', 'tenants'],
  // Whose settings these are: read from D1, checked by the rules of `config`.
  tenants: ['config'],
  // The leaves know nothing of one another.
  edge: [],
  policy: [],
  gate: [],
  github: [],
  output: [],
  audit: [],
  config: [],
  // Runs in Node, beside the Worker. What clients are told to type is written once, for the landing page and for `npm start`;
  // the table of tools is made from the catalogue; `npm run stdio` serves it without a Worker.
  cli: ['config', 'audit', 'catalogue', 'tenants', 'mcp', 'policy', 'github', 'pages/connect.ts'],
};

/** Uses nothing of ours; everybody uses it. */
const BOTTOM = 'core';

export interface Violation {
  /** Relative to the checked directory, with slashes. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly rule: string;
}

interface Import {
  readonly specifier: string;
  readonly line: number;
  readonly isType: boolean;
}

const STATEMENT = /^[ \t]*(?:import|export)\b(\s+type\b)?(?:[^'"`;]*?\bfrom)?\s*['"]([^'"\n]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"\n]+)['"]\s*\)/g;

/** Every import and re-export of a source text, those of types and dynamic ones included. */
export function importsOf(source: string): Import[] {
  const lineAt = (index: number) => source.slice(0, index).split('\n').length;
  const found: Import[] = [];
  for (const match of source.matchAll(STATEMENT)) {
    const at = match.index + match[0].search(/\S/);
    found.push({ specifier: match[2] ?? '', line: lineAt(at), isType: match[1] !== undefined });
  }
  for (const match of source.matchAll(DYNAMIC)) {
    found.push({ specifier: match[1] ?? '', line: lineAt(match.index), isType: false });
  }
  return found;
}

/** In: one file of `src/`, as a path relative to it with slashes, and its text. Out: the imports that break a rule. */
export function checkFile(file: string, source: string): Violation[] {
  const from = stageOf(file);
  return importsOf(source).flatMap(({ specifier, line, isType }) => {
    if (!specifier.startsWith('.')) return [];
    const target = posix.normalize(posix.join(posix.dirname(file), specifier));
    const rule = target.startsWith('..') ? `${from} imports ${target}, outside src` : broken(from, target, isType);
    return rule === undefined ? [] : [{ file, line, rule }];
  });
}

function broken(from: string, target: string, isType: boolean): string | undefined {
  const to = stageOf(target);
  if (to === from) return undefined;
  if (to === 'cli') return `nothing imports cli, ${from} does`;
  if (from === BOTTOM) return `core uses nothing, it imports ${to}`;
  if (to === BOTTOM) return undefined;
  const allowed = ARROWS[from];
  if (allowed === undefined) return `${from} is no stage of the design: give it its arrows in src/cli/arrows.ts`;
  if (allowed.includes(to) || allowed.includes(target)) return undefined;
  if (to === 'config') return isType ? undefined : `${from} may import types of config only`;
  return `${from} may import ${[...allowed, BOTTOM].join(', ')}, not ${to}`;
}

/** The folder under `src/`, or the name of a file that stands in none. */
function stageOf(file: string): string {
  const [first = '', second] = file.split('/');
  return second === undefined ? first.replace(/\.tsx?$/, '') : first;
}

/** Checks every `.ts` and `.tsx` file under a directory that is laid out as `src/`. In the order of the file names. */
export async function checkArrows(dir: string): Promise<Violation[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
  const checked = await Promise.all(
    files.map(async (file) => checkFile(file, await readFile(join(dir, file), 'utf8'))),
  );
  return checked.flat();
}
