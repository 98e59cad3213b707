/**
 * Answers whose headers may be changed. Those of a Durable Object, of `fetch` and of a redirect may not, and nothing
 * says so of an answer; a copy at each layer costs more than what the layers do.
 */
import { BASE_HEADERS } from './base-headers.ts';

const MADE = Symbol('made here');

interface Made extends Response {
  [MADE]?: 'somehow' | 'json';
}

/** In: an answer that was put together here, by us or by a library. Out: the same, which need not be copied. */
function madeHere(response: Made): Response {
  response[MADE] = 'somehow';
  return response;
}

const JSON_HEADERS = new Headers({ ...BASE_HEADERS, 'content-type': 'application/json' });

/** In: what to say. Out: a 200 with the base headers: to copy all of them at once costs a third of setting each. */
export function jsonAnswer(body: unknown): Response {
  const response: Made = new Response(JSON.stringify(body), { headers: JSON_HEADERS });
  response[MADE] = 'json';
  return response;
}

/** Whether `jsonAnswer` made it. */
export function isJsonAnswer(response: Made): boolean {
  return response[MADE] === 'json';
}

/** In: any answer, not to be used after this. Out: one with the same body whose headers may be changed. */
export function ownResponse(response: Made): Response {
  if (response[MADE] !== undefined) return response;
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
