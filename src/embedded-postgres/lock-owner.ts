import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresError } from './embedded-postgres-error';

/**
 * First argument of the watchdog shell, so that it and the process it watches can be told from
 * everything else.
 */
export const GUARDIAN_TITLE = 'embedded-postgres-guardian-of-';

/** Marks the servers that this code starts. */
export const CLUSTER_NAME = 'embedded';

const POLL_MS = 50;
/**
 * A fast shutdown ends by itself unless the disk is very slow; then it is cut short, which loses
 * nothing that was committed.
 */
const FAST_SHUTDOWN_MS = 10_000;

interface RunningProcess {
  parent: number;
  /** Program and arguments; one string where the system does not say where an argument ends. */
  command: string[];
}

/**
 * Makes way for a server on the cluster: stops the one that a killed process left behind, and waits
 * until it is gone. Throws EmbeddedPostgresError when the database is in use, that is when its
 * guardian and the process it watches both live. Returns the process id of a stale lock file which
 * now belongs to some other program, or undefined.
 */
export async function releaseCluster(cluster: string): Promise<number | undefined> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const pid = readLockFile(cluster);
    const server = pid === undefined ? undefined : inspect(pid);
    if (pid === undefined || server === undefined) return undefined;
    if (!servesCluster(server, cluster)) return pid;
    const owner = ownerOf(server);
    if (owner !== 'gone') throw inUse(cluster, pid, owner);
    // the orphan may have stopped in this very moment
    if (waitedMs === 0) signal(pid, 'SIGINT');
    if (waitedMs === FAST_SHUTDOWN_MS) signal(pid, 'SIGQUIT');
    await sleep(POLL_MS);
  }
}

/**
 * Who keeps the server: the process that its guardian watches, `'stranger'` when it was not started
 * by a guardian, or `'gone'`. Parenthood can't be reused like a process id: when the watched
 * process ends, the guardian gets another parent.
 */
function ownerOf(server: RunningProcess): number | 'stranger' | 'gone' {
  const guardian = inspect(server.parent);
  const watched =
    guardian &&
    Number(
      guardian.command
        .map((part) => part.split(GUARDIAN_TITLE)[1])
        .find(Boolean)
        ?.match(/^\d+/)?.[0],
    );
  if (watched) return guardian.parent === watched ? watched : 'gone';
  return server.command.some((part) => part.includes(`cluster_name=${CLUSTER_NAME}`)) ? 'gone' : 'stranger';
}

function inUse(cluster: string, pid: number, owner: number | 'stranger'): EmbeddedPostgresError {
  const who =
    owner === 'stranger' ? `PostgreSQL process ${pid} of another program` : `process ${owner}, which is running`;
  return new EmbeddedPostgresError(
    `The data directory ${path.dirname(cluster)} is in use by ${who}: stop it first, or choose another directory.`,
  );
}

function readLockFile(cluster: string): number | undefined {
  try {
    const pid = Number.parseInt(fs.readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8'), 10);
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function servesCluster(server: RunningProcess, cluster: string): boolean {
  const text = server.command.join(' ');
  return text.includes('postgres') && text.includes(`-D ${cluster} `);
}

function inspect(pid: number): RunningProcess | undefined {
  return fs.existsSync('/proc/self/stat') ? inspectByProc(pid) : inspectByPs(pid);
}

function inspectByProc(pid: number): RunningProcess | undefined {
  try {
    const parent = Number(/^PPid:\s*(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
    const command = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return { parent, command };
  } catch {
    return undefined; // gone
  }
}

function inspectByPs(pid: number): RunningProcess | undefined {
  const { stdout, status } = spawnSync('ps', ['-ww', '-o', 'ppid=,command=', '-p', String(pid)], { encoding: 'utf8' });
  const match = status === 0 ? /^\s*(\d+)\s+(.*)/s.exec(stdout) : null;
  return match ? { parent: Number(match[1]), command: [`${match[2]} `] } : undefined;
}

function signal(pid: number, name: 'SIGINT' | 'SIGQUIT'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
