/** Listing the issues of a repository: by GraphQL, which knows no custom fields, or by REST. */
import { countFitting, RESERVE, RESULT_BUDGET } from '../output/budget.ts';
import { collect, fitPage } from './collect.ts';
import type { CallContext, Position } from './define.ts';
import { type IssueView, pickFields, viewIssue } from './issue-view.ts';
import { lean, nextAfter } from './lean.ts';
import { upstreamIssues } from './upstream.ts';
import { type GraphqlIssue, graphqlIssues } from './upstream-conversations.ts';

/** What a model can ask for of each. */
export const LISTED_FIELDS = [
  'number',
  'title',
  'body',
  'state',
  'state_reason',
  'html_url',
  'user',
  'labels',
  'assignees',
  'milestone',
  'comments',
  'reactions',
  'created_at',
  'updated_at',
  'closed_at',
  'field_values',
] as const;
const DEFAULT_FIELDS: readonly string[] = LISTED_FIELDS.filter((field) => field !== 'body' && field !== 'field_values');
const ROOM = RESULT_BUDGET - RESERVE;

/** The arguments of list_issues, checked. */
export interface IssueQuery {
  readonly owner: string;
  readonly repo: string;
  readonly state?: 'OPEN' | 'CLOSED' | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly since?: string | undefined;
  readonly orderBy?: 'CREATED_AT' | 'UPDATED_AT' | 'COMMENTS' | undefined;
  readonly direction?: 'ASC' | 'DESC' | undefined;
  readonly field_filters?: readonly { readonly field_name: string; readonly value: string }[] | undefined;
  readonly fields?: readonly string[] | undefined;
  readonly perPage?: number | undefined;
  readonly after?: string | undefined;
}

export interface Listed {
  readonly views: readonly IssueView[];
  /** How many of them fit. */
  readonly shown: number;
  readonly total_count?: number;
  readonly next?: Position;
}

/** Custom fields are documented for REST only (GitHub REST, "List repository issues", `issue_field_values`). */
export function isRest(args: Pick<IssueQuery, 'field_filters' | 'fields'>): boolean {
  return (args.field_filters?.length ?? 0) > 0 || (args.fields?.includes('field_values') ?? false);
}

const QUERY = `query($owner: String!, $repo: String!, $first: Int!, $after: String, $labels: [String!], $states: [IssueState!], $orderBy: IssueOrder!, $filterBy: IssueFilters) {
  repository(owner: $owner, name: $repo) {
    issues(first: $first, after: $after, labels: $labels, states: $states, orderBy: $orderBy, filterBy: $filterBy) {
      totalCount pageInfo { hasNextPage }
      edges { cursor node {
        number title body state stateReason url author { login } authorAssociation createdAt updatedAt closedAt
        labels(first: 50) { nodes { name } } assignees(first: 10) { nodes { login } } milestone { number title }
        comments { totalCount } reactions { totalCount }
      } }
    }
  }
}`;

/** Without pull requests, and with GitHub's own cursors. */
export async function byGraphql(args: IssueQuery, { github }: CallContext): Promise<Listed> {
  const variables = {
    owner: args.owner,
    repo: args.repo,
    first: args.perPage ?? 30,
    after: args.after,
    labels: args.labels?.length === 0 ? undefined : args.labels,
    states: args.state === undefined ? undefined : [args.state],
    orderBy: { field: args.orderBy ?? 'CREATED_AT', direction: args.direction ?? 'DESC' },
    filterBy: args.since === undefined ? undefined : { since: new Date(args.since).toISOString() },
  };
  const { issues } = (await github.graphql(QUERY, variables, graphqlIssues)).repository;
  const views = issues.edges.map(({ node }) => pickFields(viewNode(node), args.fields ?? DEFAULT_FIELDS));
  const shown = Math.max(Math.min(1, views.length), countFitting(views, ROOM));
  const more = shown < views.length || issues.pageInfo.hasNextPage;
  return {
    views,
    shown,
    total_count: issues.totalCount,
    ...nextAfter(more ? issues.edges[shown - 1]?.cursor : undefined),
  };
}

/** With custom fields. GitHub lists pull requests among the issues here, so that a page can hold fewer than asked for. */
export async function byRest(args: IssueQuery, context: CallContext): Promise<Listed> {
  const { owner: login, repo: name, state, labels, since, orderBy, direction, after } = args;
  const [page = 1, perPage = args.perPage ?? 30] = after?.split(':').map(Number) ?? [];
  const parameters = {
    owner: login,
    repo: name,
    state: state === undefined ? ('all' as const) : state === 'OPEN' ? ('open' as const) : ('closed' as const),
    sort: ({ CREATED_AT: 'created', UPDATED_AT: 'updated', COMMENTS: 'comments' } as const)[orderBy ?? 'CREATED_AT'],
    direction: direction === 'ASC' ? ('asc' as const) : ('desc' as const),
    ...(labels?.[0] !== undefined && { labels: labels[0] }),
    ...(since !== undefined && { since: new Date(since).toISOString() }),
    ...(args.field_filters !== undefined && { issue_field_values: args.field_filters.map(filterOf).join() }),
  };
  const route = 'GET /repos/{owner}/{repo}/issues';
  const found = await collect(context, route, parameters, upstreamIssues, { page, perPage }, 'issues');
  const all = found.items.map((issue) =>
    pickFields(viewIssue(issue), [...(args.fields ?? DEFAULT_FIELDS), 'pull_request']),
  );
  const { shown, next } = fitPage(all, found, ROOM);
  const isIssue = ({ pull_request }: IssueView) => pull_request !== true;
  const views = all.filter(isIssue);
  const following = next && `${next.page}:${next.perPage}`;
  return { views, shown: shown.filter(isIssue).length, ...nextAfter(following) };
}

/** `field_slug:value`. */
function filterOf({ field_name, value }: { readonly field_name: string; readonly value: string }): string {
  const slug = field_name
    .trim()
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '-');
  return `${slug}:${value}`;
}

function viewNode(node: GraphqlIssue): IssueView {
  return lean({
    number: node.number,
    title: node.title,
    state: node.state.toLowerCase(),
    state_reason: node.stateReason?.toLowerCase(),
    html_url: node.url,
    user: node.author?.login,
    author_association: node.authorAssociation,
    labels: node.labels?.nodes.flatMap((label) => label?.name ?? []),
    assignees: node.assignees?.nodes.flatMap((assignee) => assignee?.login ?? []),
    milestone: node.milestone,
    comments: node.comments?.totalCount,
    reactions: node.reactions?.totalCount,
    created_at: node.createdAt,
    updated_at: node.updatedAt,
    closed_at: node.closedAt,
    body: node.body,
  });
}
