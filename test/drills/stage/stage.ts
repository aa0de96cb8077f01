import { rssMb } from '../../../bench/process-figures.mjs';
import { type FakeKong, startFakeKong } from '../../fakes/kong/fake-kong';
import { type SmtpTestServer, startSmtpServer } from '../../fakes/smtp/smtp';
import { type Environment, ServerProcess } from '../../support/processes';
import { type PrivateRedis, startPrivateRedis } from '../../support/redis';
import { OwnPostgres } from './postgres';
import { type SlowProxy, startSlowProxy } from './slow-proxy';

interface Parts {
  postgres: OwnPostgres;
  redis: PrivateRedis;
  redisNetwork: SlowProxy;
  kong: FakeKong;
  smtp: SmtpTestServer;
}

/** Server processes with a PostgreSQL, a Redis, a Kong and a mail server that no other drill uses. */
export class Stage {
  readonly postgres: OwnPostgres;
  readonly redis: PrivateRedis;
  /** Between the servers and Redis. */
  readonly redisNetwork: SlowProxy;
  readonly kong: FakeKong;
  smtp: SmtpTestServer;
  readonly servers: ServerProcess[] = [];

  private constructor(
    parts: Parts,
    private readonly env: Environment,
  ) {
    this.postgres = parts.postgres;
    this.redis = parts.redis;
    this.redisNetwork = parts.redisNetwork;
    this.kong = parts.kong;
    this.smtp = parts.smtp;
  }

  /** @param options.postgres settings as in postgresql.conf */
  static async start(options: { env?: Environment; postgres?: Record<string, string>; servers?: number } = {}) {
    const [postgres, redis, kong, smtp] = await Promise.all([
      OwnPostgres.start(options.postgres),
      startPrivateRedis(),
      startFakeKong(),
      startSmtpServer(),
    ]);
    const redisNetwork = await startSlowProxy(redis.url);
    const env = {
      DATABASE_URL: postgres.url,
      REDIS_URL: redisNetwork.url,
      KONG_ADMIN_URL: kong.adminUrl,
      SMTP_URL: smtp.url,
      LOGIN_RATE_LIMIT: '100000/60',
      DATABASE_TIMEOUT: '5',
      KONG_TIMEOUT: '1000',
      KONG_SIGN_IN_TIMEOUT: '3000',
      ...options.env,
    };
    const stage = new Stage({ postgres, redis, redisNetwork, kong, smtp }, env);
    for (let i = 0; i < (options.servers ?? 2); i++) await stage.addServer();
    return stage;
  }

  /** Ends a server and starts another in its place. */
  async restart(index: number, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const ending = await this.servers[index]!.kill(signal);
    if (signal === 'SIGTERM' && ending.code !== 0) throw new Error(`the server ended with ${ending.code}`);
    this.servers[index] = await ServerProcess.start(this.env);
  }

  /** @param env over that of the others */
  async addServer(env: Environment = {}): Promise<ServerProcess> {
    const server = await ServerProcess.start({ ...this.env, ...env });
    this.servers.push(server);
    return server;
  }

  /** The mail server again, where it was. */
  async startMail(): Promise<void> {
    this.smtp = await startSmtpServer({ port: this.smtp.port });
  }

  /** Resident memory of each server, in MB. */
  memory(): number[] {
    return this.servers.map(({ pid }) => Math.round(rssMb([pid])));
  }

  /** What a server has logged as an error that it did not expect. */
  unexpectedOf(index: number): string[] {
    return unexpectedErrors(this.servers[index]!);
  }

  async close(): Promise<void> {
    this.postgres.resume();
    this.redis.resume();
    await Promise.all(this.servers.map((server) => server.kill('SIGTERM')));
    await Promise.all([
      this.redisNetwork.close(),
      this.redis.stop(),
      this.postgres.stop(),
      this.kong.stop(),
      this.smtp.close(),
    ]);
  }
}

export function unexpectedErrors({ log }: ServerProcess): string[] {
  const errors = log.filter(({ level }) => Number(level) >= 50);
  return errors.map(({ msg, err }) => `${msg}: ${(err as { message?: string } | undefined)?.message ?? ''}`);
}
