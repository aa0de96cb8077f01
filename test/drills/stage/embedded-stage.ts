import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { ServerProcess, temporaryFolder } from '../../support/processes';
import { unexpectedErrors } from './stage';

/** The database with its log, and little more. */
const DISK = '160m';

/** Why no disk of a drill's own can be mounted here, or undefined. */
export function mountMissing(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'mounting a disk takes root on Linux';
  const folder = fs.mkdtempSync('/tmp/mount-probe-');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'drill', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'mounting is not allowed here';
  } finally {
    fs.rmdirSync(folder);
  }
}

/** One server with an embedded PostgreSQL on a small disk of its own. */
export class EmbeddedStage {
  private constructor(
    readonly servers: ServerProcess[],
    private readonly disk: string,
  ) {}

  static async start(): Promise<EmbeddedStage> {
    const disk = temporaryFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK},mode=755`, 'drill', disk]);
    const env = { DATA_DIR: path.join(disk, 'data'), LOGIN_RATE_LIMIT: '100000/60', DATABASE_TIMEOUT: '5' };
    return new EmbeddedStage([await ServerProcess.start(env)], disk);
  }

  /** The postmaster. */
  get postgresPid(): number {
    return Number(this.lockFile[0]);
  }

  /** Makes PostgreSQL begin another file of its log, for which there may be no room. */
  async switchLog(): Promise<void> {
    const [, , , port, host] = this.lockFile;
    const client = new Client({ host, port: Number(port), user: 'app', database: 'identity' });
    client.on('error', () => undefined);
    try {
      await client.connect();
      for (let i = 0; i < 8; i++)
        await client.query('create table ballast (); drop table ballast; select pg_switch_wal()');
    } catch {
      // there was none
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  private get lockFile(): string[] {
    return fs.readFileSync(path.join(this.disk, 'data/postgres/pgdata/postmaster.pid'), 'utf8').split('\n');
  }

  /** Takes all the room that is left, to the last byte. */
  fillDisk(): void {
    const file = fs.openSync(path.join(this.disk, 'ballast'), 'a');
    try {
      for (let size = 1 << 20; size >= 1; ) {
        try {
          if (fs.writeSync(file, Buffer.alloc(size)) < size) size >>= 1;
        } catch {
          size >>= 1;
        }
      }
    } finally {
      fs.closeSync(file);
    }
  }

  clearDisk(): void {
    fs.rmSync(path.join(this.disk, 'ballast'), { force: true });
  }

  unexpectedOf(index: number): string[] {
    return unexpectedErrors(this.servers[index]!);
  }

  async close(): Promise<void> {
    this.clearDisk();
    await Promise.all(this.servers.map((server) => server.kill('SIGTERM')));
    execFileSync('umount', ['-l', this.disk]);
  }
}
