/** What an answer tells of other repositories: forks, parents, issues that are linked from elsewhere. Pure. */
import { isObject } from '../../core/json.ts';
import type { Limit } from './limit.ts';
import { containsName, refusal } from './limit.ts';

/**
 * In: an answer's data. Out: the same without whatever says of itself that it belongs to a repository outside the limit:
 * items are left out of their lists, members become null, which is how GitHub shows a repository that is gone. The hits
 * of a search must say where they belong. Throws `forbidden_by_policy` where the answer itself is about another
 * repository, as after an issue was transferred.
 */
export function withoutOthers(limit: Limit, api: URL, data: unknown, isSearch: boolean): unknown {
  const base = `${api.origin}${api.pathname.replace(/\/$/, '')}/repos/`;
  const isOther = (value: unknown) =>
    isObject(value) && homesOf(value, base).some((home) => !containsName(limit, home));
  const clean = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.filter((item) => !isOther(item)).map(clean);
    if (!isObject(value)) return value;
    const members = Object.entries(value).map(([name, member]) => [name, isOther(member) ? null : clean(member)]);
    return Object.fromEntries(members);
  };
  if (isOther(data)) {
    throw refusal(limit, 'This belongs to another repository, which is outside.');
  }
  if (!isSearch || !isObject(data) || !Array.isArray(data.items)) return clean(data);
  const items = data.items.filter((item) => isObject(item) && homesOf(item, base).length > 0 && !isOther(item));
  const total = Number(data.total_count) - (data.items.length - items.length);
  return clean({ ...data, items, total_count: Math.max(0, total) });
}

/** The repositories, as `owner/repo`, that an object says it is or belongs to. */
function homesOf(value: Readonly<Record<string, unknown>>, base: string): string[] {
  const { full_name, nameWithOwner, repository } = value;
  const inner = isObject(repository) ? [repository.full_name, repository.nameWithOwner] : [];
  const names = [full_name, nameWithOwner, ...inner].filter(isName);
  const urls = [value.url, value.repository_url].flatMap((url) => nameIn(url, base));
  return [...names, ...urls];
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[^/\s]+\/[^/\s]+$/.test(value);
}

/** The repository in a URL of the API. */
function nameIn(url: unknown, base: string): string[] {
  if (typeof url !== 'string' || !url.startsWith(base)) return [];
  return [url.slice(base.length).split(/[/?#]/, 2).join('/')];
}
