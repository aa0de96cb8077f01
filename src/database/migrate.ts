import { setTimeout as sleep } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import { StartupError } from '../config/config';
import { setLockTimeout } from '../queries/lock-timeout';
import { assertCompatible } from './schema-version';

/**
 * Shorter than PostgreSQL's deadlock_timeout of a second: where a migration and a request wait for each other, the
 * migration yields, and no request fails.
 */
const LOCK_TIMEOUT = '500ms';
const RETRY_MS = 250;
const GIVE_UP_MS = 120_000;

/**
 * Brings the database up to the newest migration of this version, while processes of the version before it may be at
 * work. @throws StartupError when the database has a migration that this version cannot work with
 */
export async function migrate(orm: MikroORM): Promise<void> {
  const executed = await orm.migrator.getExecuted();
  assertCompatible(executed.map(({ name }) => name));
  const pending = await orm.migrator.getPending();
  if (pending.length === 0) return;
  if (executed.length === 0)
    await orm.migrator.up(); // on an empty database nothing waits for its end
  else for (const { name } of pending) await runBesideRequests(orm, name);
}

/** Tries until the migration has had every lock that it needs in time. */
async function runBesideRequests(orm: MikroORM, name: string): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    try {
      await runOnce(orm, name);
      return;
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      if (performance.now() - startedAt > GIVE_UP_MS)
        throw new StartupError(
          `Migration ${name} did not get its locks for ${GIVE_UP_MS / 1000} s: end long transactions on the ` +
            'database, and start again',
          { cause: error },
        );
      await sleep(RETRY_MS);
    }
  }
}

async function runOnce(orm: MikroORM, name: string): Promise<void> {
  await orm.em.fork().transactional(async (em) => {
    await setLockTimeout.rows(em, { timeout: LOCK_TIMEOUT });
    await orm.migrator.up({ migrations: [name], transaction: em.getTransactionContext()! });
  });
}

const isLockTimeout = (error: unknown): boolean => (error as { code?: unknown }).code === '55P03';
