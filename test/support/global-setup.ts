/** Builds the Worker once for all end-to-end tests of a run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { buildWorker } from '../../src/cli/bundle.ts';

declare module 'vitest' {
  interface ProvidedContext {
    bundleDir: string;
  }
}

export default async function build(project: TestProject): Promise<() => Promise<void>> {
  const bundleDir = await mkdtemp(join(tmpdir(), 'gatehouse-bundle-'));
  await buildWorker(bundleDir);
  project.provide('bundleDir', bundleDir);
  return async () => await rm(bundleDir, { recursive: true, force: true });
}
