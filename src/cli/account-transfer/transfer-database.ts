import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { pino } from 'pino';
import { systemClock } from '../../config/clock';
import type { Config } from '../../config/config';
import { type Database, oneProcessAtATime, openDatabase } from '../../database/open-database';
import { assertCompatible, knownMigrations } from '../../database/schema-version';
import { findMigrationsTable, listExecutedMigrations } from '../../queries/account-transfer';
import { SessionProjection } from '../../services/sessions/session-projection';
import { openStore } from '../../stores/open-store';
import { seedForImport } from './seed-for-import';
import { TransferError } from './transfer-error';

export interface TransferDatabase {
  /** A connection outside the pool, for snapshots, temporary tables and transactions. */
  client: Client;
  /** False for a database that no server and no import has used yet. */
  hasTables: boolean;
  /** Deletes the session values of accounts from the store that other services read. */
  forgetSessions(ids: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

const logger = pino({ level: 'silent' });
const OLDER =
  'The database is of an older version of this program: start the server once, so that it is brought up to date.';

/** Migrated, and with the roles of a first start. @throws StartupError, TransferError */
export async function openForImport(config: Config): Promise<TransferDatabase> {
  const database = await openDatabase(config, logger);
  try {
    await oneProcessAtATime(database.directUrl, async () => {
      await database.migrate();
      await seedForImport(database, config);
    });
    return await connect(database, config);
  } catch (error) {
    await database.close();
    throw error;
  }
}

/**
 * Unchanged. Where there is no embedded database yet, a temporary one replaces it. @throws
 * StartupError, TransferError
 */
export async function openForDryRun(config: Config): Promise<TransferDatabase> {
  if (config.database.url || hasData(config)) return openAsItIs(config);
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'identity-dry-run-'));
  fs.chmodSync(dataDir, 0o755); // root's PostgreSQL runs as another account
  const remove = () => fs.rmSync(dataDir, { recursive: true, force: true });
  try {
    const opened = await openAsItIs({ ...config, dataDir });
    return { ...opened, close: () => opened.close().finally(remove) };
  } catch (error) {
    remove();
    throw error;
  }
}

/** @throws StartupError, TransferError, also where there are no accounts yet */
export async function openForExport(config: Config): Promise<TransferDatabase> {
  const nothing = 'There are no accounts yet: neither a server nor an import has used this database.';
  if (!config.database.url && !hasData(config)) throw new TransferError(nothing);
  const opened = await openAsItIs(config);
  if (opened.hasTables) return opened;
  await opened.close();
  throw new TransferError(nothing);
}

const hasData = (config: Config): boolean => fs.existsSync(path.join(config.dataDir, 'postgres/pgdata'));

async function openAsItIs(config: Config): Promise<TransferDatabase> {
  const database = await openDatabase(config, logger);
  try {
    return await connect(database, config);
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function connect(database: Database, config: Config): Promise<TransferDatabase> {
  const client = new Client({ connectionString: database.directUrl, keepAlive: true });
  client.on('error', () => undefined); // the current or the next statement fails with it
  await client.connect();
  try {
    return {
      client,
      hasTables: await hasTables(client),
      forgetSessions: (ids) => forgetSessions(database, config, ids),
      close: async () => {
        await client.end().catch(() => undefined);
        await database.close();
      },
    };
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

/** @throws TransferError, StartupError when this version cannot work with the tables */
async function hasTables(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ exists: boolean }>(findMigrationsTable.query());
  if (!rows[0]?.exists) return false;
  const { rows: executed } = await client.query<{ name: string }>(listExecutedMigrations.query());
  if (executed.length === 0) return false;
  const names = executed.map(({ name }) => name);
  assertCompatible(names);
  if (knownMigrations.some((name) => !names.includes(name))) throw new TransferError(OLDER);
  return true;
}

async function forgetSessions({ orm }: Database, config: Config, ids: readonly string[]): Promise<void> {
  if (!config.redisUrl) return;
  const store = await openStore({ redisUrl: config.redisUrl, clock: systemClock, logger });
  try {
    const { accessTtl: ttl } = config.tokens;
    const projection = new SessionProjection({ em: orm.em.fork(), store, ttl, clock: systemClock, logger });
    for (const id of ids) await projection.removeUnlessLive(id);
  } finally {
    await store.close();
  }
}
