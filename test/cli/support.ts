import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Client } from 'pg';
import { runCommand } from '../../src/cli/account-transfer/command';
import { exportCommand } from '../../src/cli/account-transfer/export-command';
import { importCommand } from '../../src/cli/account-transfer/import-command';
import { createEmptyDatabase, createTestDatabase } from '../support/database';

const dist = path.resolve(__dirname, '../../dist/src/cli');

/**
 * The password of every account that `account()` makes, and its hash, of another service (cost 4).
 */
export const OLD_PASSWORD = 'the old password';
export const OLD_HASH = '$2b$04$l0chCHDhciBJKErDjjCnIeqqeiEAJjUzBFsnOzhT.PEajh8bsyRWW';
export const OTHER_HASH = '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';

export interface Outcome {
  code: number | null;
  stdout: string;
  /** Without what the progress has written. */
  stderr: string[];
}

export interface RunOptions {
  env?: Record<string, string>;
  /** Standard input. */
  input?: string;
  /** In a process of its own: for what only a process shows, since it costs ten times as much. */
  isProcess?: boolean;
}

const commands = { import: importCommand, export: exportCommand };

/** A folder, a database, and the two commands. */
export class Workplace {
  constructor(
    readonly folder: string,
    readonly url: string,
    private readonly release: () => Promise<void>,
  ) {}

  file(name: string): string {
    return path.join(this.folder, name);
  }

  /** @returns its path */
  write(name: string, content: string | Buffer): string {
    fs.writeFileSync(this.file(name), content);
    return this.file(name);
  }

  ndjson(rows: readonly object[], name = 'users.ndjson'): string {
    return this.write(name, lines(rows));
  }

  import(args: readonly string[], options?: RunOptions): Promise<Outcome> {
    return this.run('import', args, options);
  }

  export(args: readonly string[], options?: RunOptions): Promise<Outcome> {
    return this.run('export', args, options);
  }

  start(command: 'import' | 'export', args: readonly string[], env?: Record<string, string>): ChildProcess {
    const script = path.join(dist, `${command}.js`);
    const child = spawn(process.execPath, [script, ...args], {
      cwd: this.folder,
      env: this.variables(env),
      stdio: 'pipe',
    });
    child.stdin.on('error', () => undefined); // it may end before it has read everything
    return child;
  }

  private async run(
    command: 'import' | 'export',
    args: readonly string[],
    { env, input = '', isProcess = false }: RunOptions = {},
  ): Promise<Outcome> {
    const outcome = isProcess
      ? await outcomeOf(this.start(command, args, env), input)
      : await this.runHere(command, args, { env: this.variables(env), stdin: Readable.from([Buffer.from(input)]) });
    expectNoSecret(command === 'export' ? { ...outcome, stdout: '' } : outcome);
    return outcome;
  }

  private async runHere(
    name: 'import' | 'export',
    args: readonly string[],
    { env, stdin }: { env: Record<string, string | undefined>; stdin: Readable },
  ): Promise<Outcome> {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const written = Promise.all([text(stdout), text(stderr)]);
    const before = process.cwd();
    process.chdir(this.folder);
    try {
      const code = await runCommand(name, commands[name], { args, context: { env, stdin, stdout, stderr } });
      stdout.end();
      stderr.end();
      const [out, err] = await written;
      return { code, stdout: out, stderr: linesOf(err) };
    } finally {
      process.chdir(before);
    }
  }

  private variables(env: Record<string, string> = {}): Record<string, string | undefined> {
    return { PATH: process.env.PATH, DATABASE_URL: this.url, DATA_DIR: this.file('data'), ...env };
  }

  async sql<Row = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new Client({ connectionString: this.url });
    await client.connect();
    try {
      return (await client.query(text, values)).rows as Row[];
    } finally {
      await client.end();
    }
  }

  /** User names that are there, in order; without the administrator of the first start. */
  async usernames(): Promise<string[]> {
    const rows = await this.sql<{ username: string }>(
      `select username from users where username <> 'admin' order by username_key`,
    );
    return rows.map(({ username }) => username);
  }

  async close(): Promise<void> {
    await this.release();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/** @param isNew with a database that neither a server nor an import has used; else it has the tables */
export async function openWorkplace({ isNew = false } = {}): Promise<Workplace> {
  const database = await (isNew ? createEmptyDatabase() : createTestDatabase());
  return new Workplace(fs.mkdtempSync(path.join(os.tmpdir(), 'identity-transfer-')), database.url, () =>
    database.drop(),
  );
}

export async function outcomeOf(child: ChildProcess, input?: string): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', (more) => (stdout += more));
  child.stderr!.setEncoding('utf8').on('data', (more) => (stderr += more));
  if (input !== undefined) child.stdin!.end(input);
  const [code] = await once(child, 'close');
  return { code, stdout, stderr: linesOf(stderr) };
}

/** Without the progress, which is printed when some seconds are over. */
const linesOf = (stderr: string): string[] =>
  stderr.split('\n').filter((line) => line && !/^[\d,]+ rows?, [\d,]+\/s/.test(line));

/** Neither a hash nor a stack is ever printed. */
function expectNoSecret({ stdout, stderr }: Outcome): void {
  const printed = [stdout, ...stderr].join('\n');
  expect(printed).not.toMatch(/\$2[aby]\$\d\d\$/);
  expect(printed).not.toContain(OLD_PASSWORD);
  expect(printed).not.toMatch(/^ {4}at /m);
}

export const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** An account as another service writes it. */
export const account = (username: string, more: object = {}): Record<string, unknown> => ({
  username,
  passwordHash: OLD_HASH,
  ...more,
});

export const accounts = (count: number): Record<string, unknown>[] =>
  Array.from({ length: count }, (_, index) =>
    account(`person${String(index).padStart(6, '0')}`, { email: `person${index}@example.org` }),
  );

/**
 * What the summary says, in its order: created, updated, unchanged, here with other data, not
 * imported.
 */
export function counts({ stdout }: Outcome): Record<string, number> {
  const numbers = [...stdout.matchAll(/^ {2}([\d,]+) (?:would be )?(\w+)/gm)].map(([, n, word]) => [
    word,
    Number(n!.replaceAll(',', '')),
  ]);
  return Object.fromEntries(numbers);
}

export const counted = (of: {
  created?: number;
  updated?: number;
  unchanged?: number;
  here?: number;
  not?: number;
}) => ({
  created: 0,
  updated: 0,
  unchanged: 0,
  here: 0,
  not: 0,
  ...of,
});
