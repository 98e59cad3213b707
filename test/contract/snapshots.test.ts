/** What clients are told of a tool changes on purpose only. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SNAPSHOTS, toolSnapshots } from './tool-snapshots.ts';

const UPDATE = 'If that is meant: npm run snapshots, then read the difference as a client would.';

const wanted = toolSnapshots();
const kept = readdirSync(SNAPSHOTS).filter((file) => file.endsWith('.json'));

it('there is a snapshot for every tool, and none beyond', () => {
  expect(kept.sort(), UPDATE).toEqual([...wanted.keys()].sort());
});

it.each([...wanted])('%s is what was reviewed', (file, text) => {
  expect(kept, `${file} is missing. ${UPDATE}`).toContain(file);
  expect(text, `${file} differs. ${UPDATE}`).toBe(readFileSync(join(SNAPSHOTS, file), 'utf8'));
});
