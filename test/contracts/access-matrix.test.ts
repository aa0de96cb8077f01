import type { AddressInfo } from 'node:net';
import { readOperation } from '../../src/graphql/server/operation';
import { describeSchema } from '../../src/graphql/server/schema';
import { restContracts } from '../../src/rest/contracts';
import { type Port, type Route, rowsOf } from '../../src/rest/engine/contract';
import { DisableUserDocument } from '../../src/rest/generated/operations';
import { builtInPermissions } from '../../src/security/scopes';
import { EXPECTED } from '../graphql/access-expectations';
import { PASSWORD, startApp, type TestApp, type TestUser } from '../support/app';
import { minimalOperation, NOBODY, rootFields } from '../support/minimal-operation';
import { RestChannel } from '../support/rest';

/** Rows that need more than their operation alone, because of what they always send. */
const ROW_SCOPES: Record<string, readonly string[]> = {
  'POST /users/admin/users': ['CREATE_USER', 'ASSIGN_ROLE'],
};

interface Row {
  name: string;
  port: Port;
  path: string;
  route: Route;
  /** The scopes it needs; none for any valid token, null where it is public. */
  scopes: readonly string[] | null;
}

const rows: Row[] = restContracts({ strict: false }, {} as never).flatMap((contract) =>
  (['main', 'gateway'] as const).flatMap((port) =>
    contract.mounts[port].flatMap((mount) =>
      rowsOf(mount, contract.routes).map(({ path, route }) => ({
        name: `${port} port: ${route.method} ${path}`,
        port,
        path,
        route,
        scopes: ROW_SCOPES[`${route.method} ${route.path}`] ?? scopesOf(readOperation(route.operation).field),
      })),
    ),
  ),
);

function scopesOf(field: string): readonly string[] | null {
  const expected = EXPECTED[field]!;
  if (expected === 'signed-in') return [];
  if (expected === 'anybody' || expected === 'gateway') return null;
  if (typeof expected === 'string') return [expected];
  return 'others' in expected ? [expected.others] : null;
}

let app: TestApp;
let origins: Record<Port, string>;
let users: Map<string, Bearers>;
let rejected: Record<string, string>;

/** The access tokens of one user: both kinds are taken on every channel. */
type Bearers = Record<'session' | 'compat', string>;

async function bearersOf(user: TestUser): Promise<Bearers> {
  const identity = new RestChannel('main port', `${app.origin}/identity`);
  const { body } = await identity.call('POST /auth/token', { body: { username: user.username, password: PASSWORD } });
  return { session: user.token, compat: body.result.token };
}

beforeAll(async () => {
  app = await startApp({ env: { GATEWAY_PORT: '0', ACCESS_TOKEN_TTL: '3600', TOKEN_TTL: '3600' } });
  const { port } = app.app.gatewayHttp!.server.address() as AddressInfo;
  origins = { main: app.origin, gateway: `http://127.0.0.1:${port}` };
  const early = await bearersOf(await app.user());
  app.clock.advance(3601);
  const disabled = await app.user();
  const dead = await bearersOf(disabled);
  await app.data(DisableUserDocument, { input: { id: disabled.id } }, await app.admin());
  const plain = await app.user();
  rejected = {
    garbage: 'not.a.token',
    'an expired session token': early.session,
    'an expired compat token': early.compat,
    'a disabled user’s session token': dead.session,
    'a disabled user’s compat token': dead.compat,
    'a refresh token': plain.tokens.refreshToken,
  };
  users = new Map([['', await bearersOf(plain)]]);
  for (const scopes of new Set(rows.flatMap((row) => (row.scopes?.length ? [row.scopes] : [])))) {
    const others = Object.keys(builtInPermissions).filter((permission) => !scopes.includes(permission));
    if (users.has(scopes.join())) continue;
    users.set(scopes.join(), await bearersOf(await app.user({ permissions: [...scopes] })));
    users.set(`all but ${scopes.join()}`, await bearersOf(await app.user({ permissions: others })));
  }
});
afterAll(() => app.close());

let count = 0;

/** Limits count per e-mail address; what else is missing is told after access. */
async function send({ port, path, route }: Row, token?: string): Promise<{ status: number; text: string }> {
  const response = await fetch(origins[port] + path.replace(/:\w+/g, NOBODY), {
    method: route.method,
    headers: {
      ...(route.body && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(route.body && { body: JSON.stringify({ email: `nobody${++count}@example.org` }) }),
  });
  return { status: response.status, text: await response.text() };
}

const named = (some: Row[]) => some.map((row) => [row.name, row] as const);

test('every operation of a row has an expectation', () => {
  expect(rows.length).toBeGreaterThan(40);
  expect(rows.map(({ route }) => readOperation(route.operation).field).filter((field) => !(field in EXPECTED))).toEqual(
    [],
  );
});

test.each(named(rows.filter(({ scopes }) => scopes === null)))(
  '%s ignores the Authorization header',
  async (_, row) => {
    const anonymous = await send(row);
    for (const token of [...Object.values(rejected), ...Object.values(users.get('')!)])
      expect(await send(row, token)).toEqual(anonymous);
  },
);

test.each(named(rows.filter(({ scopes }) => scopes !== null)))('%s: each kind of caller', async (_, row) => {
  expect((await send(row)).status).toBe(401);
  for (const [kind, token] of Object.entries(rejected))
    expect([kind, (await send(row, token)).status]).toEqual([kind, 401]);
  const scopes = row.scopes!;
  const statuses = async (principal: string) =>
    Promise.all(Object.values(users.get(principal)!).map(async (token) => (await send(row, token)).status));
  if (scopes.length > 0) {
    expect(await statuses('')).toEqual([403, 403]);
    expect(await statuses(`all but ${scopes.join()}`)).toEqual([403, 403]);
  }
  for (const status of await statuses(scopes.join())) expect([401, 403, 500]).not.toContain(status);
});

test.each(rootFields(describeSchema()).map(({ name }) => name))(
  '%s decides alike for a session token and a compat token over GraphQL, and rejects a refresh token',
  async (name) => {
    const expected = EXPECTED[name]!;
    const given = typeof expected === 'string' ? {} : 'others' in expected ? expected.given : expected.anybody();
    const { query, variables } = minimalOperation(rootFields(app.app.schema).find((f) => f.name === name)!, given);
    const codes = async (token: string) =>
      ((await app.gql(query, variables, token)).body.errors ?? []).map(({ extensions }) => extensions?.code);
    const isProtected = (scopesOf(name)?.length ?? 0) > 0;
    for (const kind of ['session', 'compat'] as const) {
      // what an own account changes ends its other tokens
      const bearers = isProtected ? users.get('')! : await bearersOf(await app.user());
      const [code] = await codes(bearers[kind]);
      if (isProtected) expect(code).toBe('FORBIDDEN');
      else expect(['UNAUTHENTICATED', 'FORBIDDEN']).not.toContain(code);
    }
    const withRefreshToken = await codes(rejected['a refresh token']!);
    if (scopesOf(name) === null) expect(withRefreshToken).not.toContain('UNAUTHENTICATED');
    else expect(withRefreshToken).toEqual(['UNAUTHENTICATED']);
  },
);
