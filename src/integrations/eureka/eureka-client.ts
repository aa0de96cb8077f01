import type { Logger } from 'pino';
import type { Clock } from '../../config/clock';
import { EurekaHttp } from './eureka-http';
import { describeInstance, type EurekaInstance, type InstanceOptions } from './eureka-instance';
import { parseEurekaServers } from './eureka-servers';

/**
 * `off`: not configured, not started or stopped. `down`: the last call failed, so a gateway may not
 * find the service.
 */
export type EurekaStatus = 'up' | 'down' | 'off';

export interface EurekaClientOptions extends Omit<InstanceOptions, 'contextPath' | 'heartbeatMs'> {
  /** One URL or several separated by commas; without any the client stays off. */
  eurekaUrl?: string | undefined;
  /** Default `/identity`. */
  contextPath?: string;
  /** Milliseconds between heartbeats, default 30,000. */
  heartbeatMs?: number;
  /** Milliseconds for one request to one server, default 5,000. */
  requestTimeoutMs?: number;
  fetch?: typeof fetch;
  logger: Logger;
  clock: Clock;
}

const STOP_BUDGET_MS = 2_000;
const FIRST_RETRY_MS = 1_000;

/**
 * Keeps this service in the registry of a Netflix Eureka server, so that `lb://AUTH-SERVICE` of a
 * Spring gateway finds it.
 *
 * The protocol is "Eureka REST operations" (wiki of Netflix/eureka), with Spring's path
 * `/eureka/apps` (the wiki's has `/v2`), and what ApplicationResource and InstanceResource of that
 * repository answer: 204 to a registration, 200 or 404 to a heartbeat and to a cancellation. 404 to
 * a heartbeat means "register again": the server restarted, or the lease ran out.
 *
 * One step at a time: a step registers or renews, and plans the next one. Failures are tried again
 * after 1 s, 2 s, 4 s … up to the heartbeat's interval. Nothing here can fail a start or keep the
 * process alive.
 */
export class EurekaClient {
  private readonly http: EurekaHttp | undefined;
  private readonly options: EurekaClientOptions & { heartbeatMs: number };
  private readonly logger: Logger;
  private instance: EurekaInstance | undefined;
  private state: EurekaStatus = 'off';
  private registered = false;
  private failures = 0;
  private timer: NodeJS.Timeout | undefined;
  private step: Promise<void> = Promise.resolve();
  private stopping: Promise<void> = Promise.resolve();
  private abort = new AbortController();

  /** @throws Error when `eurekaUrl` is malformed, without repeating it */
  constructor(options: EurekaClientOptions) {
    const { eurekaUrl, heartbeatMs = 30_000, requestTimeoutMs = 5_000 } = options;
    this.options = { ...options, heartbeatMs };
    this.logger = options.logger;
    if (!eurekaUrl) return;
    this.http = new EurekaHttp({
      servers: parseEurekaServers(eurekaUrl),
      timeoutMs: requestTimeoutMs,
      fetch: options.fetch ?? fetch,
    });
  }

  /**
   * Begins to register, in the background. Call it when the port is open: from then on the gateway
   * may send requests.
   */
  start(): void {
    if (!this.http || this.instance) return;
    const { contextPath = '/identity', ...options } = this.options;
    this.instance = describeInstance({ ...options, contextPath }, this.options.clock.now().getTime());
    this.abort = new AbortController();
    this.registered = false;
    this.failures = 0;
    this.state = 'down';
    this.plan(0);
  }

  /** For health reports; answers from memory. */
  status(): EurekaStatus {
    return this.state;
  }

  /**
   * Takes the service out of the registry; call it before the port closes. Never fails, and ends
   * within two seconds.
   */
  async stop(): Promise<void> {
    const { http, instance } = this;
    if (http && instance) this.stopping = this.cancel(http, instance);
    await this.stopping;
  }

  private async cancel(http: EurekaHttp, instance: EurekaInstance): Promise<void> {
    this.instance = undefined;
    this.state = 'off';
    clearTimeout(this.timer);
    const deadline = AbortSignal.timeout(STOP_BUDGET_MS);
    // A registration that arrives after the cancellation would leave a dead instance behind, so it
    // gets half of the time to end.
    await this.endStep(STOP_BUDGET_MS / 2);
    try {
      const { baseUrl } = await http.call({ method: 'DELETE', path: pathOf(instance), expected: [200, 404] }, deadline);
      this.logger.info({ eureka: baseUrl, instanceId: instance.instanceId }, 'Deregistered from Eureka');
    } catch (error) {
      this.logger.warn(
        { reason: (error as Error).message },
        'Could not deregister from Eureka; the lease will run out',
      );
    }
  }

  private async endStep(graceMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([this.step, grace]);
    clearTimeout(timer);
    this.abort.abort();
  }

  private plan(delayMs: number): void {
    this.timer = setTimeout(() => {
      this.step = this.runStep();
    }, delayMs);
    this.timer.unref();
  }

  private async runStep(): Promise<void> {
    const { http, instance } = this;
    if (!http || !instance) return;
    try {
      const baseUrl = await this.renewOrRegister(http, instance);
      if (this.instance !== instance) return; // stopped meanwhile
      if (this.state !== 'up')
        this.logger.info({ eureka: baseUrl, instanceId: instance.instanceId }, 'Registered with Eureka');
      this.state = 'up';
      this.failures = 0;
    } catch (error) {
      if (this.instance !== instance) return;
      // One line for an outage, not one for each try.
      const level = this.failures === 0 ? 'warn' : 'debug';
      this.logger[level]({ reason: (error as Error).message }, 'Eureka is not available; trying again');
      this.state = 'down';
      this.failures += 1;
    }
    this.plan(this.nextDelayMs());
  }

  private async renewOrRegister(http: EurekaHttp, instance: EurekaInstance): Promise<string> {
    if (this.registered) {
      const query = new URLSearchParams({ status: instance.status, lastDirtyTimestamp: instance.lastDirtyTimestamp });
      const path = `${pathOf(instance)}?${query}`;
      const { status, baseUrl } = await http.call({ method: 'PUT', path, expected: [200, 404] }, this.abort.signal);
      if (status === 200) return baseUrl;
      this.registered = false;
      this.logger.info({ eureka: baseUrl }, 'Eureka does not know this instance; registering again');
    }
    const request = {
      method: 'POST',
      path: `/apps/${encodeURIComponent(instance.app)}`,
      body: { instance },
      expected: [204],
    } as const;
    const { baseUrl } = await http.call(request, this.abort.signal);
    this.registered = true;
    return baseUrl;
  }

  private nextDelayMs(): number {
    const { heartbeatMs } = this.options;
    return this.failures === 0 ? heartbeatMs : Math.min(heartbeatMs, FIRST_RETRY_MS * 2 ** (this.failures - 1));
  }
}

/**
 * Colons stay: they are legal in a path (RFC 3986, 3.3), and every other client sends the id like
 * that.
 */
function pathOf({ app, instanceId }: EurekaInstance): string {
  return `/apps/${encodeURIComponent(app)}/${encodeURIComponent(instanceId).replaceAll('%3A', ':')}`;
}
