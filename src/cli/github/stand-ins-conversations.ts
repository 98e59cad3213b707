/**
 * STAND-INS, for local use and tests only: what `emulate` lacks of issues, pull requests and reviews. The facts are its
 * own wherever it has them; kept in memory are which threads are resolved, which pending reviews were deleted, which issue
 * is below which, and reactions; the types of issues are invented.
 *  - GraphQL for the issues of a repository, review threads, comments in a pending review, drafts, resolving;
 *  - replies to review comments (it has `in_reply_to_id`), reactions, sub-issues, issue types, deleting a pending review.
 */
import { isObject } from '../../core/json.ts';
import type { Call } from './stand-ins.ts';
import { bodyOf, get, githubError, listOf, paged } from './stand-ins.ts';
import type { Answer, Upstream } from './upstream.ts';
import { jsonAnswer, readJson } from './upstream.ts';

type Row = Readonly<Record<string, unknown>>;

interface Kept {
  readonly resolved: Set<string>;
  readonly deletedReviews: Set<number>;
  /** Ids of the issues below one, by its path, in order. */
  readonly below: Map<string, number[]>;
  reactions: number;
}

/** One memory per emulator. */
const kept = new WeakMap<Upstream, Kept>();
const THREAD = 'PRRT_';
const MOST = 'per_page=100';

/** The stood-in answer to a call, or `undefined` when it is none of these. */
export async function conversationStandIn(call: Call): Promise<Answer | undefined> {
  const { pathname } = call.url;
  const memory = kept.get(call.upstream) ?? {
    resolved: new Set(),
    deletedReviews: new Set(),
    below: new Map(),
    reactions: 0,
  };
  kept.set(call.upstream, memory);
  if (pathname === '/graphql') return await graphql(call, memory);
  const types = /^\/(?:orgs\/([^/]+)|repos\/([^/]+)\/[^/]+)\/issue-types$/.exec(pathname);
  if (types !== null) return issueTypes(call, types[1] ?? types[2] ?? '');
  if (pathname.endsWith('/reactions') && call.method === 'POST') {
    memory.reactions += 1;
    return jsonAnswer(201, { id: memory.reactions, content: bodyOf(call).content, user: { login: call.login } });
  }
  const reply = /^(.*\/pulls\/\d+\/comments)\/(\d+)\/replies$/.exec(pathname);
  if (reply !== null) return await post(call, reply[1] ?? '', { ...bodyOf(call), in_reply_to_id: Number(reply[2]) });
  const reviews = /^(.*\/pulls\/\d+\/reviews)(?:\/(\d+))?$/.exec(pathname);
  if (reviews !== null && call.method !== 'POST')
    return await review(call, memory, reviews[1] ?? '', Number(reviews[2]));
  const tree = /^((.*\/issues)\/\d+)\/(sub_issues?|sub_issues\/priority|parent)$/.exec(pathname);
  return tree === null ? undefined : await subIssues(call, memory, tree[1] ?? '', tree[2] ?? '', tree[3] ?? '');
}

async function issueTypes(call: Call, owner: string): Promise<Answer> {
  if ((await get(call, `/orgs/${owner}`)).status !== 200) return githubError(404, 'Not Found');
  const names = ['Bug', 'Feature', 'Task'];
  return jsonAnswer(
    200,
    names.map((name, index) => ({ id: index + 1, name, is_enabled: true })),
  );
}

async function review(call: Call, { deletedReviews }: Kept, list: string, id: number): Promise<Answer | undefined> {
  const all = listOf(await get(call, `${list}?${MOST}`)).filter((one) => !deletedReviews.has(Number(one.id)));
  if (call.method === 'GET' && Number.isNaN(id)) {
    const probe = await get(call, list);
    // GitHub shows a pending review to its author alone.
    const seen = all.filter((one) => one.state !== 'PENDING' || (isObject(one.user) && one.user.login === call.login));
    return probe.status === 200 ? paged(call, seen) : undefined;
  }
  if (call.method !== 'DELETE') return undefined;
  const found = all.find((one) => one.id === id);
  if (found === undefined) return githubError(404, 'Not Found');
  if (found.state !== 'PENDING') return githubError(422, 'Can not delete a non-pending pull request review');
  deletedReviews.add(id);
  return jsonAnswer(200, found);
}

async function subIssues(call: Call, { below }: Kept, parent: string, issues: string, what: string): Promise<Answer> {
  const all = listOf(await get(call, `${issues}?state=all&${MOST}`));
  const above = await get(call, parent);
  if (above.status !== 200) return githubError(404, 'Not Found');
  const children = below.get(parent) ?? [];
  if (what === 'parent') {
    const id = Number((readJson(above) as Row).id);
    const found = [...below].find(([, ids]) => ids.includes(id))?.[0];
    return found === undefined ? githubError(404, 'Not Found') : await get(call, found);
  }
  if (call.method === 'GET') {
    return paged(
      call,
      children.flatMap((id) => all.find((issue) => issue.id === id) ?? []),
    );
  }
  const { sub_issue_id: id, after_id, before_id, replace_parent } = bodyOf(call) as Record<string, number>;
  if (id === undefined || !all.some((issue) => issue.id === id))
    return githubError(404, 'The provided sub-issue does not exist');
  const others = [...below].find(([path, ids]) => path !== parent && ids.includes(id));
  if (what === 'sub_issues' && others !== undefined && !replace_parent) {
    return githubError(422, 'Sub issue may only have one parent');
  }
  if (others !== undefined)
    below.set(
      others[0],
      others[1].filter((other) => other !== id),
    );
  const rest = children.filter((child) => child !== id);
  const near = rest.indexOf(after_id ?? before_id ?? -1);
  const at = what === 'sub_issues/priority' ? near + (after_id === undefined ? 0 : 1) : rest.length;
  below.set(parent, what === 'sub_issue' ? rest : rest.toSpliced(at, 0, id));
  return jsonAnswer(what === 'sub_issues' ? 201 : 200, readJson(above));
}

async function graphql(call: Call, memory: Kept): Promise<Answer | undefined> {
  const { query, variables } = bodyOf(call);
  const text = String(query);
  const values: Row = isObject(variables) ? variables : {};
  if (/\bissues\(/.test(text)) return await issues(call, values);
  if (/\breviewThreads\(/.test(text)) return await threads(call, memory, values);
  if (text.includes('addPullRequestReviewThread'))
    return await addThread(call, isObject(values.input) ? values.input : {});
  if (text.includes('PullRequestToDraft')) return await setDraft(call, String(values.id), true);
  if (text.includes('markPullRequestReadyForReview')) return await setDraft(call, String(values.id), false);
  if (text.includes('on PullRequestReviewThread')) return await threadPlace(call, values);
  if (!/resolveReviewThread/i.test(text)) return undefined;
  const id = String(values.id);
  if (text.includes('unresolve')) memory.resolved.delete(id);
  else memory.resolved.add(id);
  return data({ change: { thread: { id, isResolved: memory.resolved.has(id) } } });
}

async function issues(call: Call, values: Row): Promise<Answer> {
  const repo = `/repos/${String(values.owner)}/${String(values.repo)}`;
  const { field, direction } = values.orderBy as { field: string; direction: string };
  const sort = { CREATED_AT: 'created', UPDATED_AT: 'updated', COMMENTS: 'comments' }[field] ?? 'created';
  const state = (values.states as string[] | undefined)?.[0]?.toLowerCase() ?? 'all';
  const since = isObject(values.filterBy) ? `&since=${String(values.filterBy.since)}` : '';
  const query = `state=${state}&sort=${sort}&direction=${direction.toLowerCase()}${since}&${MOST}`;
  const found = await get(call, `${repo}/issues?${query}`);
  if (found.status !== 200)
    return missing('repository', `Could not resolve to a Repository with the name '${repo.slice(7)}'.`);
  const labels = values.labels as string[] | undefined;
  const namesOf = (issue: Row) => (issue.labels as { name: string }[]).map(({ name }) => name);
  const all = listOf(found).filter((issue) => !labels || namesOf(issue).some((name) => labels.includes(name)));
  // What was made in the same millisecond comes from the emulator in any order.
  const turn = direction === 'ASC' ? 1 : -1;
  if (sort === 'created')
    all.sort((a, b) =>
      a.created_at === b.created_at
        ? turn * (Number(a.number) - Number(b.number))
        : turn * String(a.created_at).localeCompare(String(b.created_at)),
    );
  return data({
    repository: {
      issues: connection(all, values, (issue) => ({
        number: issue.number,
        title: issue.title,
        body: issue.body,
        state: String(issue.state).toUpperCase(),
        stateReason: null,
        url: issue.html_url,
        author: issue.user,
        authorAssociation: issue.author_association,
        createdAt: issue.created_at,
        updatedAt: issue.updated_at,
        closedAt: issue.closed_at,
        labels: { nodes: issue.labels },
        assignees: { nodes: issue.assignees },
        milestone: issue.milestone,
        comments: { totalCount: issue.comments },
        reactions: { totalCount: 0 },
      })),
    },
  });
}

async function threads(call: Call, { resolved }: Kept, values: Row): Promise<Answer> {
  const pull = `/repos/${String(values.owner)}/${String(values.repo)}/pulls/${String(values.number)}`;
  const found = await get(call, `${pull}/comments?${MOST}`);
  if (found.status !== 200) return missing('repository', 'Could not resolve to a PullRequest.');
  const all = listOf(found);
  const roots = all.filter((comment) => comment.in_reply_to_id === null);
  const view = (root: Row) => {
    const comments = all.filter((comment) => comment === root || comment.in_reply_to_id === root.id);
    const id = `${THREAD}${String(root.id)}`;
    return {
      id,
      path: root.path,
      line: root.line,
      startLine: null,
      diffSide: root.side ?? 'RIGHT',
      subjectType: 'LINE',
      isResolved: resolved.has(id),
      isOutdated: false,
      comments: {
        totalCount: comments.length,
        nodes: comments.map((comment) => ({
          fullDatabaseId: String(comment.id),
          author: comment.user,
          authorAssociation: comment.author_association,
          body: comment.body,
          createdAt: comment.created_at,
        })),
      },
    };
  };
  return data({ repository: { pullRequest: { reviewThreads: connection(roots, values, view) } } });
}

/** Null where the file is not part of the change, as GitHub answers. */
async function addThread(call: Call, input: Row): Promise<Answer> {
  for (const pull of await pulls(call)) {
    const mine = listOf(await get(call, `${pull}/reviews?${MOST}`)).find(
      ({ node_id }) => node_id === input.pullRequestReviewId,
    );
    if (mine === undefined) continue;
    const { base, head } = readJson(await get(call, pull)) as { base: { sha: string }; head: { sha: string } };
    const change = readJson(await get(call, `${pull.split('/pulls/')[0]}/compare/${base.sha}...${head.sha}`)) as Row;
    const isChanged = (change.files as { filename: string }[]).some(({ filename }) => filename === input.path);
    if (!isChanged) return data({ addPullRequestReviewThread: { thread: null } });
    const { path, body, line, side } = input;
    const made = readJson(await post(call, `${pull}/comments`, { path, body, line, side: side ?? 'RIGHT' })) as Row;
    const thread = { id: `${THREAD}${String(made.id)}`, path, line };
    return data({ addPullRequestReviewThread: { thread } });
  }
  return missing('addPullRequestReviewThread', 'Could not resolve to a node with the global id.');
}

async function setDraft(call: Call, id: string, draft: boolean): Promise<Answer> {
  for (const pull of await pulls(call)) {
    const found = readJson(await get(call, pull)) as Row;
    if (found.node_id !== id) continue;
    await post(call, pull, { draft }, 'PATCH');
    return data({ change: { pullRequest: { isDraft: draft } } });
  }
  return missing('change', 'Could not resolve to a node with the global id.');
}

async function threadPlace(call: Call, values: Row): Promise<Answer> {
  const named = readJson(await get(call, `/repos/${String(values.owner)}/${String(values.repo)}`)) as Row;
  const repository = { nameWithOwner: named.full_name };
  for (const pull of await pulls(call)) {
    const ids = listOf(await get(call, `${pull}/comments?${MOST}`)).map(({ id }) => `${THREAD}${String(id)}`);
    const [, nameWithOwner, number] = /^\/repos\/(.+)\/pulls\/(\d+)$/.exec(pull) ?? [];
    if (!ids.includes(String(values.id))) continue;
    return data({ repository, node: { pullRequest: { number: Number(number) }, repository: { nameWithOwner } } });
  }
  return missing('node', 'Could not resolve to a node with the global id.');
}

/** Paths of all pull requests in the organisation of the seed and in the account's own repositories, if it may see them. */
async function pulls(call: Call): Promise<string[]> {
  const found = await Promise.all(['acme', call.login].map((name) => get(call, `/search/repositories?q=user:${name}`)));
  const repos = found.flatMap((answer) => (readJson(answer) as { items?: { full_name: string }[] }).items ?? []);
  const lists = await Promise.all(
    repos.map(async ({ full_name }) => {
      const path = `/repos/${full_name}/pulls`;
      return listOf(await get(call, `${path}?state=all&${MOST}`)).map(({ number }) => `${path}/${String(number)}`);
    }),
  );
  return lists.flat();
}

function connection(all: readonly Row[], { first, after }: Row, view: (row: Row) => object) {
  const from = after === undefined || after === null ? 0 : Number(after);
  const end = from + Number(first);
  const edges = all.slice(from, end).map((row, index) => ({ cursor: String(from + index + 1), node: view(row) }));
  return { totalCount: all.length, pageInfo: { hasNextPage: end < all.length }, edges };
}

function post(call: Call, path: string, body: object, method = 'POST'): Promise<Answer> {
  const headers = { ...call.headers, accept: 'application/vnd.github+json', 'content-type': 'application/json' };
  return call.upstream.ask({ method, path, headers, body: Buffer.from(JSON.stringify(body)) });
}

function data(value: object): Answer {
  return jsonAnswer(200, { data: value });
}

function missing(field: string, message: string): Answer {
  return jsonAnswer(200, { data: { [field]: null }, errors: [{ type: 'NOT_FOUND', path: [field], message }] });
}
