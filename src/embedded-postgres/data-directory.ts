import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Binaries } from './binaries';
import { EmbeddedPostgresError } from './embedded-postgres-error';
import { may, type OsAccount } from './os-account';

export const DATABASE_USER = 'app';

/**
 * Nothing of this process's environment, which holds secrets, is handed on. LC_ALL keeps messages
 * in the language that is waited for.
 */
export const DATABASE_ENVIRONMENT = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/local/bin:/usr/bin:/bin' };

export interface Cluster {
  /** Real path of the folder. */
  cluster: string;
  isNew: boolean;
}

/**
 * Makes sure that `<dataDir>/pgdata` holds a complete cluster that belongs to the account. A new
 * one is made under another name and renamed: a start that is killed leaves no half cluster, and of
 * two at once one wins.
 */
export async function prepareCluster(options: {
  dataDir: string;
  fallbackDir?: string;
  account: OsAccount;
  binaries: Binaries;
}): Promise<Cluster> {
  const { account, binaries } = options;
  const dataDir = openDataDir(path.resolve(options.dataDir), account, options.fallbackDir);
  const cluster = path.join(dataDir, 'pgdata');
  const isNew = !fs.existsSync(cluster);
  if (isNew) {
    removeAbandoned(dataDir);
    const draft = path.join(dataDir, `pgdata.new-${process.pid}`);
    own(draft, account);
    await initialise(draft, account, binaries);
    try {
      fs.renameSync(draft, cluster);
    } catch (error) {
      fs.rmSync(draft, { recursive: true, force: true });
      if (!fs.existsSync(cluster)) throw error;
    }
  }
  if (!may(account, '-w', cluster)) throw unreachable(cluster, account);
  return { cluster, isNew };
}

/** Writes a new cluster through to the disk, without holding up the start for it. */
export function syncCluster(cluster: string, account: OsAccount, binaries: Binaries): void {
  spawn(binaries.initdb, ['--sync-only', '-D', cluster], {
    ...account,
    cwd: '/',
    env: DATABASE_ENVIRONMENT,
    stdio: 'ignore',
  })
    .on('error', () => {})
    .unref();
}

function openDataDir(dataDir: string, account: OsAccount, fallbackDir: string | undefined): string {
  try {
    fs.mkdirSync(dataDir, { recursive: true });
    const real = fs.realpathSync(dataDir);
    const isEmpty = fs.readdirSync(real).length === 0;
    // an empty folder was made for this; one with other things in it keeps its owner
    if (account.uid !== undefined && isEmpty) own(real, account);
    if (may(account, '-x', real)) return real;
    if (account.uid === undefined || !isEmpty || !fallbackDir) throw unreachable(real, account);
    return moveOut(real, account, fallbackDir);
  } catch (error) {
    if (error instanceof EmbeddedPostgresError) throw error;
    throw unreachable(dataDir, account, error);
  }
}

/**
 * Replaces the empty folder with a symbolic link to a new one in the fallback folder, so that every
 * later start finds the data through it.
 */
function moveOut(folder: string, account: OsAccount, fallbackDir: string): string {
  fs.mkdirSync(fallbackDir, { recursive: true, mode: 0o755 });
  const target = fs.mkdtempSync(path.join(fallbackDir, 'postgres-'));
  own(target, account);
  if (!may(account, '-x', target)) {
    fs.rmdirSync(target);
    throw unreachable(folder, account);
  }
  fs.rmdirSync(folder);
  fs.symlinkSync(target, folder);
  return fs.realpathSync(target);
}

function own(folder: string, account: OsAccount): void {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (account.uid !== undefined) fs.chownSync(folder, account.uid, account.gid!);
}

function unreachable(folder: string, account: OsAccount, cause?: unknown): EmbeddedPostgresError {
  const who =
    account.uid === undefined
      ? 'this user'
      : `the account with uid ${account.uid}, which PostgreSQL runs as when started by root`;
  return new EmbeddedPostgresError(
    `The data directory ${folder} can't be used by ${who}: choose one elsewhere (for root outside of /root), or ` +
      'set DATABASE_URL.',
    { cause },
  );
}

async function initialise(draft: string, account: OsAccount, binaries: Binaries): Promise<void> {
  // the builtin provider sorts and folds case alike on every system and needs no locale
  // of the operating system; ICU collations exist besides
  const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--encoding=UTF8'];
  const args = ['-D', draft, '-U', DATABASE_USER, '--auth=trust', ...locale, '--no-sync', '--no-instructions'];
  try {
    await promisify(execFile)(binaries.initdb, args, { ...account, cwd: '/', env: DATABASE_ENVIRONMENT });
  } catch (cause) {
    fs.rmSync(draft, { recursive: true, force: true });
    const reason = (cause as { stderr?: string }).stderr?.trim() || String(cause);
    throw new EmbeddedPostgresError(`The embedded PostgreSQL could not make its data directory ${draft}: ${reason}`, {
      cause,
    });
  }
}

/** Drafts of starts that were killed half way. */
function removeAbandoned(dataDir: string): void {
  for (const name of fs.readdirSync(dataDir)) {
    const pid = Number(/^pgdata\.new-(\d+)$/.exec(name)?.[1]);
    if (!pid || (pid !== process.pid && isAlive(pid))) continue;
    fs.rmSync(path.join(dataDir, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
