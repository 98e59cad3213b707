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
  /** For `completion/complete`: the type of its reference, `ref/prompt` or `ref/resource`, whatever the client wrote. */
  readonly refType?: unknown;
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
};

/**
 * In: the granted scopes and what is asked. Out: whether it may go on, or the least scope that is missing.
 * A tool that does not exist needs no scope: the server answers that it is unknown. Methods that tell nothing
 * about GitHub (initialize, discovery, ping) need none.
 */
export function decide(granted: readonly string[], ask: Ask): Decision {
  const scope = scopeFor(ask);
  if (scope === undefined || allows(granted, scope)) return { allow: true };
  return { allow: false, scope };
}

/**
 * A completion tells names of what the account can see, so it needs what reading them needs: the prompt or resource it
 * fills in. What is neither is refused later, and needs what tells least.
 */
function scopeFor({ method, toolScope, refType }: Ask): string | undefined {
  if (method === 'tools/call') return toolScope;
  if (method === 'completion/complete') return refType === 'ref/prompt' ? 'prompts:use' : 'resources:read:public';
  return SCOPE_OF_METHOD[method];
}
