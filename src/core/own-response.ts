/**
 * Answers whose headers may be changed. Those of a Durable Object, of `fetch` and of a redirect may not, and nothing
 * says so of an answer; a copy at each layer costs more than what the layers do.
 */
const ours = new WeakSet<Response>();

/** In: an answer that was put together here, by us or by a library. Out: the same, which need not be copied. */
export function madeHere(response: Response): Response {
  ours.add(response);
  return response;
}

/** In: any answer, not to be used after this. Out: one with the same body whose headers may be changed. */
export function ownResponse(response: Response): Response {
  if (ours.has(response)) return response;
  return madeHere(new Response(response.body, response));
}

/** In: an answer, and the JSON that it is to have for a body. Out: one that is the same but for that. */
export function withJson({ status, headers: given }: Response, body: unknown): Response {
  const headers = new Headers(given);
  headers.delete('content-length');
  return madeHere(Response.json(body, { status, headers }));
}

/** In: an answer whose body is a JSON object, and what that says besides. Out: the answer with it. */
export async function withMembers(response: Response, more: object): Promise<Response> {
  return withJson(response, { ...((await response.json()) as object), ...more });
}
