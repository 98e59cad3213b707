/** A person's browser without a screen: opens pages, follows redirects by hand, submits forms. */
import { CookieJar } from './cookies.ts';
import type { Form } from './forms.ts';
import { formsOf } from './forms.ts';

export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  readonly forms: readonly Form[];
}

/** Where a navigation ended: at a page, or at a redirect that the caller asked to stop at. */
export type Arrival = { readonly page: Page } | { readonly stopped: URL };

const MOST_REDIRECTS = 10;
const TIMEOUT_MS = 15_000;

export class Browser {
  readonly #jar = new CookieJar();
  readonly #stopAt: (url: URL) => boolean;

  /** In: which redirect targets are not to be fetched, such as the client's own callback. */
  constructor(stopAt: (url: URL) => boolean) {
    this.#stopAt = stopAt;
  }

  open(url: URL): Promise<Arrival> {
    return this.#navigate(url, undefined, undefined);
  }

  submit(page: Page, form: Form, sent: URLSearchParams): Promise<Arrival> {
    if (form.method === 'POST') return this.#navigate(form.action, sent, page);
    const target = new URL(form.action);
    target.search = sent.toString();
    return this.#navigate(target, undefined, page);
  }

  async #navigate(start: URL, posted: URLSearchParams | undefined, from: Page | undefined): Promise<Arrival> {
    let url = start;
    let body = posted;
    for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
      const method = body === undefined ? 'GET' : 'POST';
      const cookie = this.#jar.header(url, method, from?.url);
      const response = await fetch(url, {
        method,
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          accept: 'text/html,application/xhtml+xml',
          'user-agent': 'gatehouse-sign-in',
          'sec-fetch-mode': 'navigate',
          'sec-fetch-dest': 'document',
          'sec-fetch-site': siteOf(from?.url, url),
          ...(cookie !== '' && { cookie }),
          ...(body !== undefined && {
            'content-type': 'application/x-www-form-urlencoded',
            origin: originOf(from, url),
          }),
        },
        ...(body !== undefined && { body: body.toString() }),
      });
      this.#jar.store(url, response.headers);
      const location = response.headers.get('location');
      if (response.status >= 300 && response.status < 400 && location !== null) {
        await response.body?.cancel();
        url = new URL(location, url);
        if (this.#stopAt(url)) return { stopped: url };
        // RFC 9110 section 15.4: 307 and 308 keep the method and the body.
        if (response.status !== 307 && response.status !== 308) body = undefined;
        continue;
      }
      const html = await response.text();
      return { page: { url, status: response.status, headers: response.headers, html, forms: formsOf(html, url) } };
    }
    throw new Error(`More than ${MOST_REDIRECTS} redirects, the last to ${url.origin}${url.pathname}`);
  }
}

/** What a browser says in `Origin` on a form post: nothing usable when the page's referrer policy is `no-referrer`. */
function originOf(from: Page | undefined, target: URL): string {
  if (from === undefined) return 'null';
  const policy = from.headers.get('referrer-policy')?.split(',').at(-1)?.trim();
  const hidden = policy === 'no-referrer' || (policy === 'same-origin' && from.url.origin !== target.origin);
  return hidden ? 'null' : from.url.origin;
}

function siteOf(from: URL | undefined, target: URL): string {
  if (from === undefined) return 'none';
  if (from.origin === target.origin) return 'same-origin';
  return from.hostname === target.hostname ? 'same-site' : 'cross-site';
}
