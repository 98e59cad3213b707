/** What every answer says of itself to browsers, unless whoever made it said something else. */

/** For answers that say nothing of their own: JSON, redirects, streams. Pages bring theirs (pages/respond.ts). */
export const BASE_CSP = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * `Referrer-Policy` is not `no-referrer`: Chromium then sends `Origin: null` with form posts, which the Origin check
 * refuses. There is no Cross-Origin-Opener-Policy: it would cut a client that opens the sign-in in a pop-up off from it.
 */
export const BASE_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  'cache-control': 'no-store',
  'content-security-policy': BASE_CSP,
};
