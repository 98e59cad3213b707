import * as z from 'zod';
import { utf8Bytes } from '../../output/budget.ts';
import { numberText, owner, repo } from '../arguments.ts';
import { issueNumbers, owners, repos } from '../completers.ts';
import { definePrompt } from '../define.ts';
import { upstreamLabels } from '../upstream.ts';
import { embedded, plainText, text, untrusted } from './embedding.ts';
import { readThread } from './thread.ts';

/** Bytes of the repository's labels. */
const LABELS_BUDGET = 8 * 1024;

export const triageIssue = definePrompt({
  name: 'triage_issue',
  title: 'Triage an issue',
  toolset: 'issues',
  description: 'Sorts an issue in: it, its comments and the labels of the repository are embedded.',
  input: z.strictObject({
    owner: owner.describe('User or organization that owns the repository'),
    repo: repo.describe('Name of the repository, without its owner'),
    issue_number: numberText.describe('Number of the issue'),
  }),
  complete: { owner: owners, repo: repos, issue_number: issueNumbers },
  async get(place, context) {
    const { thread } = await readThread(context, place);
    const at = { owner: place.owner, repo: place.repo, per_page: 100 };
    const { data: labels } = await context.github.request('GET /repos/{owner}/{repo}/labels', at, upstreamLabels);
    const name = `${place.owner}/${place.repo}#${place.issue_number}`;
    const web = `${context.github.webUrl}/${place.owner}/${place.repo}`;
    // Unguessable, so that nothing inside the issue can end it.
    const fence = crypto.randomUUID();
    return {
      description: `Triage of ${name}`,
      messages: [
        text(instructions(name, fence)),
        embedded(`${web}/issues/${place.issue_number}`, 'text/markdown', fence, thread),
        embedded(`${web}/labels`, 'text/markdown', fence, labelList(labels)),
      ],
    };
  },
});

function labelList(labels: z.output<typeof upstreamLabels>): string {
  let room = LABELS_BUDGET;
  const lines = labels.map(({ name, description }) =>
    plainText(description ? `${name}: ${description}` : (name ?? '')),
  );
  const kept = lines.filter((line) => {
    room -= utf8Bytes(line) + 1;
    return room >= 0;
  });
  return kept.join('\n') || '(the repository has no labels)';
}

function instructions(name: string, fence: string): string {
  return [
    `Triage the issue ${name}. The issue with its comments, and the labels of the repository, follow as two resources.`,
    '',
    'Say what kind it is (bug, request, question, duplicate, not actionable), how bad it is for whom, which part of the ' +
      'code it concerns, and what is missing to act on it. Look for duplicates with search_issues. Choose labels only ' +
      'among those embedded. Finish with the labels you propose, the next step, and, where something is missing, a ' +
      'short reply to the author. Propose; change nothing until the person agrees.',
    '',
    untrusted(fence),
  ].join('\n');
}
