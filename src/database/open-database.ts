import path from 'node:path';
import { MikroORM } from '@mikro-orm/postgresql';
import { Client } from 'pg';
import type { Logger } from 'pino';
import { type Config, StartupError } from '../config/config';
import { prepareDataDir } from '../config/data-dir';
import { EmbeddedPostgresError, startEmbeddedPostgres } from '../embedded-postgres/embedded-postgres';
import { keepRunning } from '../embedded-postgres/keep-running';
import { reason } from '../errors/reason';
import { migrate } from './migrate';
import { NotPrimaryError } from './not-primary-error';
import { ormOptions } from './orm-options';
import { PrimaryCheck } from './primary-check';

/** The oldest PostgreSQL that is tested. */
const MIN_VERSION = 150_000;
/**
 * One process at a time migrates and seeds: any number, as long as no other lock uses it for
 * something else.
 */
const START_LOCK = 7_240_151;
const CONNECT_MS = 5000;

export interface Database {
  orm: MikroORM;
  /** Past a pooler of transactions: for LISTEN, migrations, and whatever else lasts for a session. */
  directUrl: string;
  /** What every connection to the primary has to pass. */
  primary: PrimaryCheck;
  embedded: boolean;
  /** Brings it up to the newest migration. @throws StartupError when it is newer than this program */
  migrate(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens PostgreSQL: the one of DATABASE_URL, else one of this process's own in DATA_DIR. @throws
 * StartupError
 */
export async function openDatabase(config: Config, logger: Logger): Promise<Database> {
  const embedded = config.database.url ? undefined : await startEmbedded(config, logger);
  const url = config.database.url ?? embedded!.url;
  const directUrl = config.database.directUrl ?? url;
  const primary = new PrimaryCheck(logger);
  try {
    for (const each of new Set([directUrl, url])) await requireUsable(each, primary);
    const { replicaUrls, pool, preparedStatements, timeoutMs } = config.database;
    const orm = await MikroORM.init(ormOptions({ url, replicaUrls, pool, primary, preparedStatements, timeoutMs }));
    return {
      orm,
      directUrl,
      primary,
      embedded: embedded !== undefined,
      migrate: async () => {
        const isPending = (await orm.migrator.getPending()).length > 0;
        await (isPending || directUrl !== url ? migrateAt(directUrl) : migrate(orm));
      },
      close: async () => {
        await orm.close(true);
        await embedded?.stop();
      },
    };
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

async function startEmbedded(config: Config, logger: Logger) {
  prepareDataDir(config);
  try {
    const options = {
      dataDir: path.join(config.dataDir, 'postgres'),
      fallbackDir: '/var/lib/graphql-identity',
      database: 'identity',
      log: (line: string) => logger.debug({ postgres: line }, 'embedded PostgreSQL'),
    };
    return await keepRunning((socketFolder) => startEmbeddedPostgres({ ...options, socketFolder }), {
      lost: () => logger.warn('the embedded PostgreSQL has ended by itself; it is started again'),
      failed: (error) =>
        logger.warn({ reason: reason(error) }, 'the embedded PostgreSQL does not start; it is tried again'),
      back: () => logger.info('the embedded PostgreSQL is back'),
    });
  } catch (cause) {
    if (cause instanceof EmbeddedPostgresError) throw new StartupError(cause.message, { cause });
    throw cause;
  }
}

/** @throws StartupError that names host and database, never the password */
async function requireUsable(url: string, primary: PrimaryCheck): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string }>("select current_setting('server_version_num') as version");
    if (Number(rows[0]?.version) < MIN_VERSION)
      throw new StartupError(`PostgreSQL 15 or newer is needed; ${place(client)} is older`);
    await primary.admit(client);
  } catch (cause) {
    if (cause instanceof StartupError) throw cause;
    if (cause instanceof NotPrimaryError)
      throw new StartupError(
        `PostgreSQL at ${place(client)} cannot be used: it is a standby, or was one's primary before a promotion. ` +
          'DATABASE_URL has to lead to the primary',
        { cause },
      );
    throw new StartupError(
      `PostgreSQL at ${place(client)} cannot be used: ${reason(cause)}. Check DATABASE_URL and that the server ` +
        'is running',
      { cause },
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

const place = (client: Client): string => `${client.host}:${client.port}/${client.database ?? ''}`;

/** Runs `work` (migrations, seed) while no other process on this database does. */
export async function oneProcessAtATime<T>(url: string, work: () => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [START_LOCK]);
    return await work();
  } finally {
    await client.end(); // gives the lock back
  }
}

/** A pooler may hand a statement of a migration to another session, and a migration takes longer than a request may. */
async function migrateAt(url: string): Promise<void> {
  // the migrator asks for its table on a second connection
  const orm = await MikroORM.init(ormOptions({ url, replicaUrls: [], pool: 2 }));
  await migrate(orm).finally(() => orm.close(true));
}
