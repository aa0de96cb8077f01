import { EurekaStub } from '../../fakes/eureka/eureka-stub';

/**
 * The stand-in is only worth something while it answers as the documentation of the real server
 * says.
 */
const instance = {
  instanceId: 'a:auth-service:9000',
  hostName: 'a',
  app: 'AUTH-SERVICE',
  ipAddr: '192.0.2.1',
  status: 'UP',
  port: { $: 9000, '@enabled': 'true' },
  dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
  leaseInfo: { renewalIntervalInSecs: 30, durationInSecs: 90 },
  metadata: { note: '<&"' },
  vipAddress: 'auth-service',
  lastDirtyTimestamp: '1000',
};
const PATH = '/apps/AUTH-SERVICE/a:auth-service:9000';

let now = 1_000_000;
const stub = new EurekaStub({ clock: { now: () => new Date(now) } });

beforeEach(async () => {
  now = 1_000_000;
  await stub.start();
});

afterEach(() => stub.stop());

async function ask(
  method: string,
  path: string,
  options: { body?: unknown; accept?: string; contentType?: string } = {},
) {
  const { body, accept = 'application/json', contentType = 'application/json' } = options;
  const response = await fetch(stub.url + path, {
    method,
    headers: { accept, connection: 'close', ...(body !== undefined && { 'content-type': contentType }) },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    text,
    json: () => JSON.parse(text) as unknown,
  };
}

const register = (changes: Record<string, unknown> = {}, app = 'AUTH-SERVICE') =>
  ask('POST', `/apps/${app}`, { body: { instance: { ...instance, ...changes } } });

it('registers with 204, renews with 200, cancels with 200, and then answers 404', async () => {
  expect((await ask('PUT', PATH)).status).toBe(404);
  expect(await register()).toMatchObject({ status: 204, text: '' });
  expect((await ask('PUT', `${PATH}?status=UP&lastDirtyTimestamp=1000`)).status).toBe(200);
  expect((await ask('DELETE', PATH)).status).toBe(200);
  expect((await ask('DELETE', PATH)).status).toBe(404);
  expect((await ask('PUT', PATH)).status).toBe(404);
  expect((await ask('GET', PATH)).status).toBe(404);
  expect((await ask('GET', '/apps/AUTH-SERVICE')).status).toBe(404);
});

it('shows instances in JSON', async () => {
  await register();
  const shown = {
    ...instance,
    overriddenStatus: 'UNKNOWN',
    leaseInfo: {
      renewalIntervalInSecs: 30,
      durationInSecs: 90,
      registrationTimestamp: 1_000_000,
      lastRenewalTimestamp: 1_000_000,
      evictionTimestamp: 0,
      serviceUpTimestamp: 1_000_000,
    },
  };
  const applications = {
    versions__delta: '1',
    apps__hashcode: 'UP_1_',
    application: [{ name: 'AUTH-SERVICE', instance: [shown] }],
  };
  expect((await ask('GET', PATH)).json()).toEqual({ instance: shown });
  expect((await ask('GET', '/instances/a:auth-service:9000')).json()).toEqual({ instance: shown });
  expect((await ask('GET', '/apps/auth-service')).json()).toEqual({
    application: { name: 'AUTH-SERVICE', instance: [shown] },
  });
  expect((await ask('GET', '/apps')).json()).toEqual({ applications });
  expect((await ask('GET', '/apps/')).json()).toEqual({ applications });
  expect((await ask('GET', '/apps/delta')).json()).toEqual({ applications });
  expect((await ask('GET', '/vips/AUTH-SERVICE')).json()).toEqual({ applications });
  expect((await ask('GET', '/vips/other')).status).toBe(404);
});

it('shows instances in XML unless JSON is asked for', async () => {
  await register();
  const { type, text } = await ask('GET', '/apps/AUTH-SERVICE', { accept: '*/*' });
  expect(type).toBe('application/xml');
  expect(text).toContain(
    '<application><name>AUTH-SERVICE</name><instance><instanceId>a:auth-service:9000</instanceId>',
  );
  expect(text).toContain('<port enabled="true">9000</port>');
  expect(text).toContain(
    '<dataCenterInfo class="com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo"><name>MyOwn</name></dataCenterInfo>',
  );
  expect(text).toContain('<note>&lt;&amp;&quot;</note>');
});

it.each([
  [{ instanceId: '', hostName: '' }, 'Missing instanceId'],
  [{ hostName: undefined }, 'Missing hostname'],
  [{ ipAddr: undefined }, 'Missing ip address'],
  [{ app: undefined }, 'Missing appName'],
  [{ app: 'OTHER' }, 'Mismatched appName, expecting AUTH-SERVICE but was OTHER'],
  [{ dataCenterInfo: undefined }, 'Missing dataCenterInfo'],
  [{ dataCenterInfo: { '@class': 'x' } }, 'Missing dataCenterInfo Name'],
  [{ port: 9000 }, 'cannot parse request body'],
])('refuses a registration with %j', async (changes, text) => {
  expect(await register(changes)).toMatchObject({ status: 400, text });
});

it('refuses a registration that is no JSON object with an instance, or of another type', async () => {
  for (const body of ['{', '[]', '{"instance":[]}', 'null', '{}']) {
    expect((await ask('POST', '/apps/AUTH-SERVICE', { body })).status).toBe(400);
  }
  expect((await ask('POST', '/apps/AUTH-SERVICE', { body: '{}', contentType: 'text/plain' })).status).toBe(415);
});

it('evicts an instance whose lease ran out: after its duration, and twice that after a renewal', async () => {
  await register();
  now += 90_000;
  expect((await ask('GET', PATH)).status).toBe(200);
  now += 1;
  expect((await ask('GET', PATH)).status).toBe(404);
  await register();
  await ask('PUT', PATH);
  now += 180_000;
  expect((await ask('GET', PATH)).status).toBe(200);
  now += 1;
  expect((await ask('PUT', PATH)).status).toBe(404);
});

it('asks a client that has changed since to register again, and keeps the newer description', async () => {
  await register();
  expect((await ask('PUT', `${PATH}?lastDirtyTimestamp=1001`)).status).toBe(404);
  expect((await ask('PUT', `${PATH}?lastDirtyTimestamp=999`)).status).toBe(200);
  await register({ lastDirtyTimestamp: '2000', metadata: { version: 'new' } });
  await register({ lastDirtyTimestamp: '1500', metadata: { version: 'old' } });
  expect((await ask('GET', PATH)).json()).toMatchObject({
    instance: { metadata: { version: 'new' }, lastDirtyTimestamp: '2000' },
  });
});

it('takes an instance out of service and back, also when it registers again', async () => {
  await register();
  expect((await ask('PUT', `${PATH}/status?value=OUT_OF_SERVICE`)).status).toBe(200);
  await register();
  expect((await ask('GET', PATH)).json()).toMatchObject({
    instance: { status: 'OUT_OF_SERVICE', overriddenStatus: 'OUT_OF_SERVICE' },
  });
  expect((await ask('DELETE', `${PATH}/status`)).status).toBe(200);
  expect((await ask('GET', PATH)).json()).toMatchObject({ instance: { status: 'UP' } });
  expect((await ask('PUT', '/apps/AUTH-SERVICE/unknown/status?value=DOWN')).status).toBe(404);
});

it('loses its registry in a restart, and keeps its address', async () => {
  await register();
  const { url } = stub;
  await stub.stop();
  await expect(fetch(`${url}/apps`)).rejects.toThrow();
  await stub.start();
  expect(stub.url).toBe(url);
  expect((await ask('GET', '/apps')).json()).toEqual({
    applications: { versions__delta: '1', apps__hashcode: '', application: [] },
  });
});

it('asks for the credentials that it was given', async () => {
  const guarded = new EurekaStub({ credentials: { user: 'u', password: 'p' } });
  await guarded.start();
  try {
    expect((await fetch(`${guarded.url}/apps`)).status).toBe(401);
    expect(
      (await fetch(`${guarded.url}/apps`, { headers: { authorization: `Basic ${btoa('u:wrong')}` } })).status,
    ).toBe(401);
    expect((await fetch(`${guarded.url}/apps`, { headers: { authorization: `Basic ${btoa('u:p')}` } })).status).toBe(
      200,
    );
  } finally {
    await guarded.stop();
  }
});

it('answers no other paths and methods', async () => {
  expect((await ask('GET', '/lastn')).status).toBe(404);
  expect((await ask('POST', '/apps', { body: {} })).status).toBe(405);
  expect((await ask('PATCH', PATH)).status).toBe(405);
});
