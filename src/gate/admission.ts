/** What is asked of a Gate and what it answers. Plain data: it crosses from the Worker to the object. */
import type { User } from '../core/principal.ts';
import type { ClosedRecord, OpenRecord, Outcome } from '../core/record.ts';
import type { PageAnswer, PageQuestion } from './confirmations.ts';
import type { Quota, WindowRule } from './windows.ts';

/** Names a token without being it. */
export interface TokenName {
  readonly grantId: string;
  /** SHA-256 of the access token, hex. */
  readonly tokenId: string;
}

/** A proof of possession that was accepted (RFC 9449), to be remembered as used. */
export interface ProofUse {
  readonly key: string;
  /** The request that brought it, by an id of this server: asking twice for one request is one use. */
  readonly attempt: string;
}

/** How a call ended. */
export interface Settlement {
  readonly id: string;
  readonly outcome: Outcome;
  /** Whether it was sent before, and may have arrived. */
  readonly again?: boolean;
}

/** One request that wants to pass. */
export interface AdmitRequest {
  /** The token it came with: a revoked one passes nowhere. */
  readonly token: TokenName;
  /** The proof it came with, where its token is bound to a key: good once. */
  readonly proof?: ProofUse | undefined;
  /** ULID of the call; the same id asks for the same answer again. */
  readonly id: string;
  readonly windows: readonly WindowRule[];
  /** Records of the person that may be open at once, this one included; without it any number. */
  readonly concurrent?: number;
  /** Most calls of its whole tenant; without it any number. Only with a record. */
  readonly tenant?: { readonly count: number; readonly seconds: number };
  /** Opened if the request passes, closed as denied if not. Absent for what is only counted: lists, pings, discovery. */
  readonly record?: OpenRecord;
  /** What is counted of a request without a record, once: its method from a short list, and that it is refused all the same. */
  readonly counted?: { readonly method: string; readonly denied?: true } | undefined;
  /** Milliseconds from admission after which an open record is closed as `unknown`. */
  readonly deadlineMs: number;
  /** How earlier calls of the person ended: taken before anything is decided, whatever is decided. */
  readonly settled?: readonly Settlement[];
  /** Names the session it belongs to, if it says so (`sessionName`). */
  readonly session?: string | undefined;
}

/** What an answer says besides. */
interface Aside {
  /** What is left of the limits that apply. */
  readonly quotas?: readonly Quota[];
  /** Whether the session is certainly open, and its owner's; where it is not said, its object has to be asked. */
  readonly inSession?: boolean;
}

export type Admission =
  | ({ readonly ok: true } & Aside)
  /** The token or its grant was revoked, or its proof was used before; there is no record of the request. */
  | { readonly ok: false; readonly code: 'revoked' | 'replayed' }
  | Refusal;

/** A request that may not pass now. */
export interface Refusal extends Aside {
  readonly ok: false;
  readonly code: 'rate_limited' | 'too_many_concurrent_calls' | 'audit_unavailable';
  /** Which limit: the name of its window rule, `tenant`, `concurrent` or `audit`. */
  readonly limit: string;
  /** Sentence for the caller. */
  readonly message: string;
  readonly retryAfterSeconds: number;
}

/** The face of a Gate, as seen through its stub. */
export interface GateRpc {
  admit(request: AdmitRequest): Promise<Admission>;
  /** Closes open records. A second outcome, or one for an unknown call, is counted and dropped. */
  settle(settlements: readonly Settlement[]): Promise<void>;
  /** Whether neither the token nor its grant was revoked. */
  isAlive(token: TokenName): Promise<boolean> | boolean;
  /** Ends the grant of a token whose upstream token GitHub has ended. A token that is dead already ends nothing. */
  endRevokedUpstream(tenant: string, user: User, token: TokenName, requestId: string): Promise<void>;
  /** Whether this is the first use of a sealed answer; the same attempt again is still the first. */
  claimConfirmation(id: string, attempt: string): Promise<boolean>;
  /** What the person answered on the page, used up by this; or the question, open from now. */
  askOnPage(question: PageQuestion): Promise<PageAnswer>;
  /** The object of a session says that it is open, and stands by that for so many milliseconds. */
  sessionOpened(name: string, forMs: number): Promise<void> | void;
  /** It is open no more: from the next admission on nobody is told that it is. */
  sessionEnded(name: string): Promise<void> | void;
  /** Takes records that are closed from the start: refusals, sign-ins, tokens. Known ids are ignored. */
  record(records: readonly ClosedRecord[]): Promise<void>;
}

/** A closed record on its way to a Writer, numbered by its gate. */
export interface Shipment {
  /** Grows by at least 1 with each record of a gate. */
  readonly n: number;
  readonly record: ClosedRecord;
}
