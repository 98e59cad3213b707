/** The catalogue as clients see it: plain JSON in the shape of the MCP lists (MCP 2025-11-25, server/*). */
import * as z from 'zod';
import type { PromptDefinition, ResourceDefinition, ToolDefinition } from './define.ts';

export interface JsonSchema {
  [key: string]: unknown;
  type: 'object';
}

export interface ListedTool {
  name: string;
  title: string;
  description: string;
  inputSchema: JsonSchema;
  /** Absent on the tools that run another one: their results are those of other tools. */
  outputSchema?: JsonSchema;
  annotations: {
    title: string;
    readOnlyHint: boolean;
    destructiveHint: boolean;
    idempotentHint: boolean;
    openWorldHint: boolean;
  };
}

export interface ListedResource {
  uri: string;
  name: string;
  title: string;
  description: string;
  mimeType?: string;
}

export interface ListedTemplate {
  uriTemplate: string;
  name: string;
  title: string;
  description: string;
  mimeType?: string;
}

export interface ListedPrompt {
  name: string;
  title: string;
  description: string;
  arguments: { name: string; description: string; required: boolean }[];
}

export function listTool(tool: ToolDefinition): ListedTool {
  const { readOnly, destructive, idempotent, openWorld } = tool.hints;
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: inputSchemaOf(tool),
    ...(tool.wraps === undefined && { outputSchema: schemaOf(tool.output, 'output') }),
    annotations: {
      title: tool.title,
      readOnlyHint: readOnly,
      destructiveHint: destructive,
      idempotentHint: idempotent,
      openWorldHint: openWorld,
    },
  };
}

/** What a tool takes, made once: lists and search_tools show the same. */
export function inputSchemaOf(tool: ToolDefinition): JsonSchema {
  const schema = inputSchemas.get(tool) ?? schemaOf(tool.input, 'input');
  inputSchemas.set(tool, schema);
  return schema;
}

const inputSchemas = new WeakMap<ToolDefinition, JsonSchema>();

export function listResource(resource: ResourceDefinition): ListedResource[] {
  return 'uri' in resource.address ? [{ uri: resource.address.uri, ...describe(resource) }] : [];
}

export function listTemplate(resource: ResourceDefinition): ListedTemplate[] {
  const { address } = resource;
  return 'uriTemplate' in address ? [{ uriTemplate: address.uriTemplate, ...describe(resource) }] : [];
}

export function listPrompt(prompt: PromptDefinition): ListedPrompt {
  return {
    name: prompt.name,
    title: prompt.title,
    description: prompt.description,
    arguments: Object.entries(prompt.input.shape).map(([name, schema]) => ({
      name,
      description: z.toJSONSchema(schema as z.ZodType, { io: 'input' }).description ?? '',
      required: !(schema as z.ZodType).safeParse(undefined).success,
    })),
  };
}

function describe({ name, title, description, mimeType }: ResourceDefinition) {
  return { name, title, description, ...(mimeType !== undefined && { mimeType }) };
}

/** JSON Schema 2020-12, the dialect that MCP assumes where none is named. */
function schemaOf(schema: z.ZodObject, io: 'input' | 'output'): JsonSchema {
  const override = ({ jsonSchema, path }: { jsonSchema: z.core.JSONSchema.BaseSchema; path: (string | number)[] }) => {
    // What a result always has inside its lists was checked before it was sent; to list it again costs every client 4 KB.
    if (io === 'output' && path.length > 0) delete jsonSchema.required;
    // Nor does it help to say of every object that it has no other members: what breaks that rule is told so in a sentence.
    if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    // Zod says of every whole number that it is a safe integer, which tells a model nothing.
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  };
  const { $schema: _, '~standard': __, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io, override });
  return { ...rest, type: 'object' };
}
