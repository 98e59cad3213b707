/** `npm run docs`: writes docs/tools.md from the catalogue; `--check` says whether it would change. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { ROOT } from './project.ts';
import { toolsPage } from './tools-page.ts';

const PAGE = 'docs/tools.md';

await runCommand({
  usage: 'npm run docs',
  summary: `Writes ${PAGE}, the table of tools, resources and prompts, from the catalogue.`,
  flags: { check: { type: 'boolean', help: 'only says whether the page is up to date; status 1 where it is not' } },
  run: async ({ check }) => {
    const path = join(ROOT, PAGE);
    const page = toolsPage();
    if (page === (await readFile(path, 'utf8').catch(() => ''))) return 0;
    if (check) {
      console.error(`${PAGE} is not what the catalogue says: npm run docs writes it anew.`);
      return 1;
    }
    await writeFile(path, page);
    console.log(`${PAGE} written.`);
    return 0;
  },
});
