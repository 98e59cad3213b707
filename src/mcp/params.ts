/** What a client is told when the parameters of a request are not those of its method. */
import type { JSONRPCRequest, Result, ServerContext } from '@modelcontextprotocol/server';
import { ProtocolError, ProtocolErrorCode, Server } from '@modelcontextprotocol/server';
import { isObject } from '../core/json.ts';
import { plainText } from '../core/text.ts';

/** Problems that are named; the rest follows from them as often as not. */
const MOST_NAMED = 3;

/**
 * In: an error of the SDK. Out: what its validator found, one sentence for each problem, with the field first: undefined
 * where the error is of another kind. The validator says it as a list of issues in JSON, which is no sentence.
 */
export function problemsIn(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const list = error.message.indexOf('[');
  if (list < 0) return undefined;
  let issues: unknown;
  try {
    issues = JSON.parse(error.message.slice(list));
  } catch {
    return undefined;
  }
  if (!Array.isArray(issues) || issues.length === 0 || !issues.every(isIssue)) return undefined;
  return issues.slice(0, MOST_NAMED).map(named).join('; ');
}

interface Issue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

function isIssue(issue: unknown): issue is Issue {
  return isObject(issue) && Array.isArray(issue.path) && typeof issue.message === 'string';
}

function named({ path, message }: Issue): string {
  const field = path[0] === 'params' ? path.slice(1) : path;
  return `${plainText(field.join('.'), 100) || 'params'}: ${plainText(message, 200)}`;
}

/** The SDK's server, except that bad parameters are -32602 with a sentence, where it says -32603 with its validator's JSON. */
export class ParamsCheckingServer extends Server {
  protected override _wrapHandler(
    method: string,
    handler: (request: JSONRPCRequest, ctx: ServerContext) => Promise<Result>,
  ): (request: JSONRPCRequest, ctx: ServerContext) => Promise<Result> {
    const wrapped = super._wrapHandler(method, handler);
    return async (request, ctx) => {
      try {
        return await wrapped(request, ctx);
      } catch (error) {
        const problems = problemsIn(error);
        if (problems === undefined) throw error;
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Invalid params of ${method}: ${problems}.`);
      }
    };
  }
}
