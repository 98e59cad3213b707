/**
 * What a request needs before it may run. Pure: the lane asks once per message, before anything is counted or opened.
 */
import { allows } from './scopes.ts';

/** The part of a request that decides what it needs. */
export interface Ask {
  /** JSON-RPC method. */
  readonly method: string;
  /** For `tools/call`: the scope the tool declares, undefined where there is no such tool. */
  readonly toolScope?: string | undefined;
}

export type Decision =
  | { readonly allow: true }
  /** `scope` is the least scope that would do. */
  | { readonly allow: false; readonly scope: string };

const SCOPE_OF_METHOD: Readonly<Record<string, string>> = {
  'tools/list': 'tools:list',
  'resources/list': 'resources:list',
  'resources/templates/list': 'resources:list',
  'resources/read': 'resources:read:public',
  'prompts/list': 'prompts:list',
  'prompts/get': 'prompts:use',
  'completion/complete': 'prompts:list',
};

/**
 * In: the granted scopes and what is asked. Out: whether it may go on, or the least scope that is missing.
 * A tool that does not exist needs no scope: the server answers that it is unknown. Methods that tell nothing
 * about GitHub (initialize, discovery, ping) need none.
 */
export function decide(granted: readonly string[], ask: Ask): Decision {
  const scope = ask.method === 'tools/call' ? ask.toolScope : SCOPE_OF_METHOD[ask.method];
  if (scope === undefined || allows(granted, scope)) return { allow: true };
  return { allow: false, scope };
}
