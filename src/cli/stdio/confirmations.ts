/** Questions to the person, for as long as this process runs. There is no page here: a client asks, or nobody does. */
import { AppError } from '../../core/errors.ts';
import type { ConfirmationGate } from '../../mcp/confirm.ts';

/** `askOnPage` throws `confirmation_required`, with what to do instead. */
export function localConfirmations(): ConfirmationGate {
  const used = new Map<string, string>();
  return {
    claimConfirmation: async (id, attempt) => {
      const by = used.get(id) ?? attempt;
      used.set(id, by);
      return by === attempt;
    },
    askOnPage: async ({ pending: { question, toolName } }) => {
      throw new AppError(
        'confirmation_required',
        `The person has to confirm this first, and this client has no way to ask them. ${question}`,
        {
          hint: `Tell the person: a client with elicitation can ask; or CONFIRM_OFF=${toolName} in this server's settings lets it run without asking. Do not repeat the call before that.`,
        },
      );
    },
  };
}
