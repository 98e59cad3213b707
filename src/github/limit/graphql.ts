/**
 * GraphQL within a limit. A query must begin at the repository that its variables name; whatever is named by a node id
 * is looked up first, because an id does not say whose it is. Everything else is refused. The queries are constants of
 * this program, so what they select inside a repository is looked at when they are written; see `answers.ts` too.
 */
import { isObject } from '../../core/json.ts';
import type { Limit, Lookup } from './limit.ts';
import { containsName, refusal } from './limit.ts';

/** The one way to begin a query of a repository. GitHub follows renames unless told not to (GraphQL, `Query.repository`). */
const REPOSITORY = /^repository\s*\(\s*owner:\s*\$owner,\s*name:\s*\$repo\s*(?=\))/;
/** The one way to begin a query of a node. */
const NODE = /^node\s*\(\s*id:\s*\$(\w+)\s*\)/;

/** Everything that GitHub has under a node id and our tools use says which repository it belongs to in one of these. */
const PLACES = `query($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Repository { nameWithOwner }
    ... on RepositoryNode { repository { nameWithOwner } }
    ... on PullRequestReviewThread { repository { nameWithOwner } }
  }
}`;

/** In: a query and its variables. Out: the text to send. Throws `forbidden_by_policy` unless all of it is within the limit. */
export async function graphqlWithin(
  limit: Limit,
  query: string,
  variables: Readonly<Record<string, unknown>>,
  lookup: Lookup,
): Promise<string> {
  const [operation, fields] = partsOf(query);
  const ids = idsIn(variables);
  let text = query;
  let about = 0;
  for (const field of fields) {
    const found = REPOSITORY.exec(field);
    const node = NODE.exec(field)?.[1];
    if (operation === 'query' && found !== null) {
      const { owner, repo } = variables;
      if (typeof owner !== 'string' || typeof repo !== 'string' || !limit.contains(owner, repo)) throw outside(limit);
      text = text.replace(found[0], `${found[0]}, followRenames: false`);
    } else if (operation === 'query' && (node === undefined || typeof variables[node] !== 'string')) {
      throw outside(limit);
    } else about++;
  }
  if (fields.length === 0 || (about > 0 && ids.length === 0)) throw outside(limit);
  if (ids.length > 0 && !(await areWithin(limit, ids, lookup))) throw outside(limit);
  return text;
}

async function areWithin(limit: Limit, ids: readonly string[], lookup: Lookup): Promise<boolean> {
  const data = await lookup.graphql(PLACES, { ids });
  const nodes = isObject(data) && Array.isArray(data.nodes) ? data.nodes : [];
  return nodes.length === ids.length && nodes.every((node) => containsName(limit, nameOf(node)));
}

function nameOf(node: unknown): string {
  if (!isObject(node)) return '';
  const { nameWithOwner } = isObject(node.repository) ? node.repository : node;
  return typeof nameWithOwner === 'string' ? nameWithOwner : '';
}

/** Every node id among the variables: GitHub's names for them end in `id` or `Ids`, at any depth of an input. */
function idsIn(value: unknown, name = ''): string[] {
  if (typeof value === 'string') return /(?:^i|I)ds?$/.test(name) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((item) => idsIn(item, name));
  return isObject(value) ? Object.entries(value).flatMap(([key, member]) => idsIn(member, key)) : [];
}

/**
 * In: the text of a query. Out: what it is and its outermost fields, each with its arguments. No field at all where the
 * text holds what this does not read: strings, comments, fragments beside the operation, several operations.
 */
function partsOf(query: string): [operation: string, fields: string[]] {
  const [head = '', operation = ''] = /^\s*(query|mutation)\b[^{]*\{/.exec(query) ?? [];
  if (head === '' || /["#]|\bfragment\b/.test(query)) return ['', []];
  const fields: string[] = [];
  let depth = 1;
  let field = '';
  let end = head.length;
  for (; end < query.length && depth > 0; end++) {
    const character = query[end] as string;
    if (character === '}' || character === ')') depth--;
    if (depth === 1 && character === '}') {
      fields.push(field.trim().replace(/^\w+\s*:\s*(?=\w+\s*[({])/, ''));
      field = '';
    } else field += character;
    if (character === '{' || character === '(') depth++;
  }
  const closed = depth === 0 && field.replace('}', '').trim() === '' && query.slice(end).trim() === '';
  return closed ? [operation, fields] : ['', []];
}

function outside(limit: Limit) {
  return refusal(limit, 'This belongs to another repository, or to none.');
}
