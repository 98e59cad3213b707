/** Every call has its time: whoever does not listen to the signal is left behind, and the record says so. */

import { env } from 'cloudflare:workers';
import type { ServerContext } from '@modelcontextprotocol/server';
import { describe, expect, it } from 'vitest';
import { tools } from '../../src/catalogue/index.ts';
import { configOf } from '../../src/config.ts';
import type { Outcome } from '../../src/core/record.ts';
import { DEFAULT_TIMEOUT_MS } from '../../src/mcp/admit.ts';
import type { Caller } from '../../src/mcp/caller.ts';
import { OpenCalls } from '../../src/mcp/calls.ts';
import { run } from '../../src/mcp/invoke.ts';

const parsed = configOf(env);
if (!parsed.ok) throw new Error('the tests lack settings');

describe('a time limit', () => {
  it('has every tool: half a minute, or what it says itself, never above a host’s own', () => {
    expect(DEFAULT_TIMEOUT_MS).toBe(30_000);
    for (const { name, timeoutMs = DEFAULT_TIMEOUT_MS } of tools) {
      expect(timeoutMs, name).toBeGreaterThanOrEqual(1000);
      // Claude waits five minutes for a tool.
      expect(timeoutMs, name).toBeLessThanOrEqual(300_000);
    }
  });

  it('ends a call whose work never ends and never listens', async () => {
    const outcomes: Outcome[] = [];
    const settle = async (_: string, outcome: Outcome) => {
      outcomes.push(outcome);
    };
    const calls = new OpenCalls([{ rpcId: 1, id: 'id', startedAt: Date.now() }], settle, Date.now, () => {});
    const principal = { repositories: null } as unknown as Caller['principal'];
    const caller = { principal, upstreamToken: 'u', calls } as unknown as Caller;
    const ctx = {
      mcpReq: { id: 1, signal: new AbortController().signal },
      http: { authInfo: { extra: { caller } } },
    } as unknown as ServerContext;
    let aborted = false;
    const work = run(parsed.value, ctx, 30, async ({ signal }) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return await new Promise<object>(() => {});
    });
    await expect(work).rejects.toMatchObject({ code: 'timeout', retryable: true });
    expect(aborted).toBe(true);
    expect(outcomes).toMatchObject([{ result_status: 'error', error_code: 'timeout' }]);
  });
});
