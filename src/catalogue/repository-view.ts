/** A repository as a model sees it: enough to choose one, and on demand all that describes it. */
import * as z from 'zod';
import { cutText } from '../output/budget.ts';
import { lean } from './lean.ts';
import type { UpstreamRepository } from './upstream-repositories.ts';

/** Bytes of a description; GitHub allows more than anybody needs to choose. */
const MAX_DESCRIPTION = 500;

export const repositoryView = z.object({
  full_name: z.string(),
  description: z.string().optional(),
  language: z.string().optional(),
  stars: z.int().optional(),
  forks: z.int().optional(),
  private: z.boolean().optional(),
  fork: z.boolean().optional(),
  archived: z.boolean().optional(),
  updated_at: z.string().optional(),
});

export const repositoryDetails = repositoryView.extend({
  html_url: z.string().optional(),
  homepage: z.string().optional(),
  visibility: z.string().optional(),
  default_branch: z.string().optional(),
  topics: z.array(z.string()).optional(),
  license: z.string().optional(),
  open_issues: z.int().optional(),
  size_kb: z.int().optional(),
  created_at: z.string().optional(),
  pushed_at: z.string().optional(),
});

/** In: a repository as GitHub gives it. Out: the same, lean; what is false is left out. */
export function viewRepository(repository: UpstreamRepository): z.input<typeof repositoryView> {
  return lean({
    full_name: repository.full_name,
    description: cutText(repository.description ?? '', MAX_DESCRIPTION).text,
    language: repository.language,
    stars: repository.stargazers_count || undefined,
    forks: repository.forks_count || undefined,
    private: repository.private || undefined,
    fork: repository.fork || undefined,
    archived: repository.archived || undefined,
    updated_at: repository.updated_at,
  });
}

/** The same with all that describes it. */
export function detailRepository(repository: UpstreamRepository): z.input<typeof repositoryDetails> {
  return lean({
    ...viewRepository(repository),
    html_url: repository.html_url,
    homepage: repository.homepage,
    visibility: repository.visibility,
    default_branch: repository.default_branch,
    topics: repository.topics,
    license: repository.license?.spdx_id,
    open_issues: repository.open_issues_count || undefined,
    size_kb: repository.size,
    created_at: repository.created_at,
    pushed_at: repository.pushed_at,
  });
}

/** What is told of a repository that was just made. */
export const madeRepository = z.object({
  repository: z.string(),
  html_url: z.string().optional(),
  private: z.boolean().optional(),
  default_branch: z.string().optional(),
});

/** In: a repository as GitHub gives it. Out: what is told where it was just made. */
export function viewMade(repository: UpstreamRepository): z.input<typeof madeRepository> {
  const { full_name, html_url, private: isPrivate, default_branch } = repository;
  return lean({ repository: full_name, html_url, private: isPrivate, default_branch });
}
