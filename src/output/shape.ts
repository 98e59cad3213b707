/** What a tool's data or failure becomes in an MCP tool result (MCP 2025-11-25, server/tools, "Tool Result"). Pure. */
import { AppError, errorBody, errorText } from '../core/errors.ts';
import { RESULT_BUDGET, utf8Bytes } from './budget.ts';
import { sanitiseJson, sanitiseText } from './sanitise.ts';

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
};

export type ShapedError = {
  content: ResultContent[];
  isError: true;
  _meta: { [ERROR_KEY]: Record<string, unknown> };
};

/** Where a failed result has its fields as data. */
export const ERROR_KEY = 'gatehouse/error';

/**
 * In: what a tool returned. Out: the same data as compact JSON text and as structured content, because hosts pass on
 * only one of them, then its links. Every string is sanitised here, whatever the tool did. Throws `too_large` where the
 * text and the links together have more than `budget` bytes: cutting well is the tool's own work.
 */
export function shapeToolResult(
  data: Readonly<Record<string, unknown>>,
  links: readonly Link[] = [],
  budget: number = RESULT_BUDGET,
): ShapedResult {
  const text = JSON.stringify(sanitiseJson(data));
  const content: ResultContent[] = [{ type: 'text', text }, ...links.map(shapeLink)];
  const size = content.reduce(
    (sum, item) => sum + utf8Bytes(item.type === 'text' ? item.text : item.uri + item.name),
    0,
  );
  if (size > budget) {
    throw new AppError('too_large', `The result has ${size} bytes; at most ${budget} are sent at once.`, {
      hint: 'Ask for less: a smaller perPage, fewer fields, or a range of lines.',
      details: { limit_bytes: budget, size_bytes: size },
    });
  }
  return { content, structuredContent: JSON.parse(text) as Record<string, unknown> };
}

/**
 * In: a failure. Out: a tool result that says so in the text, which is all that some hosts pass on, and as data in
 * `_meta`. Not in `structuredContent`: clients of the 1.x SDK check that against the tool's output schema on errors too.
 */
export function shapeToolError(error: AppError): ShapedError {
  return {
    isError: true,
    content: [{ type: 'text', text: sanitiseText(errorText(error)) }],
    _meta: { [ERROR_KEY]: sanitiseJson(errorBody(error)) },
  };
}

function shapeLink(link: Link): ResultContent {
  return {
    type: 'resource_link',
    uri: link.uri,
    name: sanitiseText(link.name),
    ...(link.mimeType !== undefined && { mimeType: link.mimeType }),
  };
}
