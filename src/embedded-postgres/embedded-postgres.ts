import { setTimeout as sleep } from 'node:timers/promises';
import { Client, DatabaseError, escapeIdentifier } from 'pg';
import { locateBinaries } from './binaries';
import { DATABASE_USER, prepareCluster, syncCluster } from './data-directory';
import { EmbeddedPostgresError } from './embedded-postgres-error';
import { releaseCluster } from './lock-owner';
import { databaseAccount } from './os-account';
import { type RunningServer, SOCKET_PORT, startServer } from './server-process';

export { EmbeddedPostgresError } from './embedded-postgres-error';

/**
 * What another server on the same directory, dying or starting, makes ours say; it passes, or
 * releaseCluster() finds out who it is.
 */
const PASSING_FAILURE = /lock file|shared memory block|could not bind|in use/;
const ATTEMPTS = 60;
const RETRY_MS = 100;

export interface EmbeddedPostgresOptions {
  /**
   * Made when missing. Under root it must be reachable for the account `postgres` or `nobody`,
   * unless there is a fallbackDir.
   */
  dataDir: string;
  /**
   * Under root: where the data goes, with a symbolic link in place of an empty dataDir which that
   * account can't reach (below /root).
   */
  fallbackDir?: string;
  /** Made when missing. */
  database: string;
  /** The folder of the unix socket, where an earlier start has chosen it. */
  socketFolder?: string;
  /** Server settings as in postgresql.conf. */
  settings?: Record<string, string>;
  /**
   * Where a copy of the binaries is kept if PostgreSQL's account can't reach the installed ones;
   * /var/tmp unless given.
   */
  scratch?: string;
  /** Gets each line that the server writes. */
  log?: (line: string) => void;
}

export interface EmbeddedPostgres {
  /**
   * A postgres:// URL with the socket's folder, percent-encoded, as host: understood by pg,
   * MikroORM and libpq.
   */
  url: string;
  /** The folder of the unix socket; nothing listens on the network. */
  host: string;
  port: number;
  user: string;
  database: string;
  /** Resolves when every process of the database is gone, after stop() or because it died. */
  exited: Promise<void>;
  /**
   * Fast shutdown: open connections are cut, committed data is kept. May be called more than once.
   */
  stop(): Promise<void>;
}

/**
 * Starts a PostgreSQL of this process's own from npm's binaries, on a unix socket only. It ends
 * with this process, however that ends. Throws EmbeddedPostgresError when the directory is in use
 * by a living process, can't be used, or the server does not start.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir, database, settings = {}, log = () => {} } = options;
  const account = databaseAccount();
  const binaries = locateBinaries(account, options.scratch);
  const { cluster, isNew } = await prepareCluster({ dataDir, fallbackDir: options.fallbackDir, account, binaries });
  const server = await startOn(cluster, (stalePid) =>
    startServer({ ...options, postgres: binaries.postgres, cluster, account, settings, stalePid, log }),
  );
  if (isNew && settings.fsync !== 'off') syncCluster(cluster, account, binaries);

  const connection = { host: server.socketFolder, port: SOCKET_PORT, user: DATABASE_USER };
  try {
    await createDatabase(connection, database);
  } catch (error) {
    await server.stop();
    throw error;
  }
  const host = encodeURIComponent(server.socketFolder);
  const url = `postgres://${DATABASE_USER}@${host}:${SOCKET_PORT}/${encodeURI(database)}`;
  return { url, ...connection, database, exited: server.exited, stop: server.stop };
}

async function startOn(
  cluster: string,
  start: (stalePid: number | undefined) => Promise<RunningServer | { failure: string }>,
): Promise<RunningServer> {
  for (let attempt = 1; ; attempt++) {
    const result = await start(await releaseCluster(cluster));
    if (!('failure' in result)) return result;
    if (attempt === ATTEMPTS || !PASSING_FAILURE.test(result.failure)) {
      throw new EmbeddedPostgresError(`The embedded PostgreSQL did not start on ${cluster}: ${result.failure.trim()}`);
    }
    await sleep(RETRY_MS);
  }
}

async function createDatabase(
  connection: { host: string; port: number; user: string },
  database: string,
): Promise<void> {
  const client = new Client({ ...connection, database: 'postgres' });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (rowCount === 0) await client.query(`create database ${escapeIdentifier(database)}`);
  } catch (error) {
    const isDuplicate = error instanceof DatabaseError && error.code === '42P04'; // another process made it
    if (!isDuplicate) throw error;
  } finally {
    await client.end();
  }
}
