import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Client } from 'pg';
import { pino } from 'pino';
import { type App, createApp } from '../../src/app';
import { type Config, loadConfig } from '../../src/config/config';
import { MovableClock } from './clock';
import { createSeededDatabase, createTestDatabase, type TestDatabase } from './database';
import { ENVIRONMENT } from './environment';
import { IdentityClient } from './identity-client';
import { Statements } from './statements';

export { ADMIN, SIGNER_KEY } from './environment';
export { PASSWORD, type TestUser, type Tokens } from './identity-client';

export interface Options {
  /** Variables of the environment over those of the tests. */
  env?: Record<string, string>;
  /** Another process's database, which it drops. */
  database?: TestDatabase;
  /** One that several servers go by. */
  clock?: MovableClock;
}

/** The real server over a database of its own, listening on a port of 127.0.0.1. */
export class TestApp extends IdentityClient {
  private closed: Promise<void> | undefined;

  constructor(
    readonly app: App,
    readonly config: Config,
    /** Without a path. */
    readonly origin: string,
    readonly clock: MovableClock,
    readonly statements: Statements,
    /** What was logged at `warn` and above. */
    readonly logs: { level: number; msg: string; err?: { message: string } }[],
    readonly databaseUrl: string,
    private readonly release: () => Promise<void>,
  ) {
    super(`${origin}/graphql`);
  }

  override get seconds(): number {
    return this.clock.seconds;
  }

  /** Plain SQL on a connection that is not the server's, as in psql. */
  async sql<Row = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new Client({ connectionString: this.databaseUrl });
    await client.connect();
    try {
      return (await client.query(text, values)).rows as Row[];
    } finally {
      await client.end();
    }
  }

  /** Closes everything, once. @throws Error when the server met an error that it did not expect */
  close(): Promise<void> {
    this.closed ??= this.closeNow();
    return this.closed;
  }

  private async closeNow(): Promise<void> {
    await this.release();
    const unexpected = this.logs.filter(({ level }) => level >= 50);
    if (unexpected.length > 0)
      throw new Error(`the server logged: ${unexpected.map((l) => l.err?.message ?? l.msg).join('; ')}`);
  }
}

const started: TestApp[] = [];
// those of tests that have failed in the middle: what still runs would outlive the file
afterAll(() => Promise.all(started.map((app) => app.close())));

/** What the first start of a server writes into its database. */
const seedOf = ({ seed, passwords }: Config) => ({ ...seed, cost: passwords.cost });
const usualSeed = seedOf(loadConfig(ENVIRONMENT));
const isSeededAsUsual = (env: Record<string, string>): boolean =>
  isDeepStrictEqual(seedOf(loadConfig({ ...ENVIRONMENT, ...env })), usualSeed);

export async function startApp({ env = {}, database, clock = new MovableClock() }: Options = {}): Promise<TestApp> {
  const own = database ?? (await (isSeededAsUsual(env) ? createSeededDatabase() : createTestDatabase()));
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'identity-app-'));
  const config = loadConfig({ ...ENVIRONMENT, DATABASE_URL: own.url, DATA_DIR: dataDir, ...env });
  const logs: TestApp['logs'] = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => logs.push(JSON.parse(line)) });
  const app = await createApp(config, logger, clock);
  const { port } = await app.listen();
  const release = async () => {
    await app.close();
    if (!database) await own.drop();
    fs.rmSync(dataDir, { recursive: true, force: true });
  };
  const running = new TestApp(
    app,
    config,
    `http://127.0.0.1:${port}`,
    clock,
    new Statements(app.database.orm),
    logs,
    own.url,
    release,
  );
  started.push(running);
  return running;
}
