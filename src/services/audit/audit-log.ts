import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { insertAuditEvent } from '../../queries/audit-events';
import type { Caller } from '../caller';

export interface AuditEntry {
  /** Dotted, subject first: `user.created`, `session.reuse-detected`. */
  action: string;
  targetType?: 'user' | 'role' | 'permission' | 'session' | 'token';
  targetId?: string;
  /** Names and counts; never a credential. */
  detail?: Record<string, string | number | boolean | readonly string[] | null>;
  /** The actor, where it is known without a token: at login and recovery. */
  actor?: { id: string; name: string };
}

/** Writes down who did what to whom, when and from where, in the transaction that does it. */
export class AuditLog {
  constructor(private readonly clock: Clock) {}

  async record(
    em: SqlEntityManager,
    caller: Pick<Caller, 'principal' | 'address' | 'userAgent'> | null,
    entry: AuditEntry,
  ): Promise<void> {
    const actor =
      entry.actor ?? (caller?.principal ? { id: caller.principal.userId, name: caller.principal.username } : null);
    await insertAuditEvent.rows(em, {
      now: this.clock.now(),
      count: 1,
      action: entry.action,
      actorId: actor?.id ?? null,
      actorName: actor?.name ?? null,
      targetType: entry.targetType ?? null,
      targetId: entry.targetId ?? null,
      address: caller?.address ?? null,
      userAgent: caller?.userAgent ?? null,
      detail: JSON.stringify(entry.detail ?? {}),
    });
  }
}
