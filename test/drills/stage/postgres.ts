import fs from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { processAndBelow } from '../../../bench/process-figures.mjs';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../src/embedded-postgres/embedded-postgres';
import { temporaryFolder } from '../../support/processes';

const DATABASE = 'identity';

/** A PostgreSQL of the drill's own, with everything that can happen to one. */
export class OwnPostgres {
  private stopped: number[] = [];

  private constructor(
    private running: EmbeddedPostgres,
    private readonly start: () => Promise<EmbeddedPostgres>,
    private readonly dataDir: string,
  ) {}

  /** @param settings as in postgresql.conf */
  static async start(settings: Record<string, string> = {}): Promise<OwnPostgres> {
    const dataDir = path.join(temporaryFolder(), 'pg');
    const start = () => startEmbeddedPostgres({ dataDir, database: DATABASE, settings });
    return new OwnPostgres(await start(), start, dataDir);
  }

  get url(): string {
    return this.running.url;
  }

  /** The postmaster. */
  get pid(): number {
    return Number(fs.readFileSync(path.join(this.dataDir, 'pgdata/postmaster.pid'), 'utf8').split('\n')[0]);
  }

  /** Fast shutdown, as of an operator. */
  stop(): Promise<void> {
    return this.running.stop();
  }

  /** Again on what is there, at the same address. */
  async startAgain(): Promise<void> {
    this.running = await this.start();
  }

  /** Every process stands still: connections stay open and take no answer, new ones as well. */
  hang(): void {
    this.stopped = processAndBelow(this.pid);
    for (const pid of this.stopped) process.kill(pid, 'SIGSTOP');
  }

  resume(): void {
    for (const pid of this.stopped.splice(0).reverse()) process.kill(pid, 'SIGCONT');
  }

  /** A connection that stays, for what has to be done while no other can be opened. */
  async connect(name?: string): Promise<Client> {
    const client = new Client({ connectionString: this.url, application_name: name });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  async sql<Row = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = await this.connect();
    try {
      return (await client.query(text, values)).rows as Row[];
    } finally {
      await client.end();
    }
  }

  /** Ends the connections on which servers hear of changes. */
  async cutFeeds(): Promise<void> {
    await this.sql(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and (query = 'select 1' or query ilike 'listen%')`,
    );
  }
}
