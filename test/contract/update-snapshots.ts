/** `npm run snapshots`: makes the snapshots of the tools what the catalogue says, and names each that changed. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SNAPSHOTS, toolSnapshots } from './tool-snapshots.ts';

await mkdir(SNAPSHOTS, { recursive: true });
const wanted = toolSnapshots();
const kept = (await readdir(SNAPSHOTS)).filter((file) => file.endsWith('.json'));
for (const file of kept.filter((name) => !wanted.has(name))) {
  await rm(join(SNAPSHOTS, file));
  console.log(`removed  ${file}`);
}
for (const [file, text] of wanted) {
  const path = join(SNAPSHOTS, file);
  const before = await readFile(path, 'utf8').catch(() => undefined);
  if (before === text) continue;
  await writeFile(path, text);
  console.log(`${before === undefined ? 'added   ' : 'changed '} ${file}`);
}
console.log(`${wanted.size} snapshots. Read the difference before it is committed: clients and models will see it.`);
