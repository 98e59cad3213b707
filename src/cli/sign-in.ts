/**
 * A person who signs in, without a screen: opens the authorization URL, decides on the gate's own consent page, picks an
 * account on the embedded GitHub's page, and ends at the client's redirect URI, which is returned and not fetched.
 */

import { submission, textOf } from './browser/forms.ts';
import type { Page } from './browser/index.ts';
import { Browser } from './browser/index.ts';

export interface ScopeBox {
  readonly scope: string;
  readonly ticked: boolean;
}

export interface SignInOptions {
  /** Account to pick at GitHub. `octocat` if left out. */
  readonly login?: string;
  /** Scopes to tick, out of all boxes on the page. What the page ticked if left out. */
  readonly choose?: (boxes: readonly ScopeBox[]) => readonly string[];
  readonly decision?: 'approve' | 'deny';
  /** What to limit the grant to, such as `acme/web, acme/*`. Nothing if left out. */
  readonly repositories?: string;
}

export interface SignedIn {
  /** The client's redirect URI with `code` and `state`, or with `error`. */
  readonly redirect: URL;
  /** The consent page's boxes as they were first shown; empty when none came up. */
  readonly boxes: readonly ScopeBox[];
  /** The consent page itself, if one came up. */
  readonly consent: Page | undefined;
}

/** A page that ends the way: refused, failed, or not understood. */
export class SignInError extends Error {
  override readonly name = 'SignInError';
  readonly status: number;
  readonly page: Page;

  constructor(page: Page) {
    super(`Sign-in ended at ${page.url.origin}${page.url.pathname} with ${page.status}: ${textOf(page.html)}`);
    this.status = page.status;
    this.page = page;
  }
}

const MOST_PAGES = 6;

/**
 * In: an authorization URL with a `redirect_uri`.
 * Rejects with a SignInError when a page comes up that is an error or asks for nothing that is known here.
 */
export async function signIn(authorizationUrl: URL, options: SignInOptions = {}): Promise<SignedIn> {
  const target = new URL(authorizationUrl.searchParams.get('redirect_uri') ?? 'about:blank');
  const browser = new Browser((url) => url.origin === target.origin && url.pathname === target.pathname);
  let consent: Page | undefined;
  let boxes: readonly ScopeBox[] = [];
  let arrival = await browser.open(authorizationUrl);
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    if ('stopped' in arrival) return { redirect: arrival.stopped, boxes, consent };
    const { page } = arrival;
    if (page.status >= 400) throw new SignInError(page);
    const asked = consentForm(page);
    if (asked !== undefined) {
      consent ??= page;
      const shown = scopeBoxes(asked);
      if (boxes.length === 0) boxes = shown;
      const ticked = options.choose?.(shown) ?? shown.filter((box) => box.ticked).map((box) => box.scope);
      const decision = options.decision ?? 'approve';
      const sent = submission(
        filled(asked, options.repositories),
        (field) => (field.name === 'scope' && field.type === 'checkbox' ? ticked.includes(field.value) : field.on),
        { name: 'decision', value: decision },
      );
      arrival = await browser.submit(page, asked, sent);
      continue;
    }
    const picker = accountForm(page, options.login ?? 'octocat');
    if (picker === undefined) throw new SignInError(page);
    arrival = await browser.submit(
      page,
      picker,
      submission(picker, (field) => field.on),
    );
  }
  throw new Error(`Sign-in did not end after ${MOST_PAGES} pages`);
}

function consentForm(page: Page) {
  return page.forms.find((form) => form.buttons.some(({ name, value }) => name === 'decision' && value === 'approve'));
}

/** The form with the limit entered, as if somebody had typed it. */
function filled(form: Page['forms'][number], repositories: string | undefined): Page['forms'][number] {
  const fields = form.fields.map((field) =>
    field.name === 'repositories' ? { ...field, value: repositories ?? field.value } : field,
  );
  return { ...form, fields };
}

function scopeBoxes(form: Page['forms'][number]): ScopeBox[] {
  return form.fields
    .filter((field) => field.name === 'scope' && field.type === 'checkbox')
    .map((field) => ({ scope: field.value, ticked: field.on }));
}

/** The embedded GitHub shows one form for each account. */
function accountForm(page: Page, login: string) {
  return page.forms.find((form) => form.fields.some((field) => field.name === 'login' && field.value === login));
}
