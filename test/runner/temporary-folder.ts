import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const FOLDER = 'identity-test-';
const MEMORY = '/dev/shm';
/** What all databases of a run take together, and as much again. */
const ROOM_BYTES = 2e9;

/**
 * A folder for the temporary files of this run, which TMPDIR names from now on. It is in memory where
 * there is room: on a disk a database costs ten times as much.
 * @returns deletes it
 */
export function openTemporaryFolder(): () => void {
  const parent = process.env.TMPDIR === undefined && hasRoom(MEMORY) ? MEMORY : os.tmpdir();
  for (const folder of new Set([parent, os.tmpdir()])) removeAbandoned(folder);
  const folder = fs.mkdtempSync(path.join(parent, `${FOLDER}${process.pid}-`));
  fs.chmodSync(folder, 0o1777); // as /tmp: PostgreSQL runs under another account when the tests run as root
  process.env.TMPDIR = folder;
  return () => fs.rmSync(folder, { recursive: true, force: true });
}

function hasRoom(folder: string): boolean {
  try {
    fs.accessSync(folder, fs.constants.W_OK);
    const { bavail, bsize } = fs.statfsSync(folder);
    return bavail * bsize >= ROOM_BYTES;
  } catch {
    return false;
  }
}

/** Those of runs that were killed. */
function removeAbandoned(parent: string): void {
  for (const name of fs.readdirSync(parent)) {
    const pid = Number(new RegExp(`^${FOLDER}(\\d+)-`).exec(name)?.[1]);
    if (pid && !isAlive(pid)) fs.rmSync(path.join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
