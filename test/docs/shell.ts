import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from './documents';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
});

/** A folder in which npm's scripts work as in a clone, and write nothing into this one. */
export function folderLikeAClone(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'identity-docs-'));
  folders.push(folder);
  fs.chmodSync(folder, 0o755); // the embedded PostgreSQL runs under another account when root starts it
  for (const name of fs.readdirSync(root)) {
    if (!name.startsWith('.')) fs.symlinkSync(path.join(root, name), path.join(folder, name));
  }
  return folder;
}

/** The environment of a command: what it needs, and nothing that changes what it prints. */
export const environment = (): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  HOME: process.env.HOME ?? '',
  npm_config_update_notifier: 'false',
});

/** Where the documents have the clone. */
const DOCUMENTED_FOLDER = '/srv/identity';

/** Runs commands in one shell. @returns what each printed, on standard output and standard error */
export async function runInShell(commands: readonly string[], env: Record<string, string>): Promise<string[]> {
  const folder = folderLikeAClone();
  const script = path.join(folder, '.commands.sh');
  fs.writeFileSync(script, ['exec 2>&1', ...commands.map((command) => `${command}\nprintf '\\036'`)].join('\n'));
  const shell = spawn('bash', [script], {
    cwd: folder,
    env: { ...environment(), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks: Buffer[] = [];
  shell.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(shell, 'close');
  return Buffer.concat(chunks).toString('utf8').replaceAll(folder, DOCUMENTED_FOLDER).split('\u001e').slice(0, -1);
}
