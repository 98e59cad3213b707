/** The suites. `node test/run.ts` runs them all; `npx vitest --config test/vitest.config.ts --project unit` one of them. */
import { fileURLToPath } from 'node:url';
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { Response } from 'miniflare';
import { defineConfig } from 'vitest/config';
import { outside } from './support/outside.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Settings of the Worker under test; nothing here reaches a network. */
const bindings = {
  PUBLIC_URL: 'https://gate.example',
  SECRET_KEY: 'a key of the tests, thirty-two characters or more',
  GITHUB_URL: 'https://github.invalid',
  GITHUB_API_URL: 'https://api.github.invalid',
  GITHUB_CLIENT_ID: 'test-client',
  GITHUB_CLIENT_SECRET: 'test-secret',
  ALLOWED_USERS: 'octocat',
  LIMIT_SIGN_IN: '10000/1',
  // For test/worker/migrate.ts: there are no files in workerd.
  TEST_MIGRATIONS: await readD1Migrations(`${root}src/audit/migrations`),
};

export default defineConfig({
  root,
  test: {
    // The Worker writes a line for every request; only those of a failed test are of interest.
    silent: 'passed-only',
    // Vitest leaves a core for itself, which on two is half of them.
    maxWorkers: '100%',
    projects: [
      // Some start a command, which a busy machine takes its time for.
      { root, test: { name: 'unit', include: ['test/unit/**/*.test.{ts,tsx}'], testTimeout: 30_000 } },
      {
        root,
        plugins: [
          cloudflareTest({
            wrangler: { configPath: `${root}wrangler.toml` },
            miniflare: {
              bindings,
              r2Buckets: ['ARCHIVE'],
              outboundService: async (request: { url: string; text(): Promise<string> }) => {
                const { status, body, type } = await outside(request.url, await request.text());
                return new Response(body, { status, headers: { 'content-type': type } });
              },
            },
          }),
        ],
        // The first request of a file loads the whole Worker, module by module.
        test: { name: 'worker', include: ['test/worker/**/*.test.ts'], testTimeout: 30_000 },
      },
      { root, test: { name: 'contract', include: ['test/contract/**/*.test.ts'], testTimeout: 60_000 } },
      {
        root,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Two stacks at a time: the machine has two cores, and much of a test is waiting for rows.
          maxWorkers: 2,
        },
      },
    ],
  },
});
