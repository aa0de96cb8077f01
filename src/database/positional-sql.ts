import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { isDatabaseAway } from './availability';
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
