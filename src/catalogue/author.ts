/** Who wrote what people read. */

interface Authored {
  readonly user?: { readonly login: string } | null | undefined;
  readonly author_association?: string | null | undefined;
}

/** Who wrote something, and what they are to the repository: a model weighs text by it. */
export function authorOf({ user, author_association }: Authored): string {
  return `${user?.login ?? 'a deleted account'} (${author_association ?? 'NONE'})`;
}
