/** Who owns a part of the gate, who acts, and what this request's token allows. */

/** A GitHub user as this gate knows them. `id` is stable across renames of the login. */
export interface User {
  /** `gh_` and the decimal GitHub user id. */
  readonly id: string;
  readonly login: string;
}

export interface OAuthClient {
  /** RFC 6749 client_id. */
  readonly id: string;
  /** What the client calls itself. Unverified, sanitised, at most 100 characters. */
  readonly name: string;
}

/** Tenant, user and client: what a session belongs to. */
export interface Identity {
  readonly tenant: string;
  readonly user: User;
  readonly client: OAuthClient;
  /** RFC 7638 thumbprint of the key that the token is bound to, if it is. */
  readonly jkt?: string | undefined;
}

/** An identity with what this request's token allows. */
export interface Principal extends Identity {
  /** Granted scopes as issued, not expanded. */
  readonly scopes: readonly string[];
  /** What the person limited the grant to: `owner/repo` and `owner/*` in lower case. Null where they did not. */
  readonly repositories: readonly string[] | null;
  readonly grantId: string;
  /** SHA-256 of the access token, hex: names the token in rows and revocations without being it. */
  readonly tokenId: string;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

/** Whether two identities are the same owner of a session. The login is display only and does not count. */
export function sameIdentity(a: Identity, b: Identity): boolean {
  return a.tenant === b.tenant && a.user.id === b.user.id && a.client.id === b.client.id && a.jkt === b.jkt;
}

/** Names a session, together with whose it is, among all of one user: of what `sameIdentity` compares, the rest. */
export function sessionName(id: string, { client, jkt }: Identity): string {
  return JSON.stringify([id, client.id, jkt ?? null]);
}
