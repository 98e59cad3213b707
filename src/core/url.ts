/** What of a request's URL is asked for on its way. */
export interface UrlParts {
  /** With the port, unless it is the scheme's own. */
  readonly host: string;
  readonly pathname: string;
  /** With its question mark, or empty. */
  readonly search: string;
}

/** Of a URL that its `Host` header made one that cannot be read, which is nobody's. */
const UNREADABLE: UrlParts = { host: '', pathname: '/', search: '' };

/** Several ask for each request, and of nearly all requests the URL is that of the one before. */
let last = { url: '', parts: UNREADABLE };

/** In: the URL of a request. Out: its parts; of one that cannot be read, an empty host and the path `/`. */
export function partsOf(url: string): UrlParts {
  if (last.url !== url) last = { url, parts: URL.canParse(url) ? read(new URL(url)) : UNREADABLE };
  return last.parts;
}

function read({ host, pathname, search }: URL): UrlParts {
  return { host, pathname, search };
}

/** The path alone. */
export function pathOf(url: string): string {
  return partsOf(url).pathname;
}
