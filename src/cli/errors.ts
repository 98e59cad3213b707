/** A failure that the person at the keyboard can mend: printed as one line, without a stack. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** The message of anything thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
