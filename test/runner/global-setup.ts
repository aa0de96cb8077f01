import 'reflect-metadata';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { MikroORM } from '@mikro-orm/postgresql';
import { createClient } from 'redis';
import { loadConfig } from '../../src/config/config';
import { migrate } from '../../src/database/migrate';
import { ormOptions } from '../../src/database/orm-options';
import { seed } from '../../src/database/seed';
import { startEmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres';
import { PasswordHasher } from '../../src/security/passwords/password-hasher';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../support/database';
import { ENVIRONMENT } from '../support/environment';
import { redisServerMissing, startRedisServer } from '../support/redis-server';
import { openTemporaryFolder } from './temporary-folder';

/** What the run started, in the order in which it is to be stopped. */
export const runState = globalThis as { stopTestServices?: () => Promise<void> };

/**
 * One throw-away PostgreSQL and one Redis for the run; every test file makes its own database in
 * them.
 */
export default async function setUp(): Promise<void> {
  const removeFolder = openTemporaryFolder();
  const [stopPostgres, stopRedis] = await Promise.all([startPostgres(), findRedis()]);
  const dropTemplates = await makeTemplates();
  runState.stopTestServices = async () => {
    await dropTemplates();
    await Promise.all([stopPostgres(), stopRedis()]);
    removeFolder();
  };
}

/**
 * The databases that those of the test files are copies of: hundreds of migrations, and hundreds of
 * first starts, would take longer than some of the tests.
 */
async function makeTemplates(): Promise<() => Promise<void>> {
  const migrated = await createEmptyDatabase();
  await withOrm(migrated.url, migrate);
  process.env.TEST_DATABASE_TEMPLATE = nameOf(migrated);

  const seeded = await createTestDatabase();
  const config = loadConfig(ENVIRONMENT);
  const hasher = new PasswordHasher({ cost: config.passwords.cost, threads: 1 });
  await withOrm(seeded.url, (orm) => seed(orm.em.fork(), { config, embedded: false, hasher }));
  await hasher.close();
  process.env.TEST_DATABASE_SEEDED = nameOf(seeded);

  return async () => {
    for (const template of [migrated, seeded]) await template.drop();
  };
}

const nameOf = ({ url }: TestDatabase): string => new URL(url).pathname.slice(1);

async function withOrm(url: string, work: (orm: MikroORM) => Promise<unknown>): Promise<void> {
  const orm = await MikroORM.init(ormOptions({ url, replicaUrls: [], pool: 1 }));
  await work(orm);
  await orm.close(true);
}

/** Nothing of it outlives the run, so nothing is made sure of. */
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '300',
  max_wal_size: '128MB',
};

async function startPostgres(): Promise<() => Promise<void>> {
  if (process.env.TEST_DATABASE_URL) return async () => {};
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'databases-'));
  const postgres = await startEmbeddedPostgres({ dataDir, database: 'postgres', settings: SETTINGS });
  process.env.TEST_DATABASE_URL = postgres.url;
  return () => postgres.stop();
}

async function findRedis(): Promise<() => Promise<void>> {
  const given = process.env.REDIS_URL;
  const url = given ?? 'redis://127.0.0.1:6379';
  const problem = await problemOf(url);
  if (!problem) {
    process.env.TEST_REDIS_URL = url;
    return async () => {};
  }
  const missing = given ? `REDIS_URL: ${problem}` : redisServerMissing();
  if (missing) {
    process.env.TEST_REDIS_MISSING = missing;
    return async () => {};
  }
  const server = await startRedisServer();
  process.env.TEST_REDIS_URL = server.url;
  return () => server.stop();
}

/** What stands against using this Redis, or undefined. */
async function problemOf(url: string): Promise<string | undefined> {
  const client = createClient({ url, socket: { connectTimeout: 1000, reconnectStrategy: false } });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.getDel('test-run:probe'); // since Redis 6.2
    return undefined;
  } catch (error) {
    return (error as Error).message || String((error as NodeJS.ErrnoException).code);
  } finally {
    client.destroy();
  }
}
