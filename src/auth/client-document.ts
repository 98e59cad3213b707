/**
 * Which Client ID Metadata Documents this gate is willing to fetch
 * (draft-ietf-oauth-client-id-metadata-document-00, section 6; MCP 2026-07-28 client registration). Pure.
 *
 * The provider fetches the document itself: at most 5 KB, at most 10 s, no private scheme. The platform keeps the fetch
 * on the public internet (compatibility flag `global_fetch_strictly_public`). Redirects it follows cannot be looked at.
 */
import { redactText } from '../core/redaction.ts';

const MAX_LENGTH = 1024;
/** Names that never belong to a client on the public internet (RFC 2606, RFC 6761, RFC 6762, RFC 8375). */
const PRIVATE_SUFFIX = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|test|example|invalid|onion|arpa)$/;

/** Whether a client id is the URL of a document, and not the name of a registered client. */
export function isDocumentUrl(clientId: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(clientId);
}

/** In: a client id that is a URL. Out: the rule it breaks, or undefined where its document may be fetched. */
export function documentUrlProblem(clientId: string): string | undefined {
  if (clientId.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`;
  if (!URL.canParse(clientId)) return 'is not a URL';
  const url = new URL(clientId);
  if (url.protocol !== 'https:') return 'must use https';
  if (url.username !== '' || url.password !== '') return 'must not carry a user name or password';
  if (url.port !== '') return 'must not name a port';
  if (url.hash !== '') return 'must not have a fragment';
  if (/^\[|^[\d.]+$/.test(url.hostname)) return 'must name a host, not an address';
  // A number in any other notation was made an address by the URL parser; a name has letters and a dot.
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(url.hostname)) return 'must name a public host';
  if (PRIVATE_SUFFIX.test(url.hostname)) return 'must name a public host';
  if (url.pathname === '/') return 'must have a path';
  if (url.href !== clientId) return 'must be written in its normal form';
  // The provider writes the address of what it could not fetch into the log.
  if (redactText(clientId) !== clientId) return 'must not hold what looks like a secret';
  return undefined;
}
