import { types } from 'node:util';
import { DriverException } from '@mikro-orm/postgresql';

/**
 * SQLSTATE classes that say that the database is away, overloaded or closed for writes (25006), not that the
 * statement is wrong.
 */
const AWAY = /^(08|53|57P0|55P03|25006|58030|EAGAIN|ECONN|ETIMEDOUT|EPIPE|ENOENT|EAI_)/;
const AWAY_TEXT = new RegExp(
  [
    'connection terminated',
    'timeout exceeded when trying to connect',
    'connection is closed',
    'not queryable', // a connection that was closed for a statement before
    'cannot use a pool after',
    'is not currently accepting connections', // 55000, which defects have too
  ].join('|'),
  'i',
);

/** Whether `error` means that PostgreSQL cannot be used now (503), as opposed to a defect (500). */
export function isDatabaseAway(error: unknown): boolean {
  for (
    let e = error, depth = 0;
    types.isNativeError(e) && depth < 5;
    e = e.cause ?? (e as { previous?: unknown }).previous, depth++
  ) {
    const code = (e as { code?: unknown }).code;
    if (typeof code === 'string' && AWAY.test(code)) return true;
    if (AWAY_TEXT.test(e.message)) return true;
    if (e.name === 'AggregateError' && (e as AggregateError).errors?.some(isDatabaseAway)) return true;
    if (e instanceof DriverException && e.name === 'ConnectionException') return true;
  }
  return false;
}
