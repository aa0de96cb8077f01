import { randomBytes } from 'node:crypto';
import net from 'node:net';
import pg from 'pg';
import { createClient } from 'redis';
import { parentOf } from './process-figures.mjs';

const LOCAL_POSTGRES = [
  'postgres://postgres@127.0.0.1:5432/postgres',
  'postgres://postgres:postgres@127.0.0.1:5432/postgres',
];
const LOCAL_REDIS = 'redis://127.0.0.1:6379';

const isLocal = (host) => ['127.0.0.1', 'localhost', '::1', ''].includes(host);

/** Runs `use` with a connection of its own. */
export async function withDatabase(url, use) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function firstThatAnswers(urls) {
  for (const url of urls) {
    try {
      await withDatabase(url, (client) => client.query('select 1'));
      return url;
    } catch {
      // the next one may
    }
  }
  return null;
}

/**
 * PostgreSQL of DATABASE_URL, else the one of this machine. The benchmark makes databases of its
 * own beside the one of the URL, and drops them.
 * @returns null when there is none
 */
export async function findPostgres(env = process.env) {
  const admin = await firstThatAnswers(env.DATABASE_URL ? [env.DATABASE_URL] : LOCAL_POSTGRES);
  if (!admin) return null;
  const made = new Set();
  const { version, local, processes } = await withDatabase(admin, async (client) => {
    const { rows } = await client.query("select current_setting('server_version') as version, pg_backend_pid() as pid");
    const local = isLocal(client.host) || client.host.startsWith('/');
    return { version: rows[0].version, local, processes: local ? [parentOf(rows[0].pid)].filter(Boolean) : [] };
  });
  return {
    version,
    /** The process whose children serve the connections, where it is on this machine. */
    processes,
    /** Whether its processes are on this machine, so that their CPU time can be read. */
    local,
    /** An own, empty database. @returns its URL */
    async create() {
      const name = `identity_bench_${randomBytes(5).toString('hex')}`;
      await withDatabase(admin, (client) => client.query(`create database ${name} template template0`));
      made.add(name);
      return Object.assign(new URL(admin), { pathname: `/${name}` }).href;
    },
    async drop() {
      for (const name of made)
        await withDatabase(admin, (client) => client.query(`drop database if exists ${name} with (force)`));
    },
  };
}

/**
 * Redis of REDIS_URL (used as it is), else an empty logical database of the one of this machine.
 * @returns null when there is none
 */
export async function findRedis(env = process.env) {
  const base = env.REDIS_URL ?? LOCAL_REDIS;
  const numbers = env.REDIS_URL ? [null] : [15, 14, 13, 12, 11, 10, 9, 8];
  for (const number of numbers) {
    const url = number === null ? base : `${base}/${number}`;
    const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 1000 } });
    client.on('error', () => undefined);
    try {
      await client.connect();
      // the marker is the claim: a test run beside this one looks for an empty database too
      if (
        number !== null &&
        ((await client.dbSize()) > 0 || (await client.set('bench:claim', '1', { condition: 'NX' })) === null)
      )
        continue;
      const info = await client.info('server');
      return {
        url,
        version: /redis_version:(\S+)/.exec(info)?.[1],
        processes: isLocal(new URL(url).hostname) ? [Number(/process_id:(\d+)/.exec(info)?.[1])] : [],
        async clear() {
          if (number === null) return;
          const again = await createClient({ url }).connect();
          await again.flushDb();
          await again.close();
        },
      };
    } catch {
      return null;
    } finally {
      if (client.isOpen) client.destroy();
    }
  }
  return null;
}

/** Process ids of the backends that serve a database, where they are on this machine. */
export async function backendsOf(url) {
  return withDatabase(url, async (client) => {
    const { rows } = await client.query(
      'select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    return rows.map(({ pid }) => pid);
  });
}

/** A port of 127.0.0.1 that is free at this moment. */
export async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
