import * as z from 'zod';
import { countFitting, RESERVE, RESULT_BUDGET } from '../../output/budget.ts';
import { dependabotSummary, summariseDependabot } from '../alert-view.ts';
import { after as cursor, paged, perPage, place } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { given, nextAfter, withHint } from '../lean.ts';
import { upstreamDependabotAlerts } from '../upstream-operations.ts';

const USUAL_PAGE = 30;

export const listDependabotAlerts = defineTool({
  name: 'list_dependabot_alerts',
  title: 'List Dependabot alerts',
  description: 'List known vulnerabilities in the dependencies of a repository.',
  toolset: 'dependabot',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({
    ...place,
    state: z.enum(['open', 'fixed', 'dismissed', 'auto_dismissed']).optional(),
    severity: z.enum(['low', 'medium', 'high', 'critical']).optional(),
    after: cursor.describe('next_cursor'),
    perPage: perPage.optional(),
  }),
  output: z.object({
    alerts: z.array(dependabotSummary),
    ...paged,
  }),
  async run({ owner, repo, state, severity, after, perPage: size = USUAL_PAGE }, { github }) {
    const list = async (per_page: number) => {
      const query = { owner, repo, per_page, ...given({ state, severity, after }) };
      const request = github.request('GET /repos/{owner}/{repo}/dependabot/alerts', query, upstreamDependabotAlerts);
      const { data, headers } = await withHint(request, 'upstream_not_found', DEPENDABOT_HINT);
      return { views: data.map(summariseDependabot), following: cursorOf(headers.get('link')) };
    };
    const all = await list(size);
    const fitting = countFitting(all.views, RESULT_BUDGET - RESERVE);
    // Only GitHub can say where a shorter page ends, so it is asked for one.
    const { views, following } = fitting < all.views.length ? await list(Math.max(1, fitting)) : all;
    return { data: { alerts: views, ...(views !== all.views && { truncated: true }), ...nextAfter(following) } };
  },
});

export const DEPENDABOT_HINT =
  'Check owner, repo and number. GitHub also says "not found" where Dependabot alerts are off or the account may not see them.';

/** GitHub's own cursor, in the link to the next page (RFC 8288 section 3). */
function cursorOf(link: string | null): string | undefined {
  const next = /<([^<>]{1,4000})>;\s*rel="next"/.exec(link ?? '')?.[1];
  return next !== undefined && URL.canParse(next) ? (new URL(next).searchParams.get('after') ?? undefined) : undefined;
}
