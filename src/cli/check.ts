/** `npm run check`: types, lint, format, import arrows and generated files, side by side. */
import { join } from 'node:path';
import { checkArrows } from './arrows.ts';
import { runCommand } from './command.ts';
import { ROOT, runNode, WRANGLER, WRANGLER_ENV } from './project.ts';
import { Report } from './report.ts';

interface Check {
  readonly name: string;
  /** Out: what is wrong, ready to print; empty when nothing is. */
  readonly run: (signal: AbortSignal) => Promise<string>;
}

const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const BIOME = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');

function tool(name: string, script: string, args: readonly string[], hint = ''): Check {
  return {
    name,
    run: async (signal) => {
      const { status, stdout, stderr } = await runNode(script, args, { env: WRANGLER_ENV, signal });
      return status === 0
        ? ''
        : [`${stdout}${stderr}`.trim() || `ended with status ${status}`, hint].filter(Boolean).join('\n');
    },
  };
}

const CHECKS: readonly Check[] = [
  tool('types of the Worker', TSC, ['-p', 'tsconfig.json']),
  tool('types of the command line', TSC, ['-p', 'src/cli/tsconfig.json']),
  tool('types of the tests', TSC, ['-p', 'test/tsconfig.json']),
  tool('lint and format', BIOME, ['check', '.', '--error-on-warnings'], 'npm run format mends what can be mended.'),
  {
    name: 'import arrows',
    run: async () =>
      (await checkArrows(join(ROOT, 'src'))).map(({ file, line, rule }) => `src/${file}:${line} ${rule}`).join('\n'),
  },
  tool(
    'generated binding types',
    WRANGLER,
    ['types', 'src/env.d.ts', '--include-runtime=false', '--check'],
    'npm run types writes src/env.d.ts anew.',
  ),
  tool('table of tools', join(ROOT, 'src/cli/docs.ts'), ['--check']),
];

await runCommand({
  usage: 'npm run check',
  summary: 'Checks types, lint, format, import arrows and generated files. Ends with status 0 only if all hold.',
  flags: {},
  run: async (_flags, signal) => {
    const report = new Report();
    await Promise.all(
      CHECKS.map(async ({ name, run }) => {
        const began = performance.now();
        const wrong = await run(signal);
        if (wrong === '') report.tick(name, `${Math.round(performance.now() - began)} ms`);
        else report.cross(name, `\n${wrong.replace(/^/gm, '      ')}\n`);
      }),
    );
    return report.failed === 0 ? 0 : 1;
  },
});
