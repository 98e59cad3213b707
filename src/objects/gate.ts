/**
 * One per tenant and user: admits calls, keeps their records and sends closed ones to a Writer; holds the user's grants
 * and tokens and answers token requests about them.
 */
import { DurableObject } from 'cloudflare:workers';
import { chainOf, WRITERS } from '../audit/chain.ts';
import type { Connection } from '../auth/account/connections.ts';
import { connectionsOf, disconnect } from '../auth/account/connections.ts';
import type { TokenContext } from '../auth/context.ts';
import { PROOF_WINDOW } from '../auth/dpop/proof.ts';
import { ReplayMemory } from '../auth/dpop/replay.ts';
import type { Change } from '../auth/store/draft.ts';
import { Draft } from '../auth/store/draft.ts';
import type { RecordKeeper } from '../auth/store/face.ts';
import { shardOf } from '../auth/store/face.ts';
import type { TokenAnswer, TokenRequest } from '../auth/store/once.ts';
import { Turnstile } from '../auth/store/once.ts';
import { providerEnv } from '../auth/store/provider-env.ts';
import type { ListPage, PutOptions, StoredRecord } from '../auth/store/table.ts';
import type { SealedAnswer } from '../auth/store/vault.ts';
import { Vault } from '../auth/store/vault.ts';
import { answerInGate, grantNamedIn } from '../auth/token.ts';
import type { Config } from '../config.ts';
import type { User } from '../core/principal.ts';
import type { ClosedRecord } from '../core/record.ts';
import type { Admission, AdmitRequest, GateRpc, Refusal, Settlement, TokenName } from '../gate/admission.ts';
import type { PageAnswer, PageQuestion, PendingConfirmation } from '../gate/confirmations.ts';
import { Confirmations } from '../gate/confirmations.ts';
import { OpenSessions } from '../gate/open-sessions.ts';
import { Shares, tenantRefusal } from '../gate/shares.ts';
import { GateStore } from '../gate/store.ts';
import { GrantUses } from '../gate/uses.ts';
import { configNamed } from '../tenants/lookup.ts';

/** Closed records wait this long for company before they are sent. */
const SHIP_DELAY_MS = 200;
const RETRY_MS = 1000;
const MAX_RETRY_MS = 30_000;
const SHIPMENT_SIZE = 500;
/** A call to another object carries 32 MiB at most. */
const SHIPMENT_BYTES = 4_000_000;
/** Refused token requests about one grant that get a row, in any window of that many seconds. */
const REFUSALS = { count: 30, seconds: 60 };
/** Milliseconds after its time from which an alarm is taken for lost: the platform tries again later and later, then never. */
const LOST_MS = 10_000;
/** A call that has ended counts as running until its outcome is here, which another isolate may hold for a moment. */
const ENDED_MS = 150;
/** What only has to be tidied up can wait. */
const TIDY_MS = 3_600_000;
/** Counts of what has no record leave with the next record, or after this. */
const COUNTS_DELAY_MS = 30_000;

export class Gate extends DurableObject<Env> implements GateRpc, RecordKeeper {
  readonly #store = new GateStore(this.ctx.storage, Date.now);
  readonly #vault = new Vault(this.ctx.storage, Date.now);
  readonly #uses = new GrantUses(this.ctx.storage, Date.now);
  readonly #replay = new ReplayMemory(this.ctx.storage, PROOF_WINDOW);
  readonly #confirmations = new Confirmations(this.ctx.storage, Date.now);
  readonly #turnstile = new Turnstile();
  readonly #sessions = new OpenSessions();
  /** What is held of the tenant's limit, where it has one. */
  #shares: Shares | undefined;
  #failures = 0;
  #alarmAt: number | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    // Known before the first request: two that read it at once could move the alarm to the later of their times.
    void ctx.blockConcurrencyWhile(async () => {
      this.#alarmAt = await ctx.storage.getAlarm();
    });
  }

  async admit(request: AdmitRequest): Promise<Admission> {
    const { tenant: limit } = request;
    const shares = this.#sharesOf(request);
    let { settled = [] } = request;
    // Outcomes are kept in the row of the admission that brought them, or before it where that is waited for.
    if (this.#store.isFull(request) || shares?.needsAnswer() === true) {
      await this.settle(settled);
      settled = [];
      if (this.#store.isFull(request)) await scheduler.wait(ENDED_MS);
    }
    let share: (() => Refusal | undefined) | undefined;
    if (shares !== undefined && limit !== undefined) {
      share = () =>
        tenantRefusal(
          limit,
          shares.take(limit, (work) => this.ctx.waitUntil(work)),
        );
      try {
        // Asked only for a call that nothing else refuses. From the last look to the admission nothing may be awaited.
        while (shares.needsAnswer() && this.#store.wouldAdmit(request)) await shares.answered(limit);
      } catch {
        share = () => tenantRefusal(undefined, 5000);
      }
    }
    const code = this.#endedBy(request);
    if (code !== undefined) {
      await this.settle(settled);
      return { ok: false, code };
    }
    const answer = this.#store.admit(request, share, settled);
    if (answer.ok) this.#uses.used(request.token.grantId);
    if (settled.length > 0) await this.#wake(shipTime());
    else if (request.record !== undefined) await this.#wake(answer.ok ? Date.now() + request.deadlineMs : shipTime());
    else await this.#wake(Date.now() + (request.counted === undefined ? TIDY_MS : COUNTS_DELAY_MS));
    const inSession = request.session !== undefined && this.#sessions.isOpen(request.session, Date.now());
    return { ...answer, quotas: this.#store.quotas(request.windows), ...(inSession && { inSession }) };
  }

  async settle(settlements: readonly Settlement[]): Promise<void> {
    if (settlements.length === 0) return;
    this.#store.settle(settlements);
    await this.#wake(shipTime());
  }

  async record(records: readonly ClosedRecord[]): Promise<void> {
    this.#store.record(records);
    await this.#wake(shipTime());
  }

  isAlive({ grantId, tokenId }: TokenName): boolean {
    return !this.#vault.isRevoked(grantId, tokenId);
  }

  sessionOpened(name: string, forMs: number): void {
    this.#sessions.opened(name, Date.now() + forMs);
  }

  sessionEnded(name: string): void {
    this.#sessions.ended(name);
  }

  async claimConfirmation(id: string, attempt: string): Promise<boolean> {
    const first = this.#confirmations.claim(id, attempt);
    await this.#wake(Date.now() + TIDY_MS);
    return first;
  }

  async askOnPage(question: PageQuestion): Promise<PageAnswer> {
    const answer = this.#confirmations.ask(question);
    await this.#wake(Date.now() + TIDY_MS);
    return answer;
  }

  /** The question behind a link of this gate's user, while it is open. */
  pendingConfirmation(id: string): PendingConfirmation | undefined {
    return this.#confirmations.pending(id);
  }

  /** Takes the person's answer together with its row, or neither. Out: whether the question was still open. */
  async decideConfirmation(id: string, yes: boolean, records: readonly ClosedRecord[]): Promise<boolean> {
    const decided = this.ctx.storage.transactionSync(() => {
      if (this.#confirmations.decide(id, yes) === undefined) return false;
      this.#store.record(records);
      return true;
    });
    if (decided) await this.#wake(shipTime());
    return decided;
  }

  getRecord(key: string): StoredRecord | undefined {
    return this.#vault.get(key);
  }

  async putRecord(key: string, value: string, options: PutOptions): Promise<void> {
    this.#vault.put(key, value, options);
    await this.#wake(Date.now() + TIDY_MS);
  }

  async deleteRecord(key: string): Promise<void> {
    this.#delete(key);
    await this.#wake(Date.now() + TIDY_MS);
  }

  listRecords(prefix: string, limit: number, cursor?: string): ListPage {
    return this.#vault.list(prefix, limit, cursor);
  }

  /** Answers a token request about a grant of this gate's user. */
  async token(request: TokenRequest): Promise<TokenAnswer> {
    const config = await configNamed(this.env, request.tenant);
    const grant = grantNamedIn(request.body, config);
    if (grant === undefined) throw new Error('a token request was sent to a gate that it does not name');
    const draft = new Draft(this);
    // Rows wait with what they tell of; those about the answer come after it.
    const rows: ClosedRecord[] = [];
    let stored = false;
    const context: TokenContext = {
      ...this.#context(config, grant.userId, request.requestId, draft),
      record: async (_, records) => {
        if (stored) await this.record(records);
        else rows.push(...records);
      },
    };
    const keeping = {
      vault: this.#vault,
      turnstile: this.#turnstile,
      replay: this.#replay,
      store: async (answer: SealedAnswer | undefined) => {
        stored = true;
        await this.#storeAll(draft.take(), answer, rows);
      },
      countRefusal: (grantId: string) => this.#countRefusal(grantId, request.requestId),
    };
    const answer = await answerInGate(request, context, keeping, this.ctx as unknown as ExecutionContext);
    const isGrant = new URLSearchParams(request.body).has('grant_type');
    if (answer.status === 200 && isGrant) this.#uses.issued(grant.grantId, request.proof !== undefined);
    return answer;
  }

  /** What is connected in the name of this gate's user. */
  async connections(tenant: string, userId: string, requestId: string): Promise<Connection[]> {
    const context = this.#context(await configNamed(this.env, tenant), userId, requestId);
    return await connectionsOf(userId, context, (grantId) => this.#uses.of(grantId));
  }

  /** Ends one grant of this gate's user, or all where none is named. Out: how many ended. */
  async disconnect(tenant: string, user: User, grantId: string | undefined, requestId: string): Promise<number> {
    return await disconnect(user, grantId, this.#context(await configNamed(this.env, tenant), user.id, requestId));
  }

  /**
   * Waits for a token request about the same grant: what that one replaced upstream is refused there from then on, and
   * its access tokens are dead here, which does not make the grant a revoked one.
   */
  async endRevokedUpstream(tenant: string, user: User, token: TokenName, requestId: string): Promise<void> {
    const config = await configNamed(this.env, tenant);
    await this.#turnstile.pass(token.grantId, async () => {
      if (!this.isAlive(token)) return;
      await disconnect(user, token.grantId, this.#context(config, user.id, requestId), 'upstream_revoked');
    });
  }

  /** Never throws: an alarm that throws is retried a few times and then lost. */
  override async alarm(): Promise<void> {
    this.#alarmAt = null;
    try {
      this.#store.expire();
      this.#vault.purge();
      this.#replay.purge(Date.now());
      this.#uses.purge();
      this.#confirmations.purge();
      await this.#ship();
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      console.error(JSON.stringify({ event: 'audit_shipment_failed', failures: this.#failures, error: String(error) }));
    }
    const tidy = Math.min(this.#vault.nextExpiry() ?? Infinity, this.#confirmations.nextPurge() ?? Infinity);
    const due = Math.min(this.#store.nextWake(), tidy + TIDY_MS);
    if (due === Infinity) return;
    const backoff = Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** Math.min(this.#failures, 5)) * (0.5 + Math.random() / 2);
    await this.#wake(this.#failures > 0 ? Date.now() + backoff : Math.max(due, Date.now() + SHIP_DELAY_MS));
  }

  async #ship(): Promise<void> {
    const source = this.ctx.id.toString();
    const writer = Number.parseInt(source.slice(-2), 16) % WRITERS;
    for (;;) {
      const items = this.#store.outbox(SHIPMENT_SIZE, SHIPMENT_BYTES);
      const parcel = this.#store.counts.parcel();
      const last = items.at(-1);
      if (last === undefined && parcel === undefined) return;
      // Counts do not say whose they are: a gate is named by its tenant and its user.
      const chain = chainOf(last?.record.tenant_id ?? (this.ctx.id.name?.split(':')[0] as string), writer);
      const taken = await this.env.WRITER.getByName(chain).append(chain, source, items, parcel);
      if (!taken) throw new Error(`too many rows of ${chain} wait for D1`);
      if (last !== undefined) this.#store.shipped(last.n);
      if (parcel !== undefined) this.#store.counts.sent(parcel);
    }
  }

  /** What the parts of `auth` need that run in here: the records are at hand, and rows are taken without a hop. */
  #context(config: Config, userId: string, requestId: string, keeper: RecordKeeper = this): TokenContext {
    return {
      config,
      provider: providerEnv(this.env, config, { userId, keeper }),
      requestId,
      now: Date.now(),
      record: (_, records) => this.record(records),
    };
  }

  /** Why nothing is decided about a request. Uses its proof up. */
  #endedBy({ token, proof }: AdmitRequest): 'revoked' | 'replayed' | undefined {
    if (!this.isAlive(token)) return 'revoked';
    const isFirst = proof === undefined || this.#replay.firstUse(proof.key, Date.now(), proof.attempt);
    return isFirst ? undefined : 'replayed';
  }

  #sharesOf({ record, tenant }: AdmitRequest): Shares | undefined {
    if (tenant === undefined || record === undefined) return undefined;
    const lessor = `${record.tenant_id}:${shardOf('limit:tenant')}`;
    this.#shares ??= new Shares((ask) => this.env.REGISTRY.getByName(lessor).lease(ask), Date.now);
    return this.#shares;
  }

  #delete(key: string): void {
    this.#vault.delete(key);
    const [kind, , grantId] = key.split(':');
    if (kind === 'grant' && grantId !== undefined) this.#uses.forget(grantId);
  }

  /** What a token request changed, its rows, and the answer it got: a client that lost the answer finds it, or nothing changed. */
  async #storeAll(
    changes: readonly Change[],
    answer: SealedAnswer | undefined,
    rows: readonly ClosedRecord[],
  ): Promise<void> {
    this.#vault.transact(() => {
      for (const [key, put] of changes) {
        if (put === null) this.#delete(key);
        else this.#vault.put(key, put.value, put.options);
      }
      if (answer !== undefined) this.#vault.keepAnswer(answer);
      // Last: what the rows are kept in remembers them outside of its table too.
      this.#store.record(rows);
    });
    await this.#wake(rows.length > 0 ? shipTime() : Date.now() + TIDY_MS);
  }

  /** Out: the seconds to wait, where it is one too many. */
  #countRefusal(grantId: string, requestId: string): number | undefined {
    const windows = [{ name: 'grant', key: `refused:${grantId}`, ...REFUSALS }];
    const answer = this.#store.admit({ id: `refused:${requestId}`, windows, deadlineMs: 0 });
    return answer.ok ? undefined : answer.retryAfterSeconds;
  }

  /** Makes sure the alarm rings at `at` or before. */
  async #wake(at: number): Promise<void> {
    // One that is long overdue was lost: the platform gives up on an alarm that failed a few times.
    const isComing = this.#alarmAt !== null && this.#alarmAt <= at && this.#alarmAt > Date.now() - LOST_MS;
    if (isComing) return;
    this.#alarmAt = at;
    await this.ctx.storage.setAlarm(at);
  }
}

function shipTime(): number {
  return Date.now() + SHIP_DELAY_MS;
}
