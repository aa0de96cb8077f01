import { restContracts } from '../../src/rest/contracts';
import { type RestWorld, startRest } from '../support/rest';

const ORIGIN = 'http://localhost:3000';

let world: RestWorld;
beforeAll(async () => {
  world = await startRest();
});
afterAll(() => world.close());

const origins = () => ({ main: world.app.origin, gateway: new URL(world.gateway.base).origin });

/** Every address of every contract, without its prefix being said twice. */
const addresses = restContracts({ strict: false }, { believes: () => ({}) } as never).flatMap((contract) =>
  (['main', 'gateway'] as const).flatMap((port) =>
    contract.mounts[port].flatMap(({ prefix, only }) =>
      contract.routes
        .filter(({ path }) => only === undefined || path.startsWith(only))
        .map(({ method, path }) => ({ port, method, path: (prefix + path).replace(/:\w+/g, 'x') })),
    ),
  ),
);

const cors = (headers: Headers) =>
  Object.fromEntries(
    [...headers].filter(([name]) => name.startsWith('access-control-')).map(([name, value]) => [name, value]),
  );

const readable = {
  'access-control-allow-origin': ORIGIN,
  'access-control-allow-credentials': 'true',
  'access-control-expose-headers': 'Authorization, Retry-After, X-Request-Id',
};

test.each(addresses)(
  'a preflight for $method $path on the $port port needs no token and allows every header',
  async ({ port, method, path }) => {
    const response = await fetch(origins()[port] + path, {
      method: 'OPTIONS',
      headers: {
        origin: ORIGIN,
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization,content-type,x-whatever',
      },
    });
    expect([response.status, await response.text()]).toEqual([204, '']);
    expect(cors(response.headers)).toEqual({
      ...readable,
      'access-control-allow-methods': 'GET, POST, PUT, DELETE, OPTIONS',
      'access-control-allow-headers': 'authorization,content-type,x-whatever',
      'access-control-max-age': '600',
    });
  },
);

describe.each(['main', 'gateway'] as const)('on the %s port a browser can read', (port) => {
  const cases: [what: string, status: number, route: string, sent: Parameters<RestWorld['main']['call']>[1]][] = [
    ['a success', 200, 'POST /auth/token', { body: { username: 'admin', password: 'password123' } }],
    ['a 400', 400, 'POST /auth/token', { raw: '{' }],
    ['a 401', 401, 'GET /users/my-info', { token: 'garbage' }],
    ['a 404 of the operation', 404, 'POST /auth/token', { body: { username: 'nobody', password: 'x' } }],
    ['a 404 of the path', 404, 'GET /nothing', {}],
    ['a path that cannot be decoded', 400, 'GET /users/%ZZ', {}],
    ['a 405', 405, 'DELETE /users', {}],
    ['a 413', 413, 'POST /auth/token', { raw: 'x'.repeat(2_000_000) }],
    [
      'a 415',
      415,
      'POST /auth/token',
      { raw: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    ],
  ];

  test.each(cases)('%s', async (_what, status, route, sent = {}) => {
    const answer = await world[port].call(route, { ...sent, headers: { ...sent.headers, origin: ORIGIN } });
    expect(answer.status).toBe(status);
    expect(cors(answer.headers)).toEqual(readable);
    expect(answer.headers.get('vary')).toMatch(/origin/i);
  });

  test('nothing from an origin that is not on the list', async () => {
    for (const origin of [
      'http://localhost:3001',
      'https://localhost:3000',
      'http://evil.example',
      'null',
      'http://localhost:3000.evil.example',
    ]) {
      const answer = await world[port].call('POST /auth/token', { body: {}, headers: { origin } });
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      const preflight = await fetch(`${world[port].base}/users`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'GET' },
      });
      expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
    }
  });
});
