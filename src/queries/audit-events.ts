import { sql, statement } from '../database/sql';

export const insertAuditEvent = statement<{
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
}>(
  'insert-audit-event',
  ({ now, action, actorId, actorName, targetType, targetId, address, userAgent, detail }) => sql`
    insert into audit_events (at, action, actor_id, actor_name, target_type, target_id, address, user_agent, detail)
    values (${now}, ${action}, ${actorId}, ${actorName}, ${targetType}, ${targetId}, ${address}, ${userAgent}, ${detail}::jsonb)`,
);
