import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Clock } from '../../config/clock';
import { addToAuditEvent, insertAuditEvent } from '../../queries/audit-events';
import { addToLoginAttempt, type RefusalOutcome, recordRefusedLogin } from '../../queries/login-attempts';
import type { Caller } from '../caller';

/** What was refused: the action in the audit log, and the outcome that the account's owner sees. */
const OUTCOMES = {
  'access.denied': 'access-denied',
  'token.rejected': 'token-rejected',
  'limit.exceeded': 'rate-limited',
  'password.wrong-current': 'wrong-current-password',
  'code.rejected': 'wrong-code',
} as const satisfies Record<string, RefusalOutcome>;

export type RefusalKind = keyof typeof OUTCOMES;

export interface Refusal {
  kind: RefusalKind;
  /** The root field or the REST row. */
  operation: string;
  /** The account concerned, where it is known; the caller's own unless given. */
  account?: { id: string; name: string } | null;
  /** Names; never a credential. */
  detail?: Record<string, string>;
}

interface Pending {
  refusal: Refusal;
  caller: Caller;
  account: { id: string; name: string } | null;
  /** Null for refusals of many clients that are counted together. */
  address: string | null;
  count: number;
}

/** Ids of the rows that further refusals of the same kind are added to. */
interface Written {
  auditEventId: string;
  loginAttemptId: string | null;
}

const FLUSH_MS = 1000;
/** A flood is one row for each client and kind in this time. */
const WINDOW_MS = 300_000;
/** What a flood from many addresses may hold in memory; beyond it refusals are counted together. */
const MAX_KEYS = 1000;

/**
 * Writes refused requests into the security history, within a second and off the request's path.
 * Refusals of one kind, client and account are counted in one row.
 */
export class RefusalLog {
  private pending = new Map<string, Pending>();
  private written = new Map<string, Written>();
  private windowEnds = 0;
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> = Promise.resolve();

  constructor(private readonly needs: { em: SqlEntityManager; clock: Clock; logger: Logger }) {}

  record(caller: Caller, refusal: Refusal): void {
    const { principal, channel, address } = caller;
    const account = refusal.account ?? (principal ? { id: principal.userId, name: principal.username } : null);
    const isKnown = (key: string) => this.pending.has(key) || this.written.has(key);
    const parts = [refusal.kind, channel.name, refusal.operation, account?.id ?? '', address];
    const own = JSON.stringify(parts);
    const isFull = this.pending.size + this.written.size >= MAX_KEYS && !isKnown(own);
    const key = isFull ? refusal.kind : own;
    const entry = this.pending.get(key);
    if (entry) entry.count++;
    else if (isFull) this.pending.set(key, { refusal, caller, account: null, address: null, count: 1 });
    else this.pending.set(key, { refusal, caller, account, address, count: 1 });
    this.timer ??= setTimeout(() => this.flush(), FLUSH_MS).unref();
  }

  /** Writes what is pending; resolves when it is written or given up. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.flushing = this.flushing
      .then(() => this.write())
      .catch((error: unknown) =>
        this.needs.logger.warn({ err: error }, 'refusals could not be written to the security history'),
      );
    return this.flushing;
  }

  private async write(): Promise<void> {
    const now = this.needs.clock.now();
    if (now.getTime() >= this.windowEnds) {
      this.written = new Map();
      this.windowEnds = now.getTime() + WINDOW_MS;
    }
    const batch = this.pending;
    this.pending = new Map();
    for (const [key, entry] of batch) {
      const before = this.written.get(key);
      if (before) await this.add(before, entry.count);
      else this.written.set(key, await this.insert(entry, now));
    }
  }

  private async add({ auditEventId, loginAttemptId }: Written, count: number): Promise<void> {
    await addToAuditEvent.rows(this.needs.em, { id: auditEventId, count });
    if (loginAttemptId) await addToLoginAttempt.rows(this.needs.em, { id: loginAttemptId, count });
  }

  private async insert({ refusal, caller, account, address, count }: Pending, now: Date): Promise<Written> {
    const { em } = this.needs;
    const { channel, userAgent } = caller;
    const event = await insertAuditEvent.row(em, {
      now,
      count,
      action: refusal.kind,
      actorId: account?.id ?? null,
      actorName: account?.name ?? null,
      targetType: null,
      targetId: null,
      address,
      userAgent,
      detail: JSON.stringify({ operation: refusal.operation, channel: channel.name, ...refusal.detail }),
    });
    const attempt =
      account &&
      address !== null &&
      (await recordRefusedLogin.row(em, {
        now,
        count,
        identifier: account.name,
        userId: account.id,
        channel: channel.name,
        address,
        userAgent,
        outcome: OUTCOMES[refusal.kind],
      }));
    return { auditEventId: event!.id, loginAttemptId: attempt ? attempt.id : null };
  }
}
