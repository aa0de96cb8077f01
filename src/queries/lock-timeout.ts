import { sql, statement } from '../database/sql';

/** How long statements of this transaction wait for a lock; as PostgreSQL writes durations: `500ms`. */
export const setLockTimeout = statement<{ timeout: string }, { set_config: string }>(
  'set-lock-timeout',
  ({ timeout }) => sql`select set_config('lock_timeout', ${timeout}, true)`,
);
