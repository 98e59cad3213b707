/**
 * A client that is limited to repositories. Nothing goes upstream unless its path lies within the limit, nothing that
 * could lead elsewhere is sent along, and what an answer tells of other repositories is taken out.
 *
 * Which repositories are within is the caller's to say; which repository a request is about is known here.
 */
import type { AppError } from '../../core/errors.ts';
import { isObject } from '../../core/json.ts';
import { graphqlUrl } from '../graphql.ts';
import { isInside } from '../guard.ts';
import type { Exchange } from '../transport.ts';
import { withoutOthers } from './answers.ts';
import { graphqlWithin } from './graphql.ts';
import type { Limit, Lookup } from './limit.ts';
import { containsName, refusal, unconfined } from './limit.ts';
import type { Parameters } from './requests.ts';
import { preparedWithin, searchKindOf } from './requests.ts';

export type { Limit, Lookup } from './limit.ts';

/** What a client asks about each request. Without a limit, everything goes through as it is. */
export interface Confines {
  /** Before a request of a route is built. Out: the parameters to send. Throws `forbidden_by_policy`. */
  prepare(route: string, parameters: Parameters): Promise<Parameters>;
  /** Before anything leaves: first requests, redirects and next pages alike. Throws `forbidden_by_policy`. */
  check?(request: Pick<Exchange, 'method' | 'url' | 'body'>): Promise<void>;
  /** In: the page just read and the link to the next. Out: where to read on. */
  nextPage(current: string, next: URL): string;
  /** Before a GraphQL query is sent. Out: the body to send. Throws `forbidden_by_policy`. */
  graphql(query: string, variables: Readonly<Record<string, unknown>>): Promise<string>;
  /** In: what GitHub answered to a route, or to GraphQL. Out: what of it may be seen. Throws `forbidden_by_policy`. */
  answer(route: string, data: unknown): unknown;
}

export const UNLIMITED: Confines = {
  prepare: async (_route, parameters) => parameters,
  nextPage: (_current, next) => next.href,
  graphql: async (query, variables) => JSON.stringify({ query, variables }),
  answer: (_route, data) => data,
};

/** In: the limit, where the API is, and how to look something up. Out: what to ask about each request of one call. */
export function confinesOf(limit: Limit, api: URL, lookup: Lookup): Confines {
  /** Queries and bodies that were judged when they were made. */
  const approved = new Set<string>();
  /** Names of repositories by their ids, as GitHub said them during this call. */
  const names = new Map<string, Promise<string>>();

  const nameOf = (id: string): Promise<string> => {
    const known = names.get(id) ?? lookup.peek(`/repositories/${id}`).then(fullNameOf);
    names.set(id, known);
    return known;
  };
  const isWithin = async (path: string): Promise<boolean> => {
    const [, first, owner = '', repo = ''] = path.split('/');
    if (first === 'repos') return limit.contains(decoded(owner), decoded(repo));
    // A redirect to a repository that was renamed or moved names it by its id: what counts is its name of today.
    return first === 'repositories' && /^\d{1,20}$/.test(owner) && containsName(limit, await nameOf(owner));
  };

  return {
    async prepare(route, parameters) {
      return await preparedWithin(limit, route, parameters, lookup, (made) => approved.add(made));
    },
    async check({ method, url: href, body }) {
      if (href === graphqlUrl(api).href) {
        if (method === 'POST' && approved.has(body ?? '')) return;
        throw unconfined(limit);
      }
      // A store behind the API, to which a download was redirected: it is asked without the token.
      const url = new URL(href);
      if (!isInside(api, url)) return;
      const path = url.pathname.slice(api.pathname.replace(/\/$/, '').length);
      if (method === 'GET' && path === '/user') return;
      if (approved.has(`${method} ${path}`)) return;
      const kind = searchKindOf(`${method} ${path}`);
      if (kind !== undefined && approved.has(`${kind} ${url.searchParams.get('q')}`)) return;
      if (/^\/repos(?:itories)?\//.test(path)) {
        if (await isWithin(path)) return;
        throw outside(limit, path);
      }
      throw unconfined(limit);
    },
    nextPage(current, next) {
      // GitHub's links name repositories by id. The same path with the link's page is the same list.
      const url = new URL(current);
      const query = url.searchParams.get('q');
      url.search = next.search;
      if (query !== null) url.searchParams.set('q', query);
      return url.href;
    },
    async graphql(query, variables) {
      const body = JSON.stringify({ query: await graphqlWithin(limit, query, variables, lookup), variables });
      approved.add(body);
      return body;
    },
    answer: (route, data) => withoutOthers(limit, api, data, searchKindOf(route) !== undefined),
  };
}

function outside(limit: Limit, path: string): AppError {
  const [, first, owner = '', repo = ''] = path.split('/');
  const name = first === 'repos' ? `${owner}/${repo}` : '';
  if (/^[\w.-]{1,100}\/[\w.-]{1,100}$/.test(name)) {
    return refusal(limit, `${name} is outside.`);
  }
  return refusal(limit, 'GitHub has this in another repository by now, which is outside.');
}

function fullNameOf(data: unknown): string {
  return isObject(data) && typeof data.full_name === 'string' ? data.full_name : '';
}

/** A segment of a path; what is not well encoded is no name. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}
