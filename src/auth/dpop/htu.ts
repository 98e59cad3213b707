/**
 * The `htu` claim (RFC 9449 section 4.2): which URI a proof is for, compared after the normalisation that section 4.3
 * asks for. Pure. Not the URL class: it repairs what is no URI (backslashes, tabs, blanks), which RFC 3986 does not.
 */

/** RFC 3986 appendix B, for http and https with an authority. */
const PARTS = /^(https?):\/\/([^/?#]*)([^?#]*)(?:\?[^#]*)?(?:#.*)?$/i;
/** RFC 3986 section 2: the characters of a URI, each per cent sign with its two digits. */
const CHARACTERS = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/;
/** Host and port, without user information: no request has any (RFC 9110 section 4.2.4). */
const AUTHORITY = /^(\[[0-9A-Fa-f:.]+\]|[^:@[\]]+)(?::(\d*))?$/;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' };
const UNRESERVED = /[A-Za-z0-9\-._~]/;

/**
 * In: a URI. Out: it without query and fragment, with case, per cent encoding and dot segments (RFC 3986 section 6.2.2),
 * default port and empty path (section 6.2.3) made uniform; undefined for what is not an http or https URI.
 */
export function normaliseHtu(uri: string): string | undefined {
  const parts = PARTS.exec(uri);
  if (parts === null || !CHARACTERS.test(uri)) return undefined;
  const [, scheme = '', authority = '', path = ''] = parts;
  const address = AUTHORITY.exec(authority);
  if (address === null) return undefined;
  const [, host = '', port = ''] = address;
  const lower = scheme.toLowerCase();
  const portPart = port === '' || port === DEFAULT_PORTS[lower] ? '' : `:${port}`;
  return `${lower}://${normaliseHost(host)}${portPart}${removeDotSegments(normaliseEscapes(path)) || '/'}`;
}

/**
 * In: the URL a request arrived at, its host already checked, and the canonical origin. Out: the URIs its sender may
 * have meant: behind a tunnel, host and scheme on arrival are not those of the client.
 */
export function urisOf(url: string, publicUrl: string): string[] {
  const { host, pathname } = new URL(url);
  return [`${publicUrl}${pathname}`, url, `https://${host}${pathname}`];
}

/** Lower case, but for the digits of escapes; escapes first, because one may hide a letter. */
function normaliseHost(host: string): string {
  return normaliseEscapes(normaliseEscapes(host).toLowerCase());
}

/** Section 6.2.2.1 and 6.2.2.2: digits of an escape in upper case, and none for what needs none. */
function normaliseEscapes(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (given, digits: string) => {
    const character = String.fromCharCode(Number.parseInt(digits, 16));
    return UNRESERVED.test(character) ? character : given.toUpperCase();
  });
}

/** Section 5.2.4, for a path that is empty or begins with a slash. */
function removeDotSegments(path: string): string {
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  for (const [i, segment] of segments.entries()) {
    const last = i === segments.length - 1;
    if (segment === '..') kept.pop();
    if (segment !== '.' && segment !== '..') kept.push(segment);
    else if (last) kept.push('');
  }
  return kept.map((segment) => `/${segment}`).join('');
}
