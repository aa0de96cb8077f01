import 'reflect-metadata';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { MikroORM } from '@mikro-orm/postgresql';
import { createClient } from 'redis';
import { migrate } from '../../src/database/open-database';
import { ormOptions } from '../../src/database/orm-options';
import { startEmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres';
import { createEmptyDatabase } from '../support/database';
import { redisServerMissing, startRedisServer } from '../support/redis-server';

/** What the run started, in the order in which it is to be stopped. */
export const runState = globalThis as { stopTestServices?: () => Promise<void> };

const FOLDER = 'identity-test-';

/**
 * One throw-away PostgreSQL and one Redis for the run; every test file makes its own database in
 * them.
 */
export default async function setUp(): Promise<void> {
  const [stopPostgres, stopRedis] = await Promise.all([startPostgres(), findRedis()]);
  const dropTemplate = await makeTemplate();
  runState.stopTestServices = async () => {
    await dropTemplate();
    await Promise.all([stopPostgres(), stopRedis()]);
  };
}

/**
 * The database that those of the test files are copies of: hundreds of migrations would take longer
 * than some of the tests.
 */
async function makeTemplate(): Promise<() => Promise<void>> {
  const template = await createEmptyDatabase();
  const orm = await MikroORM.init(ormOptions({ url: template.url, replicaUrls: [], pool: 1 }));
  await migrate(orm);
  await orm.close(true);
  process.env.TEST_DATABASE_TEMPLATE = new URL(template.url).pathname.slice(1);
  return () => template.drop();
}

async function startPostgres(): Promise<() => Promise<void>> {
  if (process.env.TEST_DATABASE_URL) return async () => {};
  removeAbandoned();
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), `${FOLDER}${process.pid}-`));
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' };
  const postgres = await startEmbeddedPostgres({ dataDir, database: 'postgres', settings });
  process.env.TEST_DATABASE_URL = postgres.url;
  return async () => {
    await postgres.stop();
    fs.rmSync(dataDir, { recursive: true, force: true });
  };
}

/** Databases of runs that were killed. */
function removeAbandoned(): void {
  for (const name of fs.readdirSync(os.tmpdir())) {
    const pid = Number(new RegExp(`^${FOLDER}(\\d+)-`).exec(name)?.[1]);
    if (pid && !isAlive(pid)) fs.rmSync(path.join(os.tmpdir(), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
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
