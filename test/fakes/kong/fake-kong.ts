import { type Clock, systemClock } from '../../../src/config/clock';
import { AdminApi } from './admin/admin-api';
import { adminHandler, sendAdmin } from './admin/admin-handler';
import { type Answer, htmlAnswer, unexpectedError } from './admin/answers';
import { Database } from './database';
import type { FaultMoment } from './faults';
import { Listener } from './listener';
import { KongProxy } from './proxy/kong-proxy';
import type { Dial } from './proxy/upstream';
import { type Randomness, realRandomness } from './randomness';

export interface TestGatewayOptions {
  host?: string;
  /** 0, the default, is any free port. */
  adminPort?: number;
  proxyPort?: number;
  clock?: Clock;
  randomness?: Randomness;
  /** Where an upstream really is; default: where its service says. */
  dial?: Dial;
}

/**
 * A stand-in for Kong Gateway 3.9.1: a real HTTP server on two ports, the Admin API and the proxy
 * with the plugins jwt, cors, rate-limiting, acl and request-transformer. It is held to recordings
 * of a real Kong by test/kong/replay.test.ts. It keeps everything in memory, and it can fail in the
 * ways that Kong fails.
 */
export class FakeKong {
  /** `METHOD /path` of every Admin API request, in the order of their arrival. */
  readonly calls: string[] = [];
  readonly database = new Database();
  private readonly admin: Listener;
  private readonly proxy: Listener;
  private databaseFailsAfterMs: number | null = null;

  constructor({
    host = '127.0.0.1',
    adminPort = 0,
    proxyPort = 0,
    clock = systemClock,
    randomness = realRandomness,
    dial = (host, port) => ({ host, port }),
  }: TestGatewayOptions = {}) {
    const now = () => Math.floor(clock.now().getTime() / 1000);
    const { database } = this;
    const handleAdmin = adminHandler({
      api: new AdminApi(database, randomness, now),
      seen: (call) => this.calls.push(call),
      databaseFailsAfterMs: () => this.databaseFailsAfterMs,
    });
    const proxy = new KongProxy({ database, randomness, now, port: () => this.proxy.port, dial });
    const sendFault = (response: Parameters<typeof sendAdmin>[1], fault: { kind: string; status: number }) =>
      sendAdmin(response.req, response, fault.kind === 'html' ? htmlAnswer(fault.status) : statusAnswer(fault.status));
    this.admin = new Listener({ host, port: adminPort, handle: handleAdmin, sendFault });
    this.proxy = new Listener({ host, port: proxyPort, handle: proxy.handle, sendFault });
  }

  get adminUrl(): string {
    return this.admin.url;
  }

  get proxyUrl(): string {
    return this.proxy.url;
  }

  /** Both ports listen; after stop() on the same ports and with the same data. */
  async start(): Promise<void> {
    await this.admin.start();
    await this.proxy.start();
  }

  /** Both ports refuse, as after `kong stop`. Also ends every injected failure. */
  async stop(): Promise<void> {
    await Promise.all([this.admin.stop(), this.proxy.stop()]);
    this.startDatabase();
  }

  /**
   * Failures are for other Admin requests than those of this method: what a server does by itself
   * takes none away.
   */
  spare(method: string): void {
    this.admin.faults.spared = method;
  }

  /** What was ordered to fail and has not failed yet goes well. */
  clearFaults(): void {
    this.admin.faults.clear();
  }

  /** Both ports accept connections and answer nothing, as when Kong's workers are stopped. */
  hang(): void {
    this.admin.faults.hang();
    this.proxy.faults.hang();
  }

  /** Admin requests that hang so. */
  get pending(): number {
    return this.admin.faults.waiting;
  }

  /** What hangs goes on, with its effects. */
  resume(): void {
    this.admin.faults.resume();
    this.proxy.faults.resume();
  }

  /** The next Admin requests go well; the failures that are ordered after this come after them. */
  passNext(count = 1): void {
    this.admin.faults.add(count, { kind: 'none', moment: 'after' });
  }

  /**
   * The next Admin requests answer this status, without (`before`) or with (`after`) taking effect.
   */
  failNext(count = 1, status = 500, moment: FaultMoment = 'before'): void {
    this.admin.faults.add(count, { kind: 'status', status, moment });
  }

  /** The next Admin requests lose their connection. */
  resetNext(count = 1, moment: FaultMoment = 'before'): void {
    this.admin.faults.add(count, { kind: 'reset', moment });
  }

  /** The next Admin requests are never answered. */
  hangNext(count = 1, moment: FaultMoment = 'before'): void {
    this.admin.faults.add(count, { kind: 'hang', moment });
  }

  /** The next Admin requests answer an nginx page. */
  htmlError(count = 1, status = 502, moment: FaultMoment = 'before'): void {
    this.admin.faults.add(count, { kind: 'html', status, moment });
  }

  /**
   * PostgreSQL behind Kong is gone: 500 for everything, at once. The proxy goes on with what it
   * knows.
   */
  stopDatabase(): void {
    this.hangDatabase(0);
  }

  /** PostgreSQL behind Kong hangs: 500 after Kong's own timeout. */
  hangDatabase(failsAfterMs = 5000): void {
    this.database.down = true;
    this.databaseFailsAfterMs = failsAfterMs;
  }

  startDatabase(): void {
    this.database.down = false;
    this.databaseFailsAfterMs = null;
  }
}

function statusAnswer(status: number): Answer {
  return status === 500 ? unexpectedError : { status, body: { message: 'injected failure' } };
}

/** A gateway that listens already. */
export async function startFakeKong(options: TestGatewayOptions = {}): Promise<FakeKong> {
  const gateway = new FakeKong(options);
  await gateway.start();
  return gateway;
}
