/** What the pages of a sign-in show. `auth` fills these in, `pages` draws them, `app` joins the two. */
import type { ScopeInfo } from '../policy/scopes.ts';

/** The consent page. Every string may come from the client or an attacker: draw it escaped. */
export interface ConsentView {
  /** Path under which the tenant's part of the gate is; empty for `default`. */
  readonly base: string;
  /** Posted back as `handle`; ties the form to this browser. */
  readonly handle: string;
  readonly clientName: string;
  /** The domain a Client ID Metadata Document was fetched from; absent for clients that registered themselves. */
  readonly clientDomain: string | undefined;
  readonly redirectHost: string;
  readonly redirectIsLoopback: boolean;
  /** All that can be granted; `requested` are ticked, the others are not. */
  readonly scopes: readonly (ScopeInfo & { readonly requested: boolean })[];
  /** What the person entered as a limit, to be mended; empty at first. */
  readonly repositories: string;
  /** Why the page comes again. */
  readonly problem?: string | undefined;
  /** Where the person signs in next. */
  readonly githubHost: string;
  /** Origins the form's answer may redirect to, for the page's Content-Security-Policy. */
  readonly formTargets: readonly string[];
}

/** A page that says one thing: what went wrong, or what to do. */
export interface MessageView {
  /** HTTP status. */
  readonly status: number;
  readonly title: string;
  /** Sentences for the person. */
  readonly lines: readonly string[];
  /** Where to go on from here. */
  readonly link?: { readonly href: string; readonly text: string };
  readonly requestId: string;
}

/** How `auth` gets its pages drawn. Each returns a whole answer, to which `auth` may add headers. */
export interface AuthPages {
  consent(view: ConsentView): Response;
  message(view: MessageView): Response;
}
