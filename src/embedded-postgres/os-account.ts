import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { EmbeddedPostgresError } from './embedded-postgres-error';

/**
 * The operating system account that PostgreSQL runs as; without ids it is the one that this process
 * has.
 */
export interface OsAccount {
  uid?: number;
  gid?: number;
}

/**
 * PostgreSQL refuses to run as root, so root lends it the account `postgres`, else `nobody`: no
 * account needs to be made.
 */
export function databaseAccount(): OsAccount {
  if (process.getuid?.() !== 0) return {};
  const accounts = fs.readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const line = accounts.find((account) => account.startsWith(`${name}:`));
    if (!line) continue;
    const [, , uid, gid] = line.split(':');
    return { uid: Number(uid), gid: Number(gid) };
  }
  throw new EmbeddedPostgresError(
    'The embedded PostgreSQL does not run as root and there is neither a "postgres" nor a "nobody" account to ' +
      'run it as: start as another user or set DATABASE_URL.',
  );
}

/**
 * Whether the account may do what `flag` of test(1) asks (-x, -w) with the path, every folder above
 * it included.
 */
export function may(account: OsAccount, flag: '-x' | '-w', path: string): boolean {
  if (account.uid === undefined) {
    try {
      fs.accessSync(path, flag === '-x' ? fs.constants.X_OK : fs.constants.W_OK);
      return true;
    } catch {
      return false;
    }
  }
  return spawnSync('test', [flag, path], { ...account, cwd: '/' }).status === 0;
}
