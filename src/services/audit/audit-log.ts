import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { sqlRows } from '../../database/positional-sql';
import type { Caller } from '../caller';

export interface AuditEntry {
  /** Dotted, subject first: `user.created`, `session.reuse-detected`. */
  action: string;
  targetType?: 'user' | 'role' | 'permission' | 'session' | 'token';
  targetId?: string;
  /** Names and counts; never a credential. */
  detail?: Record<string, string | number | boolean | readonly string[] | null>;
  /** Where the actor is known although he has no token: at login and recovery. */
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
    await sqlRows(
      em,
      `insert into audit_events (at, action, actor_id, actor_name, target_type, target_id, address, user_agent, detail)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb)`,
      [
        this.clock.now(),
        entry.action,
        actor?.id ?? null,
        actor?.name ?? null,
        entry.targetType ?? null,
        entry.targetId ?? null,
        caller?.address ?? null,
        caller?.userAgent ?? null,
        JSON.stringify(entry.detail ?? {}),
      ],
    );
  }
}
