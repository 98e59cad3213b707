import * as z from 'zod';
import { countFitting, RESERVE, RESULT_BUDGET } from '../../output/budget.ts';
import { dependabotSummary, summariseDependabot } from '../alert-view.ts';
import { perPage, place, text } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { given, withHint } from '../lean.ts';
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
    after: text(2000, 1).optional().describe('next_cursor of the page before'),
    perPage: perPage.optional(),
  }),
  output: z.object({
    alerts: z.array(dependabotSummary),
    truncated: z.boolean().optional(),
    next_cursor: z.string().optional(),
  }),
  async run({ owner, repo, state, severity, after, perPage: size = USUAL_PAGE }, { github }) {
    const list = async (per_page: number) => {
      const query = { owner, repo, per_page, ...given({ state, severity, after }) };
      const request = github.request('GET /repos/{owner}/{repo}/dependabot/alerts', query, upstreamDependabotAlerts);
      const { data, headers } = await withHint(request, 'upstream_not_found', DEPENDABOT_HINT);
      return { views: data.map(summariseDependabot), next_cursor: cursorOf(headers.get('link')) };
    };
    const all = await list(size);
    const fitting = countFitting(all.views, RESULT_BUDGET - RESERVE);
    // Only GitHub can say where a shorter page ends, so it is asked for one.
    const { views, next_cursor } = fitting < all.views.length ? await list(Math.max(1, fitting)) : all;
    const rest = { truncated: views === all.views ? undefined : true, next_cursor };
    return { data: { alerts: views, ...given(rest) } };
  },
});

export const DEPENDABOT_HINT =
  'Check owner, repo and number. GitHub also says "not found" where Dependabot alerts are off or the account may not see them.';

/** GitHub's own cursor, in the link to the next page (RFC 8288 section 3). */
function cursorOf(link: string | null): string | undefined {
  const next = /<([^<>]{1,4000})>;\s*rel="next"/.exec(link ?? '')?.[1];
  return next !== undefined && URL.canParse(next) ? (new URL(next).searchParams.get('after') ?? undefined) : undefined;
}
