/** Small helpers of the tools. */
import { AppError, type ErrorCode } from '../core/errors.ts';

/** `T` without its nulls. */
export type Lean<T> = { [Key in keyof T]: Exclude<T[Key], null> };

/** In: an object. Out: the same without what says nothing: undefined, null, empty strings and empty lists. */
export function lean<T extends object>(value: T): Lean<T> {
  return Object.fromEntries(
    Object.entries(value).filter(
      ([, member]: [string, unknown]) =>
        member !== undefined && member !== null && member !== '' && !(Array.isArray(member) && member.length === 0),
    ),
  ) as Lean<T>;
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
