/** A GitHub of our own: a `fetch` that answers what a test says and remembers what was asked. */
import { createGitHub, type GitHub } from '../../../src/github/client.ts';
import type { Limit } from '../../../src/github/limit/index.ts';

export const API = 'https://api.github.test';
export const WEB = 'https://github.test';
export const TOKEN = 'gho_not-a-real-token-0123456789';
/** 2026-11-23T00:00:00Z. */
export const NOW = Date.UTC(2026, 10, 23);

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: unknown;
}

export type Answer = (asked: Asked) => Response | Promise<Response>;

export interface Fake {
  readonly github: GitHub;
  readonly asked: Asked[];
  readonly abort: AbortController;
}

/** Set by tests that look at, or answer, what all the others ask. */
export const between: { answer?: ((asked: Asked) => Response | undefined) | undefined } = {};

/** A client whose requests go to `answer`. */
export function answering(answer: Answer, apiUrl = API, limit: Limit | null = null, lockdownFor?: string): Fake {
  const asked: Asked[] = [];
  const abort = new AbortController();
  const github = createGitHub({
    apiUrl,
    webUrl: WEB,
    token: TOKEN,
    limit,
    lockdownFor,
    signal: abort.signal,
    now: () => NOW,
    fetch: async (input, init) => {
      const text = typeof init?.body === 'string' ? init.body : '';
      const request = {
        method: init?.method ?? 'GET',
        url: new URL(String(input)),
        headers: new Headers(init?.headers),
        body: text === '' ? undefined : (JSON.parse(text) as unknown),
      };
      if (init?.redirect !== 'manual') throw new Error('redirects must be ours to follow');
      asked.push(request);
      return between.answer?.(request) ?? (await answer(request));
    },
  });
  return { github, asked, abort };
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  });
}

/** What a promise was rejected with; a test fails where it was not. */
export async function rejection(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('expected a rejection');
}
