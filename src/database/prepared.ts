import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Pool, QueryResult } from 'pg';
import { READ_ONLY } from './not-primary-error';

/** A statement that PostgreSQL parses once for each connection, and whose plan it keeps. */
export interface Prepared {
  readonly name: string;
  /** With $1, $2 … */
  readonly text: string;
  /** With a `?` for each value. */
  readonly plain: string;
  /** Whether PostgreSQL keeps its plan under its name. */
  readonly keepsPlan: boolean;
}

/**
 * SQLSTATEs of a connection on which names cannot be used: a pooler hands out connections of other clients (26000,
 * 42P05), or a migration has changed the result of a kept plan (0A000). The statement was not run then.
 */
const NAMES_FAIL = new Set(['26000', '42P05', '0A000']);

interface NamedPool {
  pool: Pool;
  names: boolean;
}

const pools = new WeakMap<object, Promise<NamedPool>>();

/**
 * Runs on a connection of the pool, outside any transaction.
 * @throws DriverException, as for every other statement
 */
export async function runPrepared(
  em: SqlEntityManager,
  statement: Prepared,
  values: readonly unknown[],
): Promise<unknown[]> {
  const named = await poolOf(em);
  em.config.getLogger().logQuery({ query: statement.plain, level: 'info' });
  try {
    return (await run(named, statement, values)).rows;
  } catch (error) {
    const code = String((error as { code?: unknown }).code);
    // refused as a whole by a node that takes no writes; the pool has dropped that connection
    const isReadOnly = code === READ_ONLY;
    const isNameless = named.names && NAMES_FAIL.has(code);
    if (isNameless) named.names = false;
    if (!isReadOnly && !isNameless) throw driverException(em, error);
  }
  try {
    return (await run(named, statement, values)).rows;
  } catch (error) {
    throw driverException(em, error);
  }
}

/** How the connections to the primary are used; asks nothing of it. */
export async function poolState(em: SqlEntityManager): Promise<{ busy: number; idle: number; waiting: number }> {
  const { pool } = await poolOf(em);
  return { busy: pool.totalCount - pool.idleCount, idle: pool.idleCount, waiting: pool.waitingCount };
}

const run = (
  { pool, names }: NamedPool,
  { name, text, keepsPlan }: Prepared,
  values: readonly unknown[],
): Promise<QueryResult> => pool.query({ ...(names && keepsPlan && { name }), text, values: values as unknown[] });

const driverException = (em: SqlEntityManager, error: unknown) => em.getDriver().convertException(error as Error);

function poolOf(em: SqlEntityManager): Promise<NamedPool> {
  const connection = em.getConnection() as unknown as { getNativeClient(): Promise<Pool> };
  let found = pools.get(connection);
  if (!found) {
    found = connection.getNativeClient().then((pool) => ({
      pool,
      names: (pool.options as { preparedStatements?: boolean }).preparedStatements ?? true,
    }));
    pools.set(connection, found);
    found.catch(() => pools.delete(connection));
  }
  return found;
}
