import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkArrows, checkFile, importsOf } from '../../../src/cli/arrows.ts';
import { ROOT } from '../../../src/cli/project.ts';

const scratch: string[] = [];
afterEach(async () => {
  for (const dir of scratch.splice(0)) await rm(dir, { recursive: true, force: true });
});

describe('import arrows', () => {
  it('hold in this tree', async () => {
    expect(await checkArrows(join(ROOT, 'src'))).toEqual([]);
  });

  it('name file, line and rule of a planted violation, also of types, re-exports and dynamic imports', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'gatehouse-arrows-'));
    scratch.push(dir);
    const files = {
      'core/ids.ts': "export const a = 1;\nimport { b } from '../gate/b.ts';\n",
      'gate/b.ts': "import type {\n  Client,\n} from '../github/client.ts';\n",
      'pages/p.tsx': "/** import { x } from '../mcp/x.ts' */\nexport * from '../mcp/lanes.ts';\n",
      'mcp/lanes.ts': "const late = await import('../objects/gate.ts');\n",
      'policy/decide.ts': "import { ok } from '../core/result.ts';\nimport type { Config } from '../config.ts';\n",
      'policy/bad.ts': "import { configOf } from '../config.ts';\n",
      'app.ts': "import { run } from './cli/run.ts';\nimport 'hono';\n",
      'surprise/new.ts': "import { ok } from '../gate/b.ts';\n",
    };
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(dir, name)), { recursive: true });
      await writeFile(join(dir, name), text);
    }
    const found = await checkArrows(dir);
    expect(found.map(({ file, line }) => `${file}:${line}`)).toEqual([
      'app.ts:1',
      'core/ids.ts:2',
      'gate/b.ts:1',
      'mcp/lanes.ts:1',
      'pages/p.tsx:2',
      'policy/bad.ts:1',
      'surprise/new.ts:1',
    ]);
    expect(found.map((violation) => violation.rule)).toEqual([
      'nothing imports cli, app does',
      'core uses nothing, it imports gate',
      'gate may import core, not github',
      expect.stringMatching(/^mcp may import .*, not objects$/),
      expect.stringMatching(/^pages may import .*, not mcp$/),
      'policy may import types of config only',
      expect.stringContaining('surprise is no stage'),
    ]);
  });

  it('leave packages and the own folder alone', () => {
    const source = "import { z } from 'zod';\nimport { a } from './a.ts';\nimport b from '../auth/b.ts';\n";
    expect(checkFile('auth/server.ts', source)).toEqual([]);
  });

  it('see imports without bindings and several on one page, with their lines', () => {
    expect(importsOf("import './a.ts';\n\nimport type { B } from './b.ts';\nexport { c } from './c.ts';\n")).toEqual([
      { specifier: './a.ts', line: 1, isType: false },
      { specifier: './b.ts', line: 3, isType: true },
      { specifier: './c.ts', line: 4, isType: false },
    ]);
  });
});
