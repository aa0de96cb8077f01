import { types } from 'node:util';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { DriverException } from '@mikro-orm/postgresql';
import { type Prepared, runPrepared } from './prepared';

export type SqlValue = string | number | boolean | Date | null | readonly string[];

/**
 * Plain SQL for the hot paths: an order of magnitude cheaper than entities, and prepared ones
 * cheaper again. `?` stands for a value. Inside a transaction pass its entity manager, so that the
 * statement belongs to it.
 */
export async function sqlRows<Row>(
  em: SqlEntityManager,
  sql: string | Prepared,
  values: readonly SqlValue[] = [],
): Promise<Row[]> {
  if (typeof sql !== 'string' && !em.isInTransaction()) return (await runPrepared(em, sql, values)) as Row[];
  return (await em.execute(typeof sql === 'string' ? sql : sql.plain, values as unknown[], 'all')) as Row[];
}

export async function sqlRow<Row>(
  em: SqlEntityManager,
  sql: string | Prepared,
  values: readonly SqlValue[] = [],
): Promise<Row | undefined> {
  const [row] = await sqlRows<Row>(em, sql, values);
  return row;
}

/**
 * For lists and histories, which may lag: read from one of the replicas where there are some, and
 * from the primary when it is away. Whatever decides something is read from the primary.
 */
export async function replicaRows<Row>(
  em: SqlEntityManager,
  sql: string | Prepared,
  values: readonly SqlValue[] = [],
): Promise<Row[]> {
  const replica = em.getConnection('read');
  if (replica === em.getConnection('write')) return sqlRows<Row>(em, sql, values);
  try {
    return (await replica.execute(typeof sql === 'string' ? sql : sql.plain, values as unknown[], 'all')) as Row[];
  } catch (error) {
    if (!isDatabaseAway(error)) throw error;
    return sqlRows<Row>(em, sql, values);
  }
}

/**
 * Runs `work` in a transaction with entities of its own, which are forgotten with it. The entity
 * manager that lives as long as the process would keep every entity it has ever seen, and authorize
 * by what others have changed since.
 */
export function inTransaction<T>(em: SqlEntityManager, work: (em: SqlEntityManager) => Promise<T>): Promise<T> {
  return em.fork({ useContext: false }).transactional(work);
}

/**
 * SQLSTATE classes that say that the database is away or overloaded, not that the statement is
 * wrong.
 */
const AWAY = /^(08|53|57P0|55P03|ECONN|ETIMEDOUT|EPIPE|ENOENT|EAI_)/;
const AWAY_TEXT =
  /connection terminated|timeout exceeded when trying to connect|connection is closed|cannot use a pool after/i;

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
