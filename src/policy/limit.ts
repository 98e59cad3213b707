/** A limit as the GitHub client asks it: the rules of this folder behind four questions. Pure. */
import type { Result } from '../core/result.ts';
import type { SearchKind } from './narrow.ts';
import { narrowQuery } from './narrow.ts';
import { limitText, ownerWithin, withinLimit } from './repositories.ts';

export interface RepositoryLimit {
  /** For whoever is refused. */
  readonly text: string;
  contains(owner: string, repo: string): boolean;
  /** Whether all that an owner has, or will have, is within. */
  containsOwner(owner: string): boolean;
  /** The query as it may be sent, or a sentence that says why it may not. */
  narrow(kind: SearchKind, query: string): Result<string, string>;
}

/** In: entries as `parseLimit` gives them. Without any, nothing is within. */
export function repositoryLimit(entries: readonly string[]): RepositoryLimit {
  return {
    text: limitText(entries),
    contains: (owner, repo) => withinLimit(entries, owner, repo),
    containsOwner: (owner) => ownerWithin(entries, owner),
    narrow: (kind, query) => narrowQuery(entries, kind, query),
  };
}
