/** Documents as answers, each with the policy it needs. */
import type { AccountPages } from '../auth/account/views.ts';
import type { AuthPages } from '../auth/views.ts';
import { accountPage, signedOutPage } from './account.tsx';
import { confirmPage, signInToConfirmPage } from './confirm.tsx';
import { consentPage } from './consent.tsx';
import { messagePage } from './message.tsx';
import { STYLE_HASH } from './style.ts';

export interface HtmlOptions {
  /** HTTP status, 200 unless said. */
  readonly status?: number;
  /**
   * Origins or `scheme:` to which a form's answer may lead, besides the own and https ones; `self` for nowhere else.
   * None: the page has no form.
   */
  readonly formTargets?: readonly string[] | 'self';
  /** Source expression of a stylesheet besides that of every page. */
  readonly styleHash?: string;
}

/** In: a document. Out: an answer that nobody stores and nobody frames. */
export function htmlResponse(html: string, { status = 200, formTargets, styleHash }: HtmlOptions = {}): Response {
  return new Response(html, {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': pageCsp(formTargets, styleHash),
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
    },
  });
}

/**
 * The Content-Security-Policy of a page: our stylesheet by its hash, no script, no frame, nothing from elsewhere.
 * In: where its form's answer may lead; undefined for a page without a form.
 *
 * Chromium holds `form-action` against every redirect that follows a form post, up to the page where it ends. On the way
 * from consent lie GitHub, a company's sign-in that GitHub hands over to, and wherever the client's redirect URI leads
 * on to, none of which the gate can know: any https origin may follow, and of the others only those named.
 */
export function pageCsp(formTargets: HtmlOptions['formTargets'], styleHash?: string): string {
  const elsewhere = formTargets === 'self' ? [] : ['https:', ...(formTargets ?? []).flatMap(formSource)];
  const sources = ["'self'", ...elsewhere];
  return [
    "default-src 'none'",
    `style-src ${STYLE_HASH}${styleHash === undefined ? '' : ` ${styleHash}`}`,
    "base-uri 'none'",
    `form-action ${formTargets === undefined ? "'none'" : [...new Set(sources)].join(' ')}`,
    "frame-ancestors 'none'",
  ].join('; ');
}

/** An http origin or a scheme as a source expression; what is neither is left out, because it could end the directive. */
function formSource(target: string): string[] {
  if (/^[a-z][a-z0-9+.-]*:$/.test(target)) return [target];
  if (/^http:\/\/[a-z0-9.-]+(:\d{1,5})?$/.test(target)) return [target];
  // CSP Level 3 section 2.3.1 has no IPv6 addresses: only the scheme lets `http://[::1]:PORT` through.
  return /^http:\/\/\[[0-9a-f:.]+\](:\d{1,5})?$/.test(target) ? ['http:'] : [];
}

/** How `auth` gets its pages drawn. */
export const authPages: AuthPages = {
  consent: (view) =>
    htmlResponse(consentPage(view), { status: view.problem === undefined ? 200 : 400, formTargets: view.formTargets }),
  message: (view) => htmlResponse(messagePage(view), { status: view.status }),
};

/** How `auth` gets the account pages drawn. */
export const accountPages: AccountPages = {
  account: (view) => htmlResponse(accountPage(view), { formTargets: 'self' }),
  signedOut: (view) => htmlResponse(signedOutPage(view)),
  confirm: (view) => htmlResponse(confirmPage(view), { formTargets: 'self' }),
  signInToConfirm: (view) => htmlResponse(signInToConfirmPage(view)),
};
