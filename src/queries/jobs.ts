import { sql, statement } from '../database/sql';

export interface JobRow {
  id: string;
  kind: string;
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
 * Claims jobs that are due, until `leaseEnd`. The claim is a date in the row: after a crash another
 * process takes the job over when it has passed.
 */
export const claimJobs = statement<{ now: Date; leaseEnd: Date; limit: number }, JobRow>(
  'claim-jobs',
  ({ now, leaseEnd, limit }) => sql`
    update jobs set tries = tries + 1, due_at = ${leaseEnd}
    where id in (select id from jobs where due_at <= ${now} order by due_at limit ${limit} for update skip locked)
    returning id::text, kind, payload, tries, created_at`,
);

export const deleteJob = statement<{ id: string }>(
  'delete-job',
  ({ id }) => sql`delete from jobs where id = ${id}::bigint`,
);

/** @param tries how often the job has failed from here on; 0 for one that succeeded and comes again */
export const postponeJob = statement<{ id: string; dueAt: Date; tries: number }>(
  'postpone-job',
  ({ id, dueAt, tries }) => sql`update jobs set due_at = ${dueAt}, tries = ${tries} where id = ${id}::bigint`,
);
