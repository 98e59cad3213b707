/** What a client may be limited to, and the refusal that says so. */
import { AppError } from '../../core/errors.ts';
import type { Result } from '../../core/result.ts';

/** Searches that can be confined by their query. */
export type SearchKind = 'issues' | 'code' | 'commits' | 'repositories';

/** What a client may ask about. Fails closed: what it is not sure about is not within. */
export interface Limit {
  /** The limit in words, for whoever is refused. */
  readonly text: string;
  contains(owner: string, repo: string): boolean;
  /** Whether all that an owner has, or will have, is within. */
  containsOwner(owner: string): boolean;
  /** The query as it may be sent, or a sentence that says why it may not. */
  narrow(kind: SearchKind, query: string): Result<string, string>;
}

/** Requests of the client's own, to find out where something belongs. Nothing of their answers is seen by a tool. */
export interface Lookup {
  /** GET of a path, checked like any other request. */
  read(path: string): Promise<unknown>;
  /** GET of a path whose place is not known yet. */
  peek(path: string): Promise<unknown>;
  /** A query of this folder, about things whose place is not known yet. Out: its data. */
  graphql(query: string, variables: Readonly<Record<string, unknown>>): Promise<unknown>;
}

/** Whether `owner/repo` is within. */
export function containsName(limit: Limit, name: string): boolean {
  const [owner = '', repo = '', ...more] = name.split('/');
  return more.length === 0 && limit.contains(owner, repo);
}

/** The refusal of a request: what the limit is, and a sentence about what is not within. */
export function refusal(limit: Limit, reason: string): AppError {
  return new AppError('forbidden_by_policy', `This connection is limited to ${limit.text}. ${reason}`, {
    hint: 'The person set this limit when they connected. Stay within it; for anything else they have to reconnect this server and name more repositories.',
    details: { repositories: limit.text },
  });
}

/** What belongs to the account or to all of GitHub. */
export function unconfined(limit: Limit): AppError {
  return refusal(limit, 'This cannot be confined to repositories.');
}
