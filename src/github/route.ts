/** Requests of routes. Pure. A route is a constant of this program, such as `GET /repos/{owner}/{repo}`. */
import { AppError } from '../core/errors.ts';
import { encodeVariable } from './guard.ts';
import type { Exchange } from './transport.ts';

interface Route {
  readonly method: string;
  /** The path in pieces: text and, in between, the names of its variables. */
  readonly pieces: readonly string[];
  readonly variables: ReadonlySet<string>;
}

/** Each is taken apart once. */
const routes = new Map<string, Route>();

/**
 * Segments that stand as they are: none is empty, and none is a dot or two, which the parser of URLs would take away with
 * what stands before them (URL standard, section 4.4).
 */
const STANDS = /^(?:\/(?!(?:\.|%2e){1,2}(?:\/|$))[\w.~!*'()%-]+)+$/i;

/**
 * In: where the API is, without a slash at its end; a route, its parameters, and headers. Out: the request. What is not
 * in the path goes into the query of a read, and into the body of anything else. Throws `invalid_arguments` naming the
 * variable that is missing, or that would lead to another place of the API.
 */
export function requestOf(
  root: string,
  route: string,
  parameters: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>>,
): Exchange {
  const { method, pieces, variables } = partsOf(route);
  const written = pieces.map((piece, at) => (at % 2 === 0 ? piece : encodeVariable(piece, parameters[piece]))).join('');
  // An empty parameter at the end, such as the root of a repository, takes its slash with it.
  const path = written.endsWith('/') ? written.slice(0, -1) : written;
  if (!STANDS.test(path)) {
    throw new AppError('invalid_arguments', 'The arguments would lead to another part of the GitHub API.');
  }
  const url = root + path;
  const rest = Object.entries(parameters).filter(([name, value]) => value !== undefined && !variables.has(name));
  if (rest.length === 0) return { method, url, headers };
  if (method === 'GET' || method === 'HEAD') {
    const query = new URLSearchParams(rest.map(([name, value]) => [name, String(value)]));
    return { method, url: `${url}?${query}`, headers };
  }
  const body = JSON.stringify(Object.fromEntries(rest));
  return { method, url, headers: { ...headers, 'content-type': 'application/json; charset=utf-8' }, body };
}

function partsOf(route: string): Route {
  const known = routes.get(route);
  if (known !== undefined) return known;
  const [method = '', template = ''] = route.split(' ');
  const pieces = template.split(/[{}]/);
  const parts = { method, pieces, variables: new Set(pieces.filter((_, at) => at % 2 === 1)) };
  routes.set(route, parts);
  return parts;
}
