/** The MCP client of `agents`, in a Worker of its own in workerd (`worker/agent.ts`). */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { convertV4MiniflareOptions, Miniflare, NoOpLog } from 'miniflare';
import { unstable_getMiniflareWorkerOptions } from 'wrangler';
import { buildOther } from '../../../src/cli/bundle.ts';
import { signIn } from '../../../src/cli/sign-in.ts';
import type { Host, HostOptions } from './host.ts';
import { answerOf, textOf, ticks } from './host.ts';

/** Signs in through the redirect to the application's own callback. */
export async function agentInWorkerd({ mcpUrl, home }: HostOptions): Promise<Host> {
  const config = join(home, 'wrangler.toml');
  await mkdir(home, { recursive: true });
  await writeFile(config, wranglerToml(join(import.meta.dirname, 'worker', 'agent.ts')));
  const bundle = await buildOther(join(home, 'bundle'), config);
  const { modulesRules: _, ...worker } = unstable_getMiniflareWorkerOptions(config).workerOptions;
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      resourcePersistencePath: join(home, 'storage'),
      log: new NoOpLog(),
      handleStructuredLogs: () => undefined,
      cf: false,
      telemetry: { enabled: false },
      workers: [{ ...worker, name: 'agents-app', modulesRoot: bundle.dir, modules: [...bundle.modules] }],
    }),
  );
  try {
    const origin = (await miniflare.ready).origin;
    const ask = async (path: string, body: object): Promise<unknown> => {
      const response = await fetch(`${origin}${path}`, { method: 'POST', body: JSON.stringify(body) });
      const text = await response.text();
      if (!response.ok) throw new Error(`The agent answered ${path} with ${response.status}: ${text.slice(0, 500)}`);
      return JSON.parse(text);
    };
    const { authUrl } = (await ask('/begin', { mcpUrl })) as { authUrl?: string };
    if (authUrl !== undefined) {
      const { redirect } = await signIn(new URL(authUrl), { choose: ticks });
      // The application sends the person on to wherever it likes.
      const back = await fetch(redirect, { redirect: 'manual' });
      if (back.status >= 400) throw new Error(`The agent refused the redirect: ${back.status} ${await back.text()}`);
    }
    return {
      listTools: async () => (await ask('/tools', {})) as string[],
      call: async (name, args) => answerOf((await ask('/call', { name, args })) as object),
      read: async (uri) => textOf(((await ask('/read', { uri })) as { contents: unknown }).contents),
      close: () => miniflare.dispose(),
    };
  } catch (error) {
    await miniflare.dispose();
    throw error;
  }
}

function wranglerToml(main: string): string {
  return [
    'name = "agents-app"',
    `main = ${JSON.stringify(main)}`,
    'compatibility_date = "2026-11-01"',
    'compatibility_flags = ["nodejs_compat"]',
    '[[durable_objects.bindings]]',
    'name = "CALLER"',
    'class_name = "Caller"',
    '[[migrations]]',
    'tag = "v1"',
    'new_sqlite_classes = ["Caller"]',
    '',
  ].join('\n');
}
