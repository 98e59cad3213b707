/** A program that people give the gate's URL to, as far as the tests of `test/e2e/hosts.test.ts` use it. */
import type { ScopeBox } from '../../../src/cli/sign-in.ts';

/** What a tool answered, as the program passed it on. */
export interface HostAnswer {
  readonly isError: boolean;
  /** The text parts, joined. */
  readonly text: string;
  readonly structured: unknown;
}

/** One signed-in program. */
export interface Host {
  listTools(): Promise<string[]>;
  call(name: string, args: Record<string, unknown>): Promise<HostAnswer>;
  /** Text of a resource. */
  read(uri: string): Promise<string>;
  /** Ends its connection and every process that it started. */
  close(): Promise<void>;
}

export interface HostOptions {
  readonly mcpUrl: string;
  /** Directory of its own, for what it keeps. */
  readonly home: string;
}

/** The scope that the person ticks besides what the page ticks: not every program can ask for it later. */
export const ALSO_GRANTED = 'tools:execute:issues:write';

/** What the person ticks on the consent page. */
export function ticks(boxes: readonly ScopeBox[]): string[] {
  return [...boxes.filter((box) => box.ticked).map((box) => box.scope), ALSO_GRANTED];
}

/** In: a result of tools/call, as whichever SDK types it. */
export function answerOf(result: object): HostAnswer {
  const { isError, content, structuredContent } = result as Readonly<Record<string, unknown>>;
  return { isError: isError === true, text: textOf(content), structured: structuredContent };
}

/** The text of content blocks, or of a resource's contents. */
export function textOf(parts: unknown): string {
  if (!Array.isArray(parts)) return '';
  return parts.map((part: { text?: unknown }) => (typeof part.text === 'string' ? part.text : '')).join('');
}
