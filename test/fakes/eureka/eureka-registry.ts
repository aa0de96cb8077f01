import type { Clock } from '../../../src/config/clock';

/** What a client registered, as it came, plus what the server knows about it. */
export interface RegisteredInstance {
  [member: string]: unknown;
  instanceId: string;
  app: string;
  hostName: string;
  ipAddr: string;
  status: string;
  overriddenStatus: string;
}

interface Lease {
  instance: RegisteredInstance;
  durationMs: number;
  registeredAt: number;
  /** The lease ends `durationMs` after this. */
  renewedAt: number;
}

export type Registration = { status: 204 } | { status: 400; message: string };

const DEFAULT_DURATION_S = 90;

/**
 * The rules of Netflix Eureka's registry that a client can notice, told from the sources of
 * Netflix/eureka (ApplicationResource, InstanceResource, AbstractInstanceRegistry, Lease). Left
 * out: peers, self preservation, and the eviction timer, so that a lease is gone as soon as it has
 * run out by the clock passed in.
 */
export class EurekaRegistry {
  private readonly leases = new Map<string, Lease>();
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /**
   * ApplicationResource.addInstance: the checks in its order; an older description never replaces a
   * newer one.
   */
  register(appName: string, body: unknown): Registration {
    const instance = isRecord(body) && isRecord(body.instance) ? body.instance : undefined;
    if (!instance) return { status: 400, message: 'cannot parse request body' };
    const { hostName, ipAddr, app, dataCenterInfo } = instance;
    const instanceId = isText(instance.instanceId) ? instance.instanceId : hostName;
    if (!isText(instanceId)) return { status: 400, message: 'Missing instanceId' };
    if (!isText(hostName)) return { status: 400, message: 'Missing hostname' };
    if (!isText(ipAddr)) return { status: 400, message: 'Missing ip address' };
    if (!isText(app)) return { status: 400, message: 'Missing appName' };
    if (app.toUpperCase() !== appName)
      return { status: 400, message: `Mismatched appName, expecting ${appName} but was ${app.toUpperCase()}` };
    if (!isRecord(dataCenterInfo)) return { status: 400, message: 'Missing dataCenterInfo' };
    if (!isText(dataCenterInfo.name)) return { status: 400, message: 'Missing dataCenterInfo Name' };
    if (!isPort(instance.port)) return { status: 400, message: 'cannot parse request body' };

    const known = this.find(appName, instanceId)?.instance;
    const newer = known && Number(known.lastDirtyTimestamp) > Number(instance.lastDirtyTimestamp) ? known : instance;
    const now = this.clock.now().getTime();
    const { durationInSecs } = isRecord(instance.leaseInfo) ? instance.leaseInfo : {};
    this.leases.set(keyOf(appName, instanceId), {
      instance: {
        ...newer,
        instanceId,
        app: appName,
        hostName,
        ipAddr,
        status: isText(newer.status) ? newer.status : 'UP',
        overriddenStatus: known?.overriddenStatus ?? 'UNKNOWN',
      },
      durationMs: 1000 * (typeof durationInSecs === 'number' ? durationInSecs : DEFAULT_DURATION_S),
      registeredAt: now,
      renewedAt: now,
    });
    return { status: 204 };
  }

  /**
   * InstanceResource.renewLease: 404 when unknown, and when the client says that it has changed
   * since it registered.
   */
  renew(appName: string, instanceId: string, lastDirtyTimestamp: string | null): 200 | 404 {
    const lease = this.find(appName, instanceId);
    if (!lease) return 404;
    // Lease.renew adds the duration once too often; its comment says so, and that it stays like
    // that.
    lease.renewedAt = this.clock.now().getTime() + lease.durationMs;
    return lastDirtyTimestamp !== null && Number(lastDirtyTimestamp) > Number(lease.instance.lastDirtyTimestamp)
      ? 404
      : 200;
  }

  cancel(appName: string, instanceId: string): 200 | 404 {
    const known = this.find(appName, instanceId) !== undefined;
    this.leases.delete(keyOf(appName, instanceId));
    return known ? 200 : 404;
  }

  /** Takes an instance out of service (`OUT_OF_SERVICE`), or back into it (null). */
  override(appName: string, instanceId: string, status: string | null): 200 | 404 {
    const lease = this.find(appName, instanceId);
    if (!lease) return 404;
    lease.instance.overriddenStatus = status ?? 'UNKNOWN';
    return 200;
  }

  instance(appName: string, instanceId: string): RegisteredInstance | undefined {
    const lease = this.find(appName, instanceId);
    return lease && shown(lease);
  }

  instances(appName: string): RegisteredInstance[] {
    return this.all().filter(({ app }) => app === appName);
  }

  all(): RegisteredInstance[] {
    return [...this.leases.values()].filter((lease) => !this.hasEnded(lease)).map(shown);
  }

  clear(): void {
    this.leases.clear();
  }

  private find(appName: string, instanceId: string): Lease | undefined {
    const lease = this.leases.get(keyOf(appName, instanceId));
    return lease && !this.hasEnded(lease) ? lease : undefined;
  }

  private hasEnded({ renewedAt, durationMs }: Lease): boolean {
    return this.clock.now().getTime() > renewedAt + durationMs;
  }
}

/**
 * As the server shows it: an override hides the status that the client gave, and the lease has its
 * times.
 */
function shown({ instance, durationMs, registeredAt, renewedAt }: Lease): RegisteredInstance {
  const { overriddenStatus } = instance;
  return {
    ...instance,
    status: overriddenStatus === 'UNKNOWN' ? instance.status : overriddenStatus,
    leaseInfo: {
      renewalIntervalInSecs: isRecord(instance.leaseInfo) ? instance.leaseInfo.renewalIntervalInSecs : 30,
      durationInSecs: durationMs / 1000,
      registrationTimestamp: registeredAt,
      lastRenewalTimestamp: renewedAt,
      evictionTimestamp: 0,
      serviceUpTimestamp: registeredAt,
    },
  };
}

function keyOf(appName: string, instanceId: string): string {
  return `${appName}/${instanceId}`;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** The codec reads the number from `$`; `@enabled` may be a string or a boolean. */
function isPort(value: unknown): boolean {
  return value === undefined || (isRecord(value) && Number.isInteger(Number(value.$)));
}
