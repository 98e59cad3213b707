/** What the account pages show. `auth` fills these in, `pages` draws them, `app` joins the two. */
import type { Limit } from '../../config.ts';
import type { PendingConfirmation } from '../../gate/confirmations.ts';
import type { ScopeInfo } from '../../policy/scopes.ts';
import type { Connection } from './connections.ts';

/** What the page says first, after something was done. */
export type AccountNotice = 'revoked' | 'revoked_all' | 'signed_out' | 'nothing';

/** One connection. Every string may come from the client or an attacker: draw it escaped. */
export interface ConnectionView extends Omit<Connection, 'scopes'> {
  /** The known scopes, without those that a broader one of them contains. */
  readonly scopes: readonly ScopeInfo[];
}

export interface AccountView {
  /** Path under which the tenant's part of the gate is; empty for `default`. */
  readonly base: string;
  readonly login: string;
  /** Sent with every form of the page as `form_token`. */
  readonly formToken: string;
  readonly connections: readonly ConnectionView[];
  /** How often each application, and all of them together, may call. */
  readonly limits: { readonly client: Limit; readonly user: Limit };
  readonly notice: AccountNotice | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface SignedOutView {
  readonly base: string;
  /** Where the person signs in. */
  readonly githubHost: string;
  readonly notice: AccountNotice | undefined;
}

/** A call that waits for the person. Every string may come from the client or an attacker: draw it escaped. */
export interface ConfirmView extends PendingConfirmation {
  readonly base: string;
  readonly login: string;
  /** Sent with the form as `form_token`. */
  readonly formToken: string;
}

/** How `auth` gets the account pages drawn. */
export interface AccountPages {
  account(view: AccountView): Response;
  signedOut(view: SignedOutView): Response;
  confirm(view: ConfirmView): Response;
  signInToConfirm(view: Pick<SignedOutView, 'base' | 'githubHost'>): Response;
}
