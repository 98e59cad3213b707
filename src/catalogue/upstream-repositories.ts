/** What the tools of repositories, people and gists need of GitHub's answers; see upstream.ts for the rules. */
import * as z from 'zod';
import { literal, maybeLiteral, maybeMarkdown, maybeText, text, upstreamFiles, upstreamUser } from './upstream.ts';

const person = z.object({ name: maybeText, date: maybeText }).nullish();

/** A commit of the lists, of a search, and alone; `files` only in the last. */
export const upstreamCommit = z.object({
  sha: text,
  html_url: maybeText,
  commit: z.object({
    message: text,
    author: person,
    committer: person,
    verification: z.object({ verified: z.boolean() }).nullish(),
  }),
  // GitHub says `{}` where the address of a commit belongs to no account.
  author: z.object({ login: maybeText }).nullish(),
  committer: z.object({ login: maybeText }).nullish(),
  parents: z.array(z.object({ sha: text })).nullish(),
  stats: z.object({ additions: z.number(), deletions: z.number() }).nullish(),
  files: upstreamFiles.nullish(),
  repository: z.object({ full_name: text }).nullish(),
});
export const upstreamCommits = z.array(upstreamCommit);
export type UpstreamCommit = z.output<typeof upstreamCommit>;

export const upstreamBranches = z.array(
  z.object({ name: text, commit: z.object({ sha: text }), protected: z.boolean().nullish() }),
);
export const upstreamTags = z.array(z.object({ name: text, commit: z.object({ sha: text }) }));

export const upstreamRef = z.object({ ref: text, object: z.object({ type: text, sha: text }) });
export const upstreamTag = z.object({
  tag: text,
  sha: text,
  message: maybeText,
  tagger: person,
  object: z.object({ type: text, sha: text }),
  verification: z.object({ verified: z.boolean() }).nullish(),
});

export const upstreamRelease = z.object({
  id: z.number(),
  tag_name: text,
  target_commitish: maybeText,
  name: maybeText,
  body: maybeMarkdown,
  html_url: maybeText,
  draft: z.boolean().nullish(),
  prerelease: z.boolean().nullish(),
  published_at: maybeText,
  author: upstreamUser,
  assets: z.array(z.object({ name: text, size: z.number(), download_count: z.number().nullish() })).nullish(),
});
export const upstreamReleases = z.array(upstreamRelease);
export type UpstreamRelease = z.output<typeof upstreamRelease>;

export const upstreamMembers = z.array(z.object({ login: text, role_name: maybeText }));

export const upstreamRepositoryDetails = z.object({
  full_name: text,
  private: z.boolean().nullish(),
  visibility: maybeText,
  description: maybeText,
  html_url: maybeText,
  homepage: maybeText,
  language: maybeText,
  default_branch: maybeText,
  fork: z.boolean().nullish(),
  archived: z.boolean().nullish(),
  stargazers_count: z.number().nullish(),
  forks_count: z.number().nullish(),
  open_issues_count: z.number().nullish(),
  license: z.object({ spdx_id: maybeText }).nullish(),
  topics: z.array(text).nullish(),
  size: z.number().nullish(),
  created_at: maybeText,
  updated_at: maybeText,
  pushed_at: maybeText,
});
export const upstreamRepositories = z.array(upstreamRepositoryDetails);
export type UpstreamRepository = z.output<typeof upstreamRepositoryDetails>;

/** What every search answers, around its own items. */
const searchOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ total_count: z.number(), incomplete_results: z.boolean().nullish(), items: z.array(item) });

export const upstreamCodeSearch = searchOf(
  z.object({
    name: literal,
    path: literal,
    sha: text,
    repository: z.object({ full_name: text }),
    text_matches: z.array(z.object({ property: maybeText, fragment: maybeLiteral })).nullish(),
  }),
);
export const upstreamCommitSearch = searchOf(upstreamCommit);
export const upstreamRepositorySearch = searchOf(upstreamRepositoryDetails);
export const upstreamUserSearch = searchOf(z.object({ login: text, id: z.number() }));

export const upstreamTree = z.object({
  sha: text,
  truncated: z.boolean().nullish(),
  tree: z.array(
    z.object({
      path: literal,
      mode: z.string().transform((mode) => mode.replace(/\D/g, '')),
      type: text,
      sha: maybeText,
      size: z.number().nullish(),
    }),
  ),
});
export type TreeEntry = z.output<typeof upstreamTree>['tree'][number];

export const upstreamSha = z.object({ sha: text });
/** A commit of the Git database, as it is made and read there. */
export const upstreamGitCommit = z.object({ sha: text, html_url: maybeText, tree: upstreamSha });
/** The answer to writing or deleting one file. */
export const upstreamFileWritten = z.object({ content: z.object({ sha: text }).nullish(), commit: upstreamSha });

const gist = z.object({
  id: text,
  html_url: maybeText,
  description: maybeText,
  public: z.boolean().nullish(),
  comments: z.number().nullish(),
  owner: upstreamUser,
  created_at: maybeText,
  updated_at: maybeText,
});
// GitHub names the files by the members of an object. Their names are repeated inside, which is all that is used.
const gistFile = z.object({ filename: maybeLiteral, language: maybeText, size: z.number().nullish() });
export const upstreamGists = z.array(gist.extend({ files: z.record(z.string(), gistFile.nullish()) }));
export const upstreamGist = gist.extend({
  // Null where the last one was deleted.
  files: z
    .record(z.string(), gistFile.extend({ content: maybeLiteral, truncated: z.boolean().nullish() }).nullish())
    .nullish()
    .transform((files) => files ?? {}),
});

const team = z.object({ name: text, slug: text, description: maybeText });
const cut = z.object({ hasNextPage: z.boolean() });
export const upstreamTeams = z.object({
  user: z
    .object({
      organizations: z.object({
        pageInfo: cut,
        nodes: z.array(
          z.object({ login: text, teams: z.object({ pageInfo: cut, nodes: z.array(team.nullish()) }) }).nullish(),
        ),
      }),
    })
    .nullish(),
});
