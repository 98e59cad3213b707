/** Tools of what people say and decide: issues, labels, pull requests and their reviews. */

import type { ToolDefinition } from '../define.ts';
import { addCommentToPendingReview } from './add-comment-to-pending-review.ts';
import { addIssueComment } from './add-issue-comment.ts';
import { addReplyToPullRequestComment } from './add-reply-to-pull-request-comment.ts';
import { createPullRequest } from './create-pull-request.ts';
import { getLabel } from './get-label.ts';
import { labelWrite } from './label-write.ts';
import { listIssueTypes } from './list-issue-types.ts';
import { listIssues } from './list-issues.ts';
import { listLabel } from './list-label.ts';
import { listPullRequests } from './list-pull-requests.ts';
import { mergePullRequest } from './merge-pull-request.ts';
import { pullRequestRead } from './pull-request-read.ts';
import { pullRequestReviewWrite } from './pull-request-review-write.ts';
import { searchPullRequests } from './search-pull-requests.ts';
import { subIssueWrite } from './sub-issue-write.ts';
import { updatePullRequest } from './update-pull-request.ts';
import { updatePullRequestBranch } from './update-pull-request-branch.ts';

export const conversationTools = [
  listIssues,
  listIssueTypes,
  addIssueComment,
  subIssueWrite,
  getLabel,
  listLabel,
  labelWrite,
  pullRequestRead,
  listPullRequests,
  searchPullRequests,
  createPullRequest,
  updatePullRequest,
  updatePullRequestBranch,
  mergePullRequest,
  pullRequestReviewWrite,
  addCommentToPendingReview,
  addReplyToPullRequestComment,
] as unknown as readonly ToolDefinition[];
