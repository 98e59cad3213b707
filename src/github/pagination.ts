/** Where the next page is. */
import { AppError } from '../core/errors.ts';
import { isInside } from './guard.ts';

export interface Links {
  readonly next?: URL;
  /** Number of the last page, where GitHub says it. */
  readonly last?: number;
}

/** Longest Link header read. GitHub's have under 1,000 characters. */
const MAX_HEADER = 8192;

/**
 * In: a `Link` header (RFC 8288 section 3) and the API it came from. Out: the next page, where there is one, and the
 * number of the last. Throws `upstream_malformed` where the next page lies outside the API.
 */
export function parseLinks(header: string | null, api: URL): Links {
  if (header === null || header.length > MAX_HEADER) return {};
  const targets = new Map<string, URL>();
  for (const [, target = '', parameters = ''] of header.matchAll(/<([^<>]*)>([^<]*)/g)) {
    const relation = /;\s*rel="?([a-z]+)"?/i.exec(parameters)?.[1]?.toLowerCase();
    if (relation !== undefined && URL.canParse(target)) targets.set(relation, new URL(target));
  }
  const next = targets.get('next');
  const last = Number(targets.get('last')?.searchParams.get('page') ?? Number.NaN);
  if (next !== undefined && !isInside(api, next)) {
    throw new AppError('upstream_malformed', 'GitHub named a next page outside its API.');
  }
  return { ...(next !== undefined && { next }), ...(Number.isSafeInteger(last) && last > 0 && { last }) };
}
