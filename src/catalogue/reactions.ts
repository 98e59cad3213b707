/** Arguments and answers of tools that comment, react or both. */
import * as z from 'zod';

export const reaction = z.enum(['+1', '-1', 'laugh', 'confused', 'heart', 'hooray', 'rocket', 'eyes']);

/** What such a tool answers. */
export const commented = {
  comment: z.object({ id: z.int(), html_url: z.string().optional() }).optional(),
  reaction: z.object({ id: z.int(), content: z.string() }).optional(),
};
