import { sql, statement } from '../database/sql';

/** Makes the partition of a month, unless it is there. */
export const ensureMonth = statement<{ history: string; month: Date }, { created: boolean }>(
  'ensure-month',
  ({ history, month }) => sql`select ensure_month(${history}, ${month}::timestamptz) as created`,
);

/** Drops the partitions of months that were over at a moment. Fails when their lock is not to be had at once. */
export const dropMonths = statement<{ history: string; before: Date }, { name: string }>(
  'drop-months',
  ({ history, before }) => sql`select drop_months(${history}, ${before}::timestamptz) as name`,
);
