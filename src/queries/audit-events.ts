import { sql, statement } from '../database/sql';

export const insertAuditEvent = statement<
  {
    now: Date;
    action: string;
    actorId: string | null;
    actorName: string | null;
    targetType: string | null;
    targetId: string | null;
    address: string | null;
    userAgent: string | null;
    /** JSON */
    detail: string;
    /** How often it happened. */
    count: number;
  },
  { id: string }
>(
  'insert-audit-event',
  ({ now, action, actorId, actorName, targetType, targetId, address, userAgent, detail, count }) => sql`
    insert into audit_events (at, action, actor_id, actor_name, target_type, target_id, address, user_agent, detail,
      count)
    values (${now}, ${action}, ${actorId}, ${actorName}, ${targetType}, ${targetId}, ${address}, ${userAgent},
      ${detail}::jsonb, ${count})
    returning id::text`,
);

/** Counts further events of the same kind in one row. */
export const addToAuditEvent = statement<{ id: string; count: number }>(
  'add-to-audit-event',
  ({ id, count }) => sql`update audit_events set count = count + ${count}::int where id = ${id}::bigint`,
);
