/** The clients of both eras as one kind of client, for tests that hold in both. */
import { connectModern, connectSession } from '../../src/cli/clients.ts';

export type SessionClient = Awaited<ReturnType<typeof connectSession>>['client'];
type ModernClient = Awaited<ReturnType<typeof connectModern>>['client'];

export interface CallOptions {
  readonly onprogress?: (step: { progress: number }) => void;
  readonly signal?: AbortSignal;
}

export interface Called {
  readonly content?: unknown;
  readonly structuredContent?: unknown;
  readonly isError?: unknown;
}

type Call = (
  client: SessionClient,
  name: string,
  args: Record<string, unknown>,
  options?: CallOptions,
) => Promise<Called>;

const callModern: Call = (client, name, args, options = {}) =>
  (client as unknown as ModernClient).callTool({ name, arguments: args }, options);
const callSession: Call = (client, name, args, options = {}) =>
  client.callTool({ name, arguments: args }, undefined, options) as Promise<Called>;

/** The two lines differ in where a call takes its options; for the rest that is done here they are alike. */
export const ERAS = [
  { era: 'modern', connect: connectModern as unknown as typeof connectSession, call: callModern },
  { era: 'session', connect: connectSession, call: callSession },
] as const;
