/** Refusals in words that are not all ours: those of the libraries that stand for a protocol say back what they were sent. */
import { isObject, mapStrings } from './json.ts';
import { withJson } from './own-response.ts';
import { redactText } from './redaction.ts';

/** In: any answer. Out: a refusal in JSON without what looks like a secret in it; any other as it is. */
export async function safeAnswer(response: Response): Promise<Response> {
  if (response.status < 400 || response.headers.get('content-type')?.includes('json') !== true) return response;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  if (!isObject(body)) return response;
  return withJson(response, mapStrings(body, redactText));
}
