/** Counts that are kept apart from rows: what they are called, and how they travel. */

/** A counter and the values of its labels. All of them come from short lists of ours, but for `address`. */
export type CountName =
  /** A request that has no row: a list, a ping, discovery. Its status is `admitted` or `denied`. */
  | readonly ['requests', method: string, status: 'admitted' | 'denied']
  /** One of those that was above its limit. */
  | readonly ['rate_limited', method: string]
  /** A request to GitHub, by HTTP status; `failed` where none came. */
  | readonly ['upstream', status: string]
  /** A failure without a principal, and the network it came from (core/address.ts). */
  | readonly ['auth_failures', reason: string, address: string]
  /** A call that was refused because no record of it could be kept: it has no row. */
  | readonly ['unrecorded']
  /** An outcome that came for a record that was closed already. */
  | readonly ['dropped_outcomes']
  /** A batch that D1 did not take. */
  | readonly ['write_failures'];

/** Increments by name, the name as JSON: plain data that crosses from object to object. */
export type Counts = Readonly<Record<string, number>>;

/** In: a name. Out: its key among Counts. */
export function countKey(name: CountName): string {
  return JSON.stringify(name);
}

/** In: a key of Counts. Out: the name it was made from. */
export function countName(key: string): CountName {
  return JSON.parse(key) as CountName;
}
