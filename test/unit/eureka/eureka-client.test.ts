import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { EurekaClient, type EurekaClientOptions } from '../../../src/integrations/eureka/eureka-client';
import { EurekaStub } from '../../fakes/eureka/eureka-stub';
import { eventually } from '../../support/eventually';

const ID = 'auth-1.example.org:auth-service:9000';
const REGISTERED = 'POST /eureka/apps/AUTH-SERVICE → 204';
const CANCELLED = `DELETE /eureka/apps/AUTH-SERVICE/${ID} → 200`;
const started = new Date('2025-01-02T03:04:05.678Z');
const clock = { now: () => started };
const renewed = (status: number) =>
  `PUT /eureka/apps/AUTH-SERVICE/${ID}?status=UP&lastDirtyTimestamp=${started.getTime()} → ${status}`;

let logged: string[] = [];
const logger = pino(
  { level: 'trace', base: null, timestamp: false },
  { write: (line: string) => void logged.push(line) },
);
const warnings = () =>
  logged.map((line) => JSON.parse(line) as { level: number; reason?: string }).filter(({ level }) => level >= 40);
let stub: EurekaStub;
const clients: EurekaClient[] = [];

beforeEach(async () => {
  logged = [];
  stub = new EurekaStub();
  await stub.start();
});

afterEach(async () => {
  stub.recover();
  await Promise.all(clients.splice(0).map((client) => client.stop()));
  await stub.stop();
});

function client(options: Partial<EurekaClientOptions> = {}): EurekaClient {
  const created = new EurekaClient({
    eurekaUrl: stub.url,
    appName: 'AUTH-SERVICE',
    hostName: 'auth-1.example.org',
    ipAddress: '192.0.2.10',
    port: 9000,
    healthPath: '/health/ready',
    heartbeatMs: 40,
    requestTimeoutMs: 300,
    logger,
    clock,
    ...options,
  });
  clients.push(created);
  return created;
}

const until = (condition: () => boolean | Promise<boolean>) =>
  eventually(`what follows on ${stub.log().join(' | ')}`, condition);

/**
 * What a Spring gateway does for `lb://AUTH-SERVICE`: an UP instance of the application, at the
 * port that is enabled.
 */
async function resolve(serviceId: string): Promise<string | undefined> {
  const response = await fetch(`${stub.url}/apps/${serviceId}`, {
    headers: { accept: 'application/json', connection: 'close' },
  });
  if (response.status !== 200) return undefined;
  const { application } = (await response.json()) as {
    application: { instance: { status: string; hostName: string; port: { $: number; '@enabled': string } }[] };
  };
  const instance = application.instance.find(({ status, port }) => status === 'UP' && port['@enabled'] === 'true');
  return instance && `http://${instance.hostName}:${instance.port.$}`;
}

describe('registration', () => {
  it('describes the service as a Spring service would', async () => {
    client({ heartbeatMs: undefined }).start();
    await until(() => stub.log().includes(REGISTERED));
    expect(stub.requests[0]?.body).toEqual({
      instance: {
        instanceId: ID,
        hostName: 'auth-1.example.org',
        app: 'AUTH-SERVICE',
        ipAddr: '192.0.2.10',
        status: 'UP',
        overriddenStatus: 'UNKNOWN',
        port: { $: 9000, '@enabled': 'true' },
        securePort: { $: 443, '@enabled': 'false' },
        countryId: 1,
        dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
        leaseInfo: { renewalIntervalInSecs: 30, durationInSecs: 90 },
        metadata: { 'management.port': '9000', 'management.context-path': '/identity' },
        homePageUrl: 'http://auth-1.example.org:9000/',
        statusPageUrl: 'http://auth-1.example.org:9000/health/ready',
        healthCheckUrl: 'http://auth-1.example.org:9000/health/ready',
        vipAddress: 'auth-service',
        secureVipAddress: 'auth-service',
        isCoordinatingDiscoveryServer: 'false',
        lastUpdatedTimestamp: String(started.getTime()),
        lastDirtyTimestamp: String(started.getTime()),
        actionType: 'ADDED',
      },
    });
  });

  it('is found by lb://AUTH-SERVICE, in any case and by its virtual host name', async () => {
    client().start();
    await until(async () => (await resolve('AUTH-SERVICE')) !== undefined);
    expect(await resolve('AUTH-SERVICE')).toBe('http://auth-1.example.org:9000');
    expect(await resolve('auth-service')).toBe('http://auth-1.example.org:9000');
    expect((await fetch(`${stub.url}/vips/AUTH-SERVICE`)).status).toBe(200);
  });

  it('puts an IPv6 host into brackets where a URL holds it', async () => {
    client({ hostName: '2001:db8::10' }).start();
    await until(() => stub.registry.all().length === 1);
    expect(stub.registry.all()[0]).toMatchObject({
      hostName: '2001:db8::10',
      healthCheckUrl: 'http://[2001:db8::10]:9000/health/ready',
    });
  });

  it('renews the lease, so that it outlives its duration', async () => {
    let now = started.getTime();
    await stub.stop();
    stub = new EurekaStub({ clock: { now: () => new Date(now) } });
    await stub.start();
    client().start();
    await until(() => stub.log().includes(renewed(200)));
    now += 3_001; // the lease of a heartbeat below a second is three seconds
    const before = stub.log('PUT').length;
    await until(() => stub.log('PUT').length > before + 1);
    expect(stub.log('POST')).toEqual([REGISTERED]);
    expect(await resolve('AUTH-SERVICE')).toBe('http://auth-1.example.org:9000');
  });

  it('registers again when the lease ran out or the instance was thrown out', async () => {
    client().start();
    await until(() => stub.log().includes(renewed(200)));
    stub.registry.cancel('AUTH-SERVICE', ID);
    await until(() => stub.log('POST').length === 2);
    expect(stub.log('PUT')).toContain(renewed(404)); // the next renewal may have followed already
    expect(await resolve('AUTH-SERVICE')).toBe('http://auth-1.example.org:9000');
  });

  it('stays out of service while an administrator wants it so', async () => {
    client().start();
    await until(() => stub.log('PUT').length > 0);
    await fetch(`${stub.url}/apps/AUTH-SERVICE/${ID}/status?value=OUT_OF_SERVICE`, { method: 'PUT' });
    const before = stub.log('PUT').length;
    await until(() => stub.log('PUT').length > before + 1);
    expect(await resolve('AUTH-SERVICE')).toBeUndefined();
    await fetch(`${stub.url}/apps/AUTH-SERVICE/${ID}/status?value=UP`, { method: 'DELETE' });
    expect(await resolve('AUTH-SERVICE')).toBe('http://auth-1.example.org:9000');
  });

  it('takes over from a process with the same id that died', async () => {
    client().start();
    await until(() => stub.registry.all().length === 1);
    const later = new Date(started.getTime() + 60_000);
    client({ clock: { now: () => later } }).start();
    await until(() => stub.registry.all()[0]?.lastDirtyTimestamp === String(later.getTime()));
    expect(stub.registry.all()).toHaveLength(1);
  });
});

describe('status', () => {
  it('is off without a URL, and start and stop do nothing', async () => {
    for (const eurekaUrl of [undefined, '']) {
      const off = client({ eurekaUrl });
      off.start();
      expect(off.status()).toBe('off');
      await off.stop();
    }
    expect(stub.requests).toEqual([]);
  });

  it('is off, down, up, down, up and off again', async () => {
    const registering = client();
    expect(registering.status()).toBe('off');
    await stub.stop();
    registering.start();
    expect(registering.status()).toBe('down');
    await stub.start();
    await until(() => registering.status() === 'up');
    stub.failWith(500);
    await until(() => registering.status() === 'down');
    stub.recover();
    await until(() => registering.status() === 'up');
    await registering.stop();
    expect(registering.status()).toBe('off');
  });
});

describe('Eureka in trouble', () => {
  it('survives its absence at the start and registers when it appears', async () => {
    await stub.stop();
    const registering = client();
    registering.start();
    await until(() => warnings().length > 0);
    expect(registering.status()).toBe('down');
    expect(warnings()).toEqual([
      {
        level: 40,
        reason: `No Eureka server took the POST (${stub.url}: ECONNREFUSED)`,
        msg: 'Eureka is not available; trying again',
      },
    ]);
    await stub.start();
    await until(() => registering.status() === 'up');
    expect(await resolve('AUTH-SERVICE')).toBe('http://auth-1.example.org:9000');
  });

  it('survives its restart, which loses the registry', async () => {
    const registering = client();
    registering.start();
    await until(() => stub.log('PUT').length > 0);
    await stub.stop();
    await until(() => registering.status() === 'down');
    await stub.start();
    await until(async () => (await resolve('AUTH-SERVICE')) !== undefined);
    expect(stub.log('POST')).toEqual([REGISTERED, REGISTERED]);
  });

  it('tries again later and later, up to the interval of the heartbeat', async () => {
    jest.useFakeTimers({ doNotFake: ['performance', 'nextTick', 'queueMicrotask'] });
    try {
      const begun = Date.now();
      const calls: number[] = [];
      const refuse: typeof fetch = async () => {
        calls.push((Date.now() - begun) / 1000);
        throw new TypeError('fetch failed');
      };
      const registering = client({ fetch: refuse, heartbeatMs: 30_000 });
      registering.start();
      await jest.advanceTimersByTimeAsync(121_000);
      expect(calls).toEqual([0, 1, 3, 7, 15, 31, 61, 91, 121]);
      await registering.stop();
    } finally {
      jest.useRealTimers();
    }
  });

  it('never has more than one request under way at a server that hangs', async () => {
    stub.hang();
    const registering = client({ requestTimeoutMs: 100 });
    registering.start();
    await until(() => stub.requests.length >= 3);
    expect(registering.status()).toBe('down');
    expect(warnings().map(({ reason }) => reason)).toEqual([
      `No Eureka server took the POST (${stub.url}: TimeoutError)`,
    ]);
    stub.recover();
    await until(() => registering.status() === 'up');
  });

  it('does not take a login page or a redirect for success', async () => {
    for (const status of [200, 302, 401, 503]) {
      stub.failWith(status);
      const registering = client();
      registering.start();
      const answered = () => stub.log('POST').filter((line) => line.endsWith(String(status))).length;
      await until(() => answered() > 1); // the answer before it has been read
      expect(registering.status()).toBe('down');
      stub.recover();
      await registering.stop();
    }
  });

  it('goes to the next server of the list, and back when that one is away', async () => {
    const second = new EurekaStub();
    await second.start();
    try {
      await stub.stop();
      const registering = client({ eurekaUrl: `${stub.url}/, ${second.url}` });
      registering.start();
      await until(() => second.log('PUT').length > 1);
      expect(second.log('POST')).toEqual([REGISTERED]);
      await stub.start();
      await second.stop();
      await until(() => stub.log('POST').length === 1 && registering.status() === 'up');
    } finally {
      await second.stop();
    }
  });
});

describe('authentication', () => {
  const credentials = { user: 'eureka', password: 's3cret:p@ss/ä' };

  beforeEach(async () => {
    await stub.stop();
    stub = new EurekaStub({ credentials });
    await stub.start();
  });

  it('sends the credentials of the URL with every request, and never logs them', async () => {
    const registering = client({ eurekaUrl: stub.urlWithCredentials });
    registering.start();
    await until(() => stub.log('PUT').length > 0);
    await stub.stop();
    await until(() => registering.status() === 'down');
    await stub.start();
    await until(() => registering.status() === 'up');
    await registering.stop();
    expect(stub.log().at(-1)).toBe(CANCELLED);
    const header = `Basic ${Buffer.from('eureka:s3cret:p@ss/ä').toString('base64')}`;
    expect(new Set(stub.requests.map(({ authorization }) => authorization))).toEqual(new Set([header]));
    expect(logged.length).toBeGreaterThan(2);
    expect(logged.join()).not.toMatch(new RegExp(`s3cret|%40ss|${header.slice(6)}`));
  });

  it('stays down with wrong credentials, without logging them', async () => {
    const registering = client({ eurekaUrl: stub.urlWithCredentials.replace('s3cret', 'wr0ng') });
    registering.start();
    await until(() => stub.requests.length > 1);
    expect(registering.status()).toBe('down');
    expect(warnings().map(({ reason }) => reason)).toEqual([
      `No Eureka server took the POST (${stub.url}: status 401)`,
    ]);
    expect(logged.join()).not.toContain('wr0ng');
  });
});

describe('stop', () => {
  it('deregisters, so that no gateway sends requests to a closed port', async () => {
    const registering = client();
    registering.start();
    await until(() => registering.status() === 'up');
    await registering.stop();
    expect(stub.log().at(-1)).toBe(CANCELLED);
    expect(await resolve('AUTH-SERVICE')).toBeUndefined();
    const count = stub.requests.length;
    await sleep(150);
    expect(stub.requests).toHaveLength(count);
  });

  it('waits for a registration under way, which would outlive the cancellation', async () => {
    let isUnderWay = false;
    const slow: typeof fetch = async (input, init) => {
      if (init?.method === 'POST') {
        isUnderWay = true;
        await sleep(200);
      }
      return fetch(input, init);
    };
    const registering = client({ fetch: slow });
    registering.start();
    await until(() => isUnderWay);
    await registering.stop();
    expect(stub.log()).toEqual([REGISTERED, CANCELLED]);
    expect(stub.registry.all()).toEqual([]);
  });

  it('ends when Eureka hangs, long before its requests time out', async () => {
    const registering = client({ requestTimeoutMs: 600_000 });
    registering.start();
    await until(() => registering.status() === 'up');
    stub.hang();
    const before = stub.requests.length;
    await until(() => stub.requests.length > before); // a heartbeat that is never answered
    await registering.stop();
    expect(warnings().at(-1)).toEqual({
      level: 40,
      reason: `No Eureka server took the DELETE (${stub.url}: TimeoutError)`,
      msg: 'Could not deregister from Eureka; the lease will run out',
    });
  });

  it('ends when Eureka is away', async () => {
    const registering = client();
    registering.start();
    await until(() => registering.status() === 'up');
    await stub.stop();
    await registering.stop();
    expect(registering.status()).toBe('off');
  });

  it('can be called before start, twice and at the same time', async () => {
    const registering = client();
    await registering.stop();
    registering.start();
    await until(() => registering.status() === 'up');
    await Promise.all([registering.stop(), registering.stop()]);
    await registering.stop();
    expect(stub.log('DELETE')).toEqual([CANCELLED]);
  });

  it('can be started again', async () => {
    const registering = client();
    registering.start();
    registering.start();
    await until(() => registering.status() === 'up');
    await registering.stop();
    registering.start();
    await until(() => registering.status() === 'up');
    expect(stub.log('POST')).toEqual([REGISTERED, REGISTERED]);
  });
});
