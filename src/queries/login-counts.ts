import { sql, statement } from '../database/sql';

export interface LoginCountRow {
  /** Steps from the beginning of the period. */
  step: number;
  succeeded: number;
  failed: number;
}

/** How many logins succeeded and failed in each step of a period that has some. */
export const countLogins = statement<{ from: Date; until: Date; seconds: number }, LoginCountRow>(
  'count-logins',
  ({ from, until, seconds }) => sql`
    select floor(extract(epoch from at - ${from}::timestamptz) / ${seconds}::int)::int as step,
      coalesce(sum(count) filter (where outcome = 'ok'), 0)::int as succeeded,
      coalesce(sum(count) filter (where outcome <> 'ok'), 0)::int as failed
    from login_attempts
    where at >= ${from}::timestamptz and at < ${until}::timestamptz
      and outcome in ('ok', 'unknown-user', 'wrong-password', 'disabled')
    group by 1`,
);
