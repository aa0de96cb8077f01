import { spawn } from 'node:child_process';
import fs from 'node:fs';
import type { Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { DATABASE_ENVIRONMENT } from './data-directory';
import { CLUSTER_NAME, GUARDIAN_TITLE } from './lock-owner';
import type { OsAccount } from './os-account';

/** Part of the socket's file name only: nothing listens on the network. */
export const SOCKET_PORT = 5432;

/** A socket's path may have 103 bytes on macOS (107 on Linux), `/.s.PGSQL.5432` included. */
const MAX_SOCKET_FOLDER_BYTES = 103 - '/.s.PGSQL.5432'.length;

/** Enough of the server's last words to explain why it did not start. */
const KEPT_OUTPUT = 4000;

/**
 * The guardian: a shell that blocks reading our pipe on descriptor 3. When this process ends in any
 * way, kill -9 included, it reads the end of the file and stops the server with SIGINT (fast
 * shutdown: committed data is kept, clients are cut off). It ignores signals and has its own
 * process group, so that Ctrl-C in a terminal does not stop the database before the server has
 * drained. Only PostgreSQL keeps stderr, so its 'close' event means that every process of it is
 * gone. $1 is a folder to remove at the end, or empty.
 */
const GUARDIAN = `
scratch=$1; shift
"$@" </dev/null 3<&- & server=$!
trap "" INT TERM HUP
exec 2>/dev/null
read -r _ <&3
kill -INT $server
wait $server
[ -z "$scratch" ] || rm -rf "$scratch"
`;

export interface RunningServer {
  socketFolder: string;
  /** Resolves when every process of the server is gone, whatever stopped it. */
  exited: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the server and waits until it takes connections. When it ends before that, resolves with
 * what it said.
 */
export async function startServer(options: {
  postgres: string;
  cluster: string;
  account: OsAccount;
  settings: Record<string, string>;
  /** Where an earlier start had its socket. */
  socketFolder?: string;
  stalePid: number | undefined;
  log: (line: string) => void;
}): Promise<RunningServer | { failure: string }> {
  const { cluster, account } = options;
  const socket = openSocketFolder(cluster, account, options.socketFolder);
  const settings = { ...options.settings, cluster_name: CLUSTER_NAME, listen_addresses: '' };
  const args = ['-D', cluster, '-p', String(SOCKET_PORT), '-k', socket.folder];
  for (const [name, value] of Object.entries(settings)) args.push('-c', `${name}=${value}`);

  const child = spawn(
    '/bin/sh',
    ['-c', GUARDIAN, `${GUARDIAN_TITLE}${process.pid}`, socket.scratch, options.postgres, ...args],
    {
      ...account,
      cwd: '/',
      detached: true,
      // PostgreSQL takes a lock file for stale when it names this "grandparent", whatever program has
      // that process id now
      env: {
        ...DATABASE_ENVIRONMENT,
        ...(options.stalePid === undefined ? {} : { PG_GRANDPARENT_PID: String(options.stalePid) }),
      },
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    },
  );
  const stderr = child.stderr as Socket;
  const lifeline = child.stdio[3] as Socket;
  lifeline.on('error', () => {});
  let output = '';
  child.once('error', (error) => {
    output += error.message;
  });
  const guardianEnded = new Promise<void>((resolve) =>
    child.once('exit', () => resolve()).once('error', () => resolve()),
  );
  // a guardian that is told late would delete the folder that the next server has made
  const exited = new Promise<void>((resolve) => stderr.once('close', () => resolve())).then(() => {
    lifeline.end();
    return guardianEnded;
  });
  const ready = new Promise<true>((resolve) => {
    stderr.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-KEPT_OUTPUT);
      for (const line of text.split('\n')) if (line) options.log(line);
      if (output.includes('ready to accept connections')) resolve(true);
    });
  });

  const isReady = await Promise.race([ready, exited.then(() => false)]);
  if (!isReady) {
    lifeline.end();
    return { failure: output };
  }
  // the server must not keep this process alive, only the other way round
  const handles = [child, stderr, lifeline];
  for (const handle of handles) handle.unref();
  const stop = async (): Promise<void> => {
    for (const handle of handles) handle.ref();
    lifeline.end();
    await exited;
  };
  return { socketFolder: socket.folder, exited, stop };
}

/**
 * The cluster's own folder, which no other account can enter; where its path is too long for a socket a
 * new private one, `scratch`.
 */
function openSocketFolder(cluster: string, account: OsAccount, earlier?: string): { folder: string; scratch: string } {
  if (Buffer.byteLength(cluster) <= MAX_SOCKET_FOLDER_BYTES) return { folder: cluster, scratch: '' };
  const folder = earlier ?? fs.mkdtempSync(path.join(os.tmpdir(), 'postgres-'));
  if (earlier !== undefined) {
    fs.rmSync(earlier, { recursive: true, force: true });
    fs.mkdirSync(earlier, { mode: 0o700 }); // fails where another account was faster
  }
  if (account.uid !== undefined) fs.chownSync(folder, account.uid, account.gid!);
  return { folder, scratch: folder };
}
