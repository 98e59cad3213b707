/**
 * The suite's scenarios for an authorization server. They print an authorization URL and wait for a browser to come back
 * from it: here a person without a screen opens it.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { freePort } from '../../src/cli/ports.ts';
import { signIn } from '../../src/cli/sign-in.ts';
import { outcome, SUITE, withResults } from './suite.ts';
import type { Outcome } from './verdict.ts';

const SCENARIOS = ['authorization-server-metadata-endpoint', 'authorization-code-grant'];

/** In: where the suite finds the gate's MCP endpoint; its origin is the issuer. */
export async function runAuthorization(mcpUrl: string): Promise<Outcome[]> {
  const issuer = new URL(mcpUrl).origin;
  const port = await freePort();
  const clientId = await register(issuer, `http://127.0.0.1:${port}/callback`);
  const options = ['--url', issuer, '--client-id', clientId, '--resource', mcpUrl, '--port', String(port)];
  const found = await withResults((dir) => runWithBrowser(['authorization', ...options, '--output-dir', dir], issuer));
  return SCENARIOS.map((scenario) => outcome(scenario, undefined, found));
}

/** RFC 7591. Out: the id of a public client. */
async function register(issuer: string, redirectUri: string): Promise<string> {
  const response = await fetch(`${issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Conformance suite',
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: 'none',
    }),
  });
  if (!response.ok) throw new Error(`The gate registers no client: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { client_id: string }).client_id;
}

async function runWithBrowser(args: readonly string[], issuer: string): Promise<void> {
  const suite = spawn(process.execPath, [SUITE, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => suite.on('close', () => resolve()));
  for await (const line of createInterface({ input: suite.stdout })) {
    if (!line.startsWith(`${issuer}/authorize?`)) continue;
    try {
      const { redirect } = await signIn(new URL(line));
      await fetch(redirect);
    } catch (error) {
      // The suite would wait for minutes; without its result the scenario counts as failed.
      console.error(`No browser came back: ${error instanceof Error ? error.message : String(error)}`);
      suite.kill();
    }
  }
  await ended;
}
