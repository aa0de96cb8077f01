import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { locateBinaries } from '../../src/embedded-postgres/binaries';
import { DATABASE_ENVIRONMENT, DATABASE_USER, prepareCluster } from '../../src/embedded-postgres/data-directory';
import { databaseAccount } from '../../src/embedded-postgres/os-account';
import { freePort } from './environment';
import { eventually } from './eventually';
import { temporaryFolder } from './processes';

/** The shell reads our pipe, so that the program ends with this process, however that ends. */
const GUARDIAN = '"$@" </dev/null & read -r _; kill -9 $! 2>/dev/null; wait $!';

const account = databaseAccount();

/** Runs a program until `end` is called, or this process ends. */
function guard(command: string, args: readonly string[], as: typeof account | object) {
  const child: ChildProcess = spawn('/bin/sh', ['-c', GUARDIAN, 'sh', command, ...args], {
    ...as,
    cwd: '/',
    env: DATABASE_ENVIRONMENT,
    detached: true,
    stdio: ['pipe', 'ignore', process.env.POSTGRES_LOGS ? 'inherit' : 'ignore'],
  });
  child.stdin!.on('error', () => {});
  const ended = once(child, 'close');
  for (const handle of [child, child.stdin]) (handle as { unref?(): void }).unref?.();
  return async (): Promise<void> => {
    child.ref();
    child.stdin!.end();
    await ended;
  };
}

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off', // processes are killed here, not machines
  wal_keep_size: '256MB',
  wal_receiver_status_interval: '1s',
  max_connections: '80',
  shared_buffers: '32MB',
};

/** A PostgreSQL of its own on a port of 127.0.0.1, primary or standby. */
class PostgresNode {
  private end: () => Promise<void> = async () => {};

  private constructor(
    readonly port: number,
    private readonly data: string,
    private readonly postgres: string,
  ) {}

  /** @param data the folder of a cluster */
  static async at(data: string): Promise<PostgresNode> {
    return new PostgresNode(await freePort(), data, locateBinaries(account).postgres);
  }

  url(database = 'identity'): string {
    return `postgres://${DATABASE_USER}@127.0.0.1:${this.port}/${database}`;
  }

  /** Starts it, and waits until it answers. */
  async start(settings: Record<string, string> = {}): Promise<void> {
    fs.rmSync(path.join(this.data, 'postmaster.pid'), { force: true });
    const all = { ...SETTINGS, port: String(this.port), ...settings };
    const args = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    this.end = guard(this.postgres, ['-D', this.data, ...args], account);
    await eventually('PostgreSQL to answer', () =>
      this.sql('select 1 as one', 'postgres').then(
        () => true,
        () => false,
      ),
    );
  }

  /** SIGKILL for its postmaster, upon which everything of it ends. */
  async kill(): Promise<void> {
    await this.end();
    await eventually('the end of the node', () =>
      this.sql('select 1', 'postgres').then(
        () => false,
        () => true,
      ),
    );
  }

  /** As an operator does it: `pg_ctl promote`, which waits until it takes writes. */
  promote(): void {
    execFileSync(path.join(path.dirname(this.postgres), 'pg_ctl'), ['promote', '-w', '-D', this.data], {
      ...account,
      cwd: '/',
      env: DATABASE_ENVIRONMENT,
      stdio: 'ignore',
    });
  }

  async sql<Row = Record<string, unknown>>(text: string, database = 'identity'): Promise<Row[]> {
    const client = new Client({ connectionString: this.url(database), connectionTimeoutMillis: 5000 });
    client.on('error', () => {});
    try {
      await client.connect();
      return (await client.query(text)).rows as Row[];
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Makes this node, which does not run, a standby of another that does, from a copy of its files. */
  async follow(primary: PostgresNode): Promise<void> {
    const client = new Client({ connectionString: primary.url('postgres') });
    await client.connect();
    await client.query("select pg_backup_start('copy', true)");
    fs.rmSync(this.data, { recursive: true, force: true });
    spawnSync('cp', ['-a', primary.data, this.data]); // what goes meanwhile is in the log
    const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)');
    await client.end();
    fs.rmSync(path.join(this.data, 'postmaster.pid'), { force: true });
    for (const segment of fs.readdirSync(path.join(this.data, 'pg_wal')))
      if (/^[0-9A-F]{24}/.test(segment)) fs.rmSync(path.join(this.data, 'pg_wal', segment));
    fs.writeFileSync(path.join(this.data, 'backup_label'), rows[0]!.labelfile);
    fs.writeFileSync(path.join(this.data, 'standby.signal'), '');
    for (const file of ['backup_label', 'standby.signal'])
      if (account.uid !== undefined) fs.chownSync(path.join(this.data, file), account.uid, account.gid!);
    await this.start({ primary_conninfo: `host=127.0.0.1 port=${primary.port} user=${DATABASE_USER}` });
    await eventually('the standby to stream', async () => {
      const [found] = await primary.sql<{ streaming: string }>(
        "select count(*) as streaming from pg_stat_replication where state = 'streaming'",
        'postgres',
      );
      return Number(found!.streaming) > 0;
    });
  }
}

const BIN = '/usr/sbin';

/** Why programs of Debian's packages cannot be started here, or undefined. */
export function missingPrograms(...names: string[]): string | undefined {
  const missing = names.filter((name) => !fs.existsSync(path.join(BIN, name)));
  return missing.length > 0 ? `there is no ${missing.join(' and no ')} in ${BIN}` : undefined;
}

/** A primary and a standby that follows it, with an empty database, and HAProxy in front of both. */
export async function startPostgresPair(mode: 'asynchronous' | 'synchronous') {
  const folder = temporaryFolder();
  const { cluster } = await prepareCluster({ dataDir: folder, account, binaries: locateBinaries(account) });
  const first = await PostgresNode.at(cluster);
  const second = await PostgresNode.at(path.join(folder, 'copy'));
  await first.start();
  await first.sql('create database identity', 'postgres');
  await first.sql('create role haproxy login', 'postgres');
  await second.follow(first);
  if (mode === 'synchronous') {
    await first.sql("alter system set synchronous_standby_names = '*'", 'postgres');
    await first.sql('select pg_reload_conf()', 'postgres');
    await eventually('the standby to count', async () => {
      const [row] = await first.sql<{ sync_state: string }>('select sync_state from pg_stat_replication', 'postgres');
      return row?.sync_state === 'sync';
    });
  }
  const haproxy = await startHaproxy(folder, [first.port, second.port]);
  return {
    first,
    second,
    /** Leads to the primary. */
    url: `postgres://${DATABASE_USER}@127.0.0.1:${haproxy.port}/identity`,
    stop: async () => {
      await haproxy.stop();
      await Promise.all([first.kill(), second.kill()]);
    },
  };
}

/** The configuration that docs/operations.md shows, for these ports. */
function haproxyConfiguration(port: number, nodes: readonly number[]): string {
  const documented = /```haproxy\n(.*?)```/s.exec(fs.readFileSync('docs/operations.md', 'utf8'))![1]!;
  return documented
    .replace(/bind \S+/, `bind 127.0.0.1:${port}`)
    .replace('one.example.org:5432', `127.0.0.1:${nodes[0]}`)
    .replace('two.example.org:5432', `127.0.0.1:${nodes[1]}`);
}

async function startHaproxy(folder: string, nodes: readonly number[]) {
  const port = await freePort();
  const file = path.join(folder, 'haproxy.cfg');
  fs.writeFileSync(file, haproxyConfiguration(port, nodes));
  const stop = guard(path.join(BIN, 'haproxy'), ['-db', '-f', file], {});
  const url = `postgres://${DATABASE_USER}@127.0.0.1:${port}/postgres`;
  // before the first check every node counts as one that takes writes
  await eventually('HAProxy to tell the primary from the standby', async () => {
    const ports = await Promise.all(nodes.flatMap(() => [portBehind(url), portBehind(url)]));
    return ports.every((found) => found === nodes[0]);
  });
  return { port, stop };
}

/** PgBouncer in transaction mode in front of a database. @param target as `postgres://user@host:port/…` */
export async function startPgBouncer(target: string) {
  const folder = temporaryFolder();
  const { hostname, port: behind, username } = new URL(target);
  const port = await freePort();
  const file = path.join(folder, 'pgbouncer.ini');
  const lines = [
    '[databases]',
    `* = host=${hostname} port=${behind} user=${username}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    'default_pool_size = 10',
    'server_login_retry = 1',
  ];
  fs.writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o644 });
  const stop = guard(path.join(BIN, 'pgbouncer'), [file], account);
  const url = `postgres://${username}@127.0.0.1:${port}/identity`;
  await eventually('PgBouncer to answer', () => portBehind(url));
  return { url, stop };
}

/** The port of the node that a new connection leads to, or null when it fails. */
export async function portBehind(connectionString: string): Promise<number | null> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 5000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query<{ port: number }>("select current_setting('port')::int as port")).rows[0]!.port;
  } catch {
    return null;
  } finally {
    await client.end().catch(() => undefined);
  }
}
