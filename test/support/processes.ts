import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { scripts } from '../../package.json';
import { ENVIRONMENT } from './environment';
import { eventually } from './eventually';
import { IdentityClient } from './identity-client';

const MAIN = path.resolve(__dirname, '../../dist/src/main.js');
/** The flags of `npm start`. */
const NODE_FLAGS = scripts.start.match(/--\S+/g) ?? [];

export type Environment = Record<string, string | undefined>;

/** How a process has ended. */
export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

const running = new Set<ServerProcess>();
afterAll(async () => {
  await Promise.all([...running].map((server) => server.kill('SIGKILL')));
});

/** A folder that is gone when the tests of the file are over. */
export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'identity-process-'));
  // PostgreSQL runs under another account when the tests run as root
  fs.chmodSync(folder, 0o755);
  folders.push(folder);
  return folder;
}
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
});

/** `dist/src/main.js` in a process of its own, as `npm start` runs it. */
export class ServerProcess extends IdentityClient {
  readonly ended: Promise<Ending>;
  private ending: Ending | undefined;
  stdout = '';
  stderr = '';

  /** Without a path; known when it is ready. */
  origin = '';

  private constructor(private readonly child: ChildProcess) {
    super('');
    running.add(this);
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = once(child, 'close').then(([code, signal]) => {
      running.delete(this);
      this.ending = { code, signal, stdout: this.stdout, stderr: this.stderr };
      return this.ending;
    });
  }

  /**
   * Starts it, and does not wait for anything. @param env beside those of test/support/environment.ts; nothing is taken over
   * from the process of the tests. @param account whose it is, other than that of the tests
   */
  static spawn(
    env: Environment = {},
    cwd: string = temporaryFolder(),
    account: { uid?: number; gid?: number } = {},
  ): ServerProcess {
    const all = Object.entries({ PATH: process.env.PATH, DATA_DIR: path.join(cwd, 'data'), ...ENVIRONMENT, ...env });
    const given = Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined));
    const child = spawn(process.execPath, [...NODE_FLAGS, MAIN], {
      ...account,
      cwd,
      env: given,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new ServerProcess(child);
  }

  /**
   * Starts it and waits until it says that it is ready. @throws Error with what it said when it
   * ends before
   */
  static async start(...of: Parameters<typeof ServerProcess.spawn>): Promise<ServerProcess> {
    const server = ServerProcess.spawn(...of);
    await server.ready();
    return server;
  }

  get pid(): number {
    return this.child.pid!;
  }

  private async ready(): Promise<void> {
    const origin = await eventually('the start banner', () => this.bannerOrigin ?? this.ending);
    if (typeof origin !== 'string')
      throw new Error(`the server ended with ${origin.code}: ${origin.stderr}${origin.stdout}`);
    this.origin = origin;
    this.url = `${origin}/graphql`;
  }

  private get bannerOrigin(): string | undefined {
    return /GraphQL +(http:\/\/\S+)\/graphql/.exec(this.stdout)?.[1];
  }

  /** Sends the signal and waits for the end. */
  async kill(signal: NodeJS.Signals): Promise<Ending> {
    this.child.kill(signal);
    return this.ended;
  }

  /** Its log, one object for each line. */
  get log(): Record<string, unknown>[] {
    return this.stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
  }
}
