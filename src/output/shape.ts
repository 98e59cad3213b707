/**
 * What the answers of tools, resources and prompts become on the wire (MCP 2025-11-25, server/tools, "Tool Result").
 * Pure. Every string is sanitised and its secrets are replaced here, whatever the catalogue did.
 */
import { AppError, errorBody, errorText } from '../core/errors.ts';
import { fits, RESULT_BUDGET, utf8Bytes } from './budget.ts';
import { type Safe, safeBase64, safeError, safeJson } from './safe.ts';

export interface Link {
  readonly uri: string;
  readonly name: string;
  readonly mimeType?: string | undefined;
}

export type ResultContent =
  | { type: 'text'; text: string }
  | { type: 'resource_link'; uri: string; name: string; mimeType?: string };

// A type, not an interface: the SDK's result types have index signatures, which interfaces do not satisfy.
export type ShapedResult = {
  content: ResultContent[];
  structuredContent: Record<string, unknown>;
  _meta?: RedactedMeta;
};

export type ShapedError = {
  content: ResultContent[];
  isError: true;
  _meta: { [ERROR_KEY]: Record<string, unknown> } & RedactedMeta;
};

/** Where a failed result has its fields as data. */
export const ERROR_KEY = 'gatehouse/error';
/** Where an answer says how many secrets were replaced in it; not there where none were. */
export const REDACTED_KEY = 'gatehouse/redacted';
/** Where an answer says how much lockdown left out. */
export const LEFT_OUT_KEY = 'gatehouse/left_out';
export type RedactedMeta = { [REDACTED_KEY]?: number };

/** In: any answer. Out: how many secrets were replaced in it. */
export function redactedIn(answer: { readonly _meta?: object | undefined }): number {
  return (answer._meta as RedactedMeta | undefined)?.[REDACTED_KEY] ?? 0;
}

/**
 * In: what a tool returned. Out: the same data as compact JSON text and as structured content, because hosts pass on
 * only one of them, then its links, then a warning where secrets were replaced. Throws `too_large` where the text and the
 * links together have more than `budget` bytes: cutting well is the tool's own work.
 */
export function shapeToolResult(
  data: Readonly<Record<string, unknown>>,
  links: readonly Link[] = [],
  budget: number = RESULT_BUDGET,
): ShapedResult {
  const safe = safeJson({ data, links: links.map(shapeLink) });
  const text = JSON.stringify(safe.value.data);
  const content: ResultContent[] = [{ type: 'text', text }, ...safe.value.links, ...warningOf(safe.redacted)];
  const shown = content.map((item) => (item.type === 'text' ? item.text : item.uri + item.name)).join('');
  if (!fits(shown, budget)) {
    const size = utf8Bytes(shown);
    throw new AppError('too_large', `The result has ${size} bytes; at most ${budget} are sent at once.`, {
      hint: 'Ask for less: a smaller perPage, fewer fields, or a range of lines.',
      details: { limit_bytes: budget, size_bytes: size },
    });
  }
  return { content, structuredContent: safe.value.data, ...metaOf(safe.redacted) };
}

/**
 * In: a failure. Out: a tool result that says so in the text, which is all that some hosts pass on, and as data in
 * `_meta`. Not in `structuredContent`: clients of the 1.x SDK check that against the tool's output schema on errors too.
 */
export function shapeToolError(error: AppError): ShapedError {
  const { value, redacted } = safeError({ text: errorText(error), body: errorBody(error) });
  return {
    isError: true,
    content: [{ type: 'text', text: value.text }],
    // Text and data say the same; its secrets are counted twice.
    _meta: { [ERROR_KEY]: value.body, ...metaOf(Math.ceil(redacted / 2))._meta },
  };
}

/** In: the contents of a resource. Out: those to send; bytes are looked at decoded. */
export function shapeContents<Content extends object>(contents: readonly Content[]) {
  const shaped = contents.map((content): Safe<Content> => {
    const { blob, ...rest } = content as { blob?: unknown };
    const words = safeJson(rest);
    const bytes = typeof blob === 'string' ? safeBase64(blob) : { value: blob, redacted: 0 };
    const value = { ...words.value, ...(bytes.value !== undefined && { blob: bytes.value }) } as Content;
    return { value, redacted: words.redacted + bytes.redacted };
  });
  const redacted = shaped.reduce((sum, content) => sum + content.redacted, 0);
  return { contents: shaped.map(({ value }) => value), ...metaOf(redacted) };
}

/** In: a prompt as the catalogue made it. Out: the one to send. */
export function shapePrompt<Prompt extends object>(prompt: Prompt): Prompt & { _meta?: RedactedMeta } {
  const { value, redacted } = safeJson({ ...prompt });
  return { ...value, ...metaOf(redacted) };
}

/**
 * In: what is sent, and how many items and texts lockdown left out of it. Out: the same, saying so wherever a host looks:
 * in `_meta`, in the text, and in the structured content.
 */
export function noteLeftOut<Answer extends object>(answer: Answer, count: number): Answer {
  if (count === 0) return answer;
  const text = `left_out: ${count}. Lockdown: of public repositories, what people without push access wrote is not shown.`;
  const { _meta, content, structuredContent, messages } = answer as Record<string, unknown>;
  const said = { type: 'text', text };
  return {
    ...answer,
    _meta: { ...(_meta as object | undefined), [LEFT_OUT_KEY]: count },
    ...(Array.isArray(content) && { content: [...content, said] }),
    ...(structuredContent !== undefined && {
      structuredContent: { ...(structuredContent as object), left_out: count },
    }),
    ...(Array.isArray(messages) && { messages: [...messages, { role: 'user', content: said }] }),
  };
}

function metaOf(redacted: number): { _meta?: RedactedMeta } {
  return redacted === 0 ? {} : { _meta: { [REDACTED_KEY]: redacted } };
}

/** What was replaced must not be taken for the content: a file written back like this would lose its secrets. */
function warningOf(redacted: number): ResultContent[] {
  if (redacted === 0) return [];
  const text = `redacted: ${redacted}. That many secrets are shown as [redacted] or asterisks; GitHub has them whole. Do not write this text back.`;
  return [{ type: 'text', text }];
}

function shapeLink(link: Link): ResultContent {
  return {
    type: 'resource_link',
    uri: link.uri,
    name: link.name,
    ...(link.mimeType !== undefined && { mimeType: link.mimeType }),
  };
}
