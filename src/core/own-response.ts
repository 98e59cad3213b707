/**
 * Answers whose headers may be changed. Those of a Durable Object, of `fetch` and of a redirect may not, and nothing
 * says so of an answer; a copy at each layer costs more than what the layers do.
 */
const ours = new WeakSet<Response>();

/** Out: a value as JSON, in an answer whose headers may be changed. */
export function ownJson(value: unknown, init?: ResponseInit): Response {
  const answer = Response.json(value, init);
  ours.add(answer);
  return answer;
}

/** In: any answer, not to be used after this. Out: one with the same body whose headers may be changed. */
export function ownResponse(response: Response): Response {
  if (ours.has(response)) return response;
  const copy = new Response(response.body, response);
  ours.add(copy);
  return copy;
}
