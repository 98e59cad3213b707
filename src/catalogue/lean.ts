/** Small helpers of the tools. */
import { AppError, type ErrorCode } from '../core/errors.ts';

/** `T` without its nulls. */
export type Lean<T> = { [Key in keyof T]: Exclude<T[Key], null> };

/** In: an object. Out: the same without what says nothing: undefined, null, empty strings and empty lists. */
export function lean<T extends object>(value: T): Lean<T> {
  const left: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined && member !== null && member !== '' && !(Array.isArray(member) && member.length === 0)) {
      left[name] = member;
    }
  }
  return left as Lean<T>;
}

/** In: a cursor of GitHub's, or none. Out: the position that reads on there. */
export function nextAfter(cursor: string | null | undefined): { next?: { after: string } } {
  return cursor == null ? {} : { next: { after: cursor } };
}

/** `T` with optional members instead of undefined ones. */
export type Given<T> = { [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key] } & {
  [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined>;
};

/** In: parameters, some left out by the caller. Out: only those given. */
export function given<T extends object>(value: T): Given<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Given<T>;
}

/** In: work and a hint for one kind of failure. Out: its result; that failure comes with the better hint. */
export async function withHint<T>(work: Promise<T>, code: ErrorCode, hint: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== code) throw error;
    const { message, retryAfterSeconds, details, cause } = error;
    throw new AppError(code, message, { hint, retryAfterSeconds, details, cause });
  }
}

/**
 * In: the second step of a call whose first one wrote a comment or created something already. Out: its result. A failure
 * says what was `done`, because a model that repeats the whole call would do that twice.
 */
export async function afterwards<T>(work: Promise<T>, done: string, hint: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, message, retryAfterSeconds, details } = error;
    // What policy forbids stays forbidden, however it is asked for.
    const next = code === 'forbidden_by_policy' ? error.hint : hint;
    throw new AppError(code, `${done}: ${message}`, { hint: next, retryAfterSeconds, details, cause: error });
  }
}
