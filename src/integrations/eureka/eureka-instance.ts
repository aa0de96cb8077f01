/** The description of this service. */
export interface InstanceOptions {
  appName: string;
  hostName: string;
  ipAddress: string;
  port: number;
  /** Path of the health check below the root of the port, such as `/health/ready`. */
  healthPath: string;
  /** The path below which the API lives (Spring's server.servlet.context-path). */
  contextPath: string;
  heartbeatMs: number;
}

/**
 * The `instance` object of a registration: the JSON form of InstanceInfo that "Eureka REST
 * operations" (wiki of Netflix/eureka) describes, and that Netflix's own Jackson codec reads.
 */
export interface EurekaInstance {
  instanceId: string;
  hostName: string;
  app: string;
  ipAddr: string;
  status: 'UP';
  overriddenStatus: 'UNKNOWN';
  port: { $: number; '@enabled': 'true' | 'false' };
  securePort: { $: number; '@enabled': 'true' | 'false' };
  countryId: 1;
  dataCenterInfo: { '@class': string; name: 'MyOwn' };
  leaseInfo: { renewalIntervalInSecs: number; durationInSecs: number };
  metadata: Record<string, string>;
  homePageUrl: string;
  statusPageUrl: string;
  healthCheckUrl: string;
  vipAddress: string;
  secureVipAddress: string;
  isCoordinatingDiscoveryServer: 'false';
  lastUpdatedTimestamp: string;
  lastDirtyTimestamp: string;
  actionType: 'ADDED';
}

/**
 * Netflix's server keeps a lease for three missed heartbeats: 30 and 90 seconds in
 * EurekaInstanceConfigBean.
 */
const HEARTBEATS_PER_LEASE = 3;

/**
 * Describes the service as a Spring service of the same name would (EurekaInstanceConfigBean,
 * InstanceInfoFactory and DefaultManagementMetadataProvider of Spring Cloud Netflix):
 * - `app` in capitals, which the server insists on; the virtual host names and the id as in
 *   `spring.application.name`, by habit in small letters. `lb://AUTH-SERVICE` finds it in any case,
 *   since Netflix's client compares virtual host names in capitals.
 * - only the plain port is enabled, so that a load balancer builds http URLs.
 *
 * @param since the time of the change, in milliseconds of the epoch. The server keeps the
 *   description with the latest one, so it must grow from one start of the process to the next.
 */
export function describeInstance(options: InstanceOptions, since: number): EurekaInstance {
  const { appName, hostName, ipAddress, port, healthPath, contextPath, heartbeatMs } = options;
  const service = appName.toLowerCase();
  const root = `http://${hostName.includes(':') ? `[${hostName}]` : hostName}:${port}`;
  const renewalIntervalInSecs = Math.max(1, Math.ceil(heartbeatMs / 1000));
  return {
    instanceId: `${hostName}:${service}:${port}`,
    hostName,
    app: appName.toUpperCase(),
    ipAddr: ipAddress,
    status: 'UP',
    overriddenStatus: 'UNKNOWN',
    port: { $: port, '@enabled': 'true' },
    securePort: { $: 443, '@enabled': 'false' },
    countryId: 1,
    dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
    leaseInfo: { renewalIntervalInSecs, durationInSecs: renewalIntervalInSecs * HEARTBEATS_PER_LEASE },
    metadata: { 'management.port': String(port), 'management.context-path': contextPath },
    homePageUrl: `${root}/`,
    statusPageUrl: `${root}${healthPath}`,
    healthCheckUrl: `${root}${healthPath}`,
    vipAddress: service,
    secureVipAddress: service,
    isCoordinatingDiscoveryServer: 'false',
    lastUpdatedTimestamp: String(since),
    lastDirtyTimestamp: String(since),
    actionType: 'ADDED',
  };
}
