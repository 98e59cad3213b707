/** What is far larger than an answer may be, in workerd: paged within the budget, read no further than needed, memory flat. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertV4MiniflareOptions, Miniflare, NoOpLog } from 'miniflare';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from 'wrangler';
import { buildOther } from '../../src/cli/bundle.ts';
import { ROOT, WRANGLER_CONFIG } from '../../src/cli/project.ts';
import { RESULT_BUDGET } from '../../src/output/budget.ts';
import { heapMeter } from '../support/large/heap.ts';
import {
  FILE_LINES,
  fileLine,
  type LargeUpstream,
  LOG_LINES,
  PULL_FILES,
  startLarge,
} from '../support/large/upstream.ts';

/** Half of what an isolate may have at Cloudflare. */
const MOST = 64 * 1024 * 1024;
/** MB of its heap, as an order to V8: it collects garbage in time, and a process that needs more alive dies. */
const HEAP_FLAG = '--max-heap-size=40';
const place = { owner: 'octo', repo: 'hello' };

let dir: string;
let upstream: LargeUpstream;
let miniflare: Miniflare;
let meter: Awaited<ReturnType<typeof heapMeter>>;

interface Sent {
  readonly content?: { readonly text?: string; readonly type: string; readonly uri?: string }[];
  readonly structuredContent?: Record<string, unknown> & { readonly next?: Record<string, unknown> };
  readonly contents?: { readonly uri: string; readonly text: string; readonly _meta?: Record<string, string> }[];
  readonly error?: { readonly code: string };
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gatehouse-large-'));
  upstream = await startLarge();
  const { compatibility_date, compatibility_flags } = unstable_readConfig({ config: WRANGLER_CONFIG });
  const config = join(dir, 'wrangler.toml');
  const main = join(ROOT, 'test/support/large/worker/index.ts');
  const lines = [
    'name = "large"',
    `main = ${JSON.stringify(main)}`,
    `compatibility_date = "${compatibility_date}"`,
    `compatibility_flags = ${JSON.stringify(compatibility_flags)}`,
  ];
  await writeFile(config, `${lines.join('\n')}\n`);
  const bundle = await buildOther(join(dir, 'bundle'), config);
  const { modulesRules: _, ...worker } = unstable_getMiniflareWorkerOptions(config).workerOptions;
  vi.stubEnv('MINIFLARE_WORKERD_V8_FLAGS', HEAP_FLAG);
  miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      inspectorPort: 0,
      log: new NoOpLog(),
      cf: false,
      telemetry: { enabled: false },
      workers: [
        {
          ...worker,
          name: 'large',
          modulesRoot: bundle.dir,
          modules: [...bundle.modules],
          bindings: { GITHUB_API_URL: upstream.url },
        },
      ],
    }),
  );
  await miniflare.ready;
  vi.unstubAllEnvs();
  meter = await heapMeter(new URL('/core:user:large', await miniflare.getInspectorURL()).href);
});
afterAll(async () => {
  meter?.close();
  await miniflare?.dispose();
  await upstream?.stop();
  await rm(dir, { recursive: true, force: true });
});

async function call(body: object): Promise<Sent> {
  const url = await miniflare.ready;
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  return (await response.json()) as Sent;
}

/** Calls, and demands that the result fits and that the isolate stayed small. */
async function measured(body: object): Promise<Sent> {
  const { result, peak, samples } = await meter.during(() => call(body));
  expect(samples).toBeGreaterThan(1);
  expect(peak, `${Math.round(peak / 1024 / 1024)} MB`).toBeLessThan(MOST);
  const text = result.content?.[0]?.text ?? '';
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(RESULT_BUDGET);
  return result;
}

describe('a file of 10 MB', () => {
  const read = (args: object) => measured({ name: 'get_file_contents', args: { ...place, path: 'big.txt', ...args } });

  it('comes in parts; the first as soon as it is there, without the rest', async () => {
    const { structuredContent: first } = await read({});
    expect(first).toMatchObject({ type: 'file', start_line: 1, truncated: true });
    expect(String(first?.content).startsWith(`${fileLine(1)}\n${fileLine(2)}\n`)).toBe(true);
    expect(upstream.sent()).toBeLessThan(5 * 1024 * 1024);
    const { structuredContent: second } = await read({ ...first?.next });
    expect(second?.start_line).toBe(Number(first?.end_line) + 1);
    const { structuredContent: last } = await read({ start_line: FILE_LINES - 1 });
    expect(last?.content).toBe(`${fileLine(FILE_LINES - 1)}\n${fileLine(FILE_LINES)}`);
    expect(last).not.toHaveProperty('next');
  });

  it('is searched to its end', async () => {
    const { structuredContent } = await read({ search: '00123456' });
    expect(structuredContent).toMatchObject({ matches: 1, total_lines: FILE_LINES });
  });

  it('is a resource in ranges, each naming the next', async () => {
    const uri = 'github://octo/hello/HEAD/contents/big.txt';
    const [part] = (await measured({ uri })).contents ?? [];
    expect(part?.text.startsWith(fileLine(1))).toBe(true);
    const next = part?._meta?.['gatehouse/next'] ?? '';
    expect(next).toMatch(/\?lines=\d+-$/);
    const [following] = (await measured({ uri: next })).contents ?? [];
    const shown = part?.text.split('\n').length ?? 0;
    expect(following?.text.startsWith(fileLine(shown + 1))).toBe(true);
  });
});

describe('a log of 200,000 lines', () => {
  it.each([
    [{}, { end_line: LOG_LINES, total_lines: LOG_LINES, truncated: true }],
    [
      { start_line: 150_000, end_line: 150_100 },
      { start_line: 150_000, end_line: 150_100 },
    ],
    [{ search: 'step 123456 ' }, { matches: 1, total_lines: LOG_LINES }],
  ])('%o', async (args, expected) => {
    const { structuredContent, content } = await measured({
      name: 'get_job_logs',
      args: { ...place, job_id: 5, ...args },
    });
    expect(structuredContent?.logs).toMatchObject([expected]);
    if ('truncated' in expected) expect(content?.[1]).toMatchObject({ type: 'resource_link' });
  });
});

it('the diff of a pull request of 250 files comes in pages, each file once', async () => {
  const seen: string[] = [];
  let next: Record<string, unknown> | undefined = {};
  for (let calls = 0; next !== undefined && calls < 200; calls++) {
    const args = { ...place, method: 'get_diff', pullNumber: 7, ...next };
    const { structuredContent } = await measured({ name: 'pull_request_read', args });
    for (const [, name] of String(structuredContent?.diff).matchAll(/^diff --git a\/(\S+) /gm))
      seen.push(name as string);
    next = structuredContent?.next;
  }
  expect([...new Set(seen)]).toHaveLength(PULL_FILES);
}, 240_000);

describe('a GitHub', () => {
  const read = (issue_number: number, limit: number) =>
    measured({ name: 'issue_read', args: { ...place, method: 'get', issue_number }, limit });

  it('that hangs ends in a timeout', async () => {
    expect((await read(1, 1_500)).error?.code).toBe('timeout');
  });

  it('that sends 50 MB ends in a clear error', async () => {
    expect((await read(2, 30_000)).error?.code).toBe('too_large');
  });
});
