/** A label as a model sees it. */
import * as z from 'zod';
import { pathProblem } from '../github/guard.ts';
import { lean } from './lean.ts';
import type { upstreamLabel } from './upstream-conversations.ts';

export const labelView = z.object({
  name: z.string(),
  color: z.string().optional(),
  description: z.string().optional(),
});

/** In: a label as GitHub gives it. Out: the same, lean. */
export function viewLabel({ name, color, description }: z.output<typeof upstreamLabel>) {
  return lean({ name, color, description });
}

/** The name of a label, which may hold slashes and spaces. */
export const labelName = z.string().superRefine((value, context) => {
  const problem = value.trim() === '' ? 'must not be empty' : pathProblem(value);
  const message = value.length > 100 ? 'must have at most 100 characters' : problem;
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});
