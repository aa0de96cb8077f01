import { sql, statement } from '../database/sql';

export interface JobRow {
  id: string;
  payload: Record<string, unknown>;
  tries: number;
  created_at: Date | string;
}

/** Of several jobs with one key the first stays; null is no key. */
export const insertJob = statement<{ kind: string; key: string | null; payload: string; now: Date; dueAt: Date }>(
  'insert-job',
  ({ kind, key, payload, now, dueAt }) => sql`
    insert into jobs (kind, key, payload, created_at, due_at) values (${kind}, ${key}, ${payload}::jsonb, ${now},
      ${dueAt})
    on conflict (key) do nothing`,
);

/**
 * Claims jobs of a kind that are due, until `leaseEnd`. The claim is a date in the row: after a crash another
 * process takes the job over when it has passed. Materialized, because a plan may run a subquery
 * again for each row and so claim more than `limit`.
 */
export const claimJobs = statement<{ kind: string; now: Date; leaseEnd: Date; limit: number }, JobRow>(
  'claim-jobs',
  ({ kind, now, leaseEnd, limit }) => sql`
    with due as materialized (
      select id from jobs where kind = ${kind} and due_at <= ${now}
      order by due_at limit ${limit} for update skip locked
    )
    update jobs set tries = tries + 1, due_at = ${leaseEnd} from due
    where jobs.id = due.id returning jobs.id::text, payload, tries, created_at`,
);

export const deleteJob = statement<{ id: string }>(
  'delete-job',
  ({ id }) => sql`delete from jobs where id = ${id}::bigint`,
);

/** The due jobs of each kind, and when the first of them was due. */
export const countDueJobs = statement<{ now: Date }, { kind: string; due: number; since: Date | string }>(
  'count-due-jobs',
  ({ now }) => sql`
    select kind, count(*)::int as due, min(due_at) as since from jobs where due_at <= ${now} group by kind`,
);

/** @param tries how often it was claimed; 0 for one that succeeded and comes again */
export const postponeJob = statement<{ id: string; dueAt: Date; tries: number }>(
  'postpone-job',
  ({ id, dueAt, tries }) => sql`update jobs set due_at = ${dueAt}, tries = ${tries} where id = ${id}::bigint`,
);
