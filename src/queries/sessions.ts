import { sql, statement } from '../database/sql';

/** Which of these sessions are not revoked. @param ids as PostgreSQL reads an array: `{id,id}` */
export const findUnrevokedSessions = statement<{ ids: string }, { id: string }>(
  'find-unrevoked-sessions',
  ({ ids }) => sql`select id from sessions where id = any(${ids}::uuid[]) and revoked_at is null`,
);
