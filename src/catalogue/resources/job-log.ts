import * as z from 'zod';
import * as rules from '../arguments.ts';
import { owners, repos } from '../completers.ts';
import type { ResourceDefinition } from '../define.ts';
import { MAX_LOG_BYTES } from '../job-logs.ts';
import { linesOf } from '../lines.ts';
import { cleanerOf } from '../log-line.ts';
import { range, readLines } from '../ranges.ts';
import { matchUri } from '../uris.ts';
import { parseOrThrow } from '../validate.ts';
import { requirePublic } from '../visibility.ts';

const LOG =
  /^github:\/\/(?<owner>[^/?#]+)\/(?<repo>[^/?#]+)\/actions\/jobs\/(?<job_id>[1-9]\d{0,15})\/logs(?:\?lines=(?<lines>[^&#]*))?$/;
const variables = z.strictObject({
  owner: rules.owner,
  repo: rules.repo,
  job_id: z.string().transform(Number),
  lines: range,
});

/** What get_job_logs shows the end or a part of, from its beginning. */
export const jobLog: ResourceDefinition = {
  name: 'job_log',
  title: 'Log of a job',
  toolset: 'actions',
  description:
    'The log of an Actions job, in parts: _meta of each part names the URI of the next. lines: such as 201-400.',
  mimeType: 'text/plain',
  address: { uriTemplate: 'github://{owner}/{repo}/actions/jobs/{job_id}/logs{?lines}' },
  match: (uri) => matchUri(uri, LOG),
  complete: { owner: owners, repo: repos },
  async read(uri, found, { github, publicOnly }) {
    const { job_id, lines, ...place } = parseOrThrow(variables, found);
    if (publicOnly) await requirePublic(github, place.owner, place.repo);
    const route = 'GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs';
    const log = linesOf(github.download(route, { ...place, job_id }, MAX_LOG_BYTES));
    return [await readLines(uri, log, lines, 'text/plain', cleanerOf(false))];
  },
};
