import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { databaseAccount } from '../../src/embedded-postgres/os-account';
import { freePort } from './environment';
import { eventually } from './eventually';
import { temporaryFolder } from './processes';

const INSTALLED = '/usr/lib/postgresql';

/** The folder of the newest PostgreSQL that the machine has, with its client programs; undefined without one. */
export const installedPostgres: string | undefined = (fs.existsSync(INSTALLED) ? fs.readdirSync(INSTALLED) : [])
  .toSorted((a, b) => Number(b) - Number(a))
  .map((version) => path.join(INSTALLED, version, 'bin'))
  .find((bin) => ['postgres', 'initdb', 'pg_dump', 'pg_restore'].every((name) => fs.existsSync(path.join(bin, name))));

/** A new cluster of that PostgreSQL on a port of 127.0.0.1. */
export async function startInstalledPostgres(): Promise<{ url(database: string): string; stop(): Promise<void> }> {
  const folder = temporaryFolder();
  const data = path.join(folder, 'cluster');
  const account = databaseAccount();
  fs.mkdirSync(data, { mode: 0o700 });
  if (account.uid !== undefined) fs.chownSync(data, account.uid, account.gid!);
  const options = { ...account, cwd: '/', stdio: 'ignore' as const };
  const program = (name: string) => path.join(installedPostgres!, name);
  execFileSync(program('initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8'], options);
  const port = await freePort();
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off'];
  const server = spawn(program('postgres'), ['-D', data, ...settings.flatMap((each) => ['-c', each])], options);
  const ended = once(server, 'close');
  const url = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`;
  await eventually('the installed PostgreSQL', () => isReady(url('postgres')));
  return {
    url,
    stop: async () => {
      server.kill('SIGINT'); // cuts the connections
      await ended;
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
