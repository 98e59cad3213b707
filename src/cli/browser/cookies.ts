/** A cookie jar as strict as a browser's where that catches mistakes: host, path, `SameSite`, expiry, the `__Host-` prefix. */

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly host: string;
  readonly path: string;
  readonly sameSite: 'strict' | 'lax' | 'none';
}

/** Who started a navigation: the page's URL, or nobody for an address that was typed or opened by a program. */
export type Initiator = URL | undefined;

export class CookieJar {
  #cookies: Cookie[] = [];

  /** Takes the `Set-Cookie` headers of an answer from `url`. */
  store(url: URL, headers: Headers): void {
    for (const line of headers.getSetCookie()) this.#take(url, line);
  }

  /** The `Cookie` header of a top-level navigation to `url`; empty when nothing is to be sent. */
  header(url: URL, method: 'GET' | 'POST', initiator: Initiator): string {
    // A port does not tell sites apart, and a host on loopback is its own site.
    const sameSite = initiator === undefined || initiator.hostname === url.hostname;
    return this.#cookies
      .filter((cookie) => cookie.host === url.hostname && under(url.pathname, cookie.path))
      .filter(({ sameSite: rule }) => sameSite || rule === 'none' || (rule === 'lax' && method === 'GET'))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  #take(url: URL, line: string): void {
    const [pair = '', ...rest] = line.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    const name = pair.slice(0, at);
    const attributes = new Map(
      rest.map((part) => {
        const [key = '', ...value] = part.split('=');
        return [key.toLowerCase(), value.join('=')] as const;
      }),
    );
    if (attributes.has('domain') && attributes.get('domain') !== url.hostname) return;
    // RFC 6265bis section 4.1.3.2.
    if (name.startsWith('__Host-') && (!attributes.has('secure') || attributes.get('path') !== '/')) return;
    // Browsers trust loopback with Secure cookies over plain http.
    if (attributes.has('secure') && url.protocol !== 'https:' && !isLoopback(url.hostname)) return;
    const path = attributes.get('path')?.startsWith('/') ? (attributes.get('path') ?? '/') : '/';
    const rule = attributes.get('samesite')?.toLowerCase();
    const sameSite = rule === 'strict' || rule === 'none' ? rule : 'lax';
    this.#cookies = this.#cookies.filter((it) => !(it.name === name && it.host === url.hostname && it.path === path));
    const maxAge = attributes.get('max-age');
    const expires = attributes.get('expires');
    const gone =
      maxAge !== undefined ? Number(maxAge) <= 0 : expires !== undefined && Date.parse(expires) <= Date.now();
    if (!gone) this.#cookies.push({ name, value: pair.slice(at + 1), host: url.hostname, path, sameSite });
  }
}

function under(path: string, cookiePath: string): boolean {
  return path === cookiePath || path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}
