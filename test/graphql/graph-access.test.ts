import { getNamedType, isIntrospectionType, isObjectType } from 'graphql';
import { AuditEventsDocument } from '../../src/rest/generated/operations';
import { builtInPermissions } from '../../src/security/scopes';
import { startApp, type TestApp, type TestUser } from '../support/app';
import { eventually } from '../support/eventually';
import { RELATIONS } from './access-expectations';

/** How a caller reaches an object of another account, and with which scopes. */
interface Way {
  scopes: readonly string[];
  query(other: TestUser): string;
  /** Path of the field in the answer. */
  path: readonly (string | number)[];
}

let count = 0;
/** A client that registers an account reads it in the payload, which needs no scope. */
const newUser = (field: string): Way => ({
  scopes: [],
  query: () =>
    `mutation { createUser(input: { username: "reached-${++count}", password: "correct horse" }) { user { id ${field} { __typename } } } }`,
  path: ['createUser', 'user', field],
});

const WAYS: Record<string, Way> = {
  'User.profile': newUser('profile'),
  'User.sessions': newUser('sessions'),
  'User.loginAttempts': newUser('loginAttempts'),
  'User.auditEvents': newUser('auditEvents'),
  'Role.users': {
    scopes: [],
    query: () => '{ me { roles { id users(first: 1) { __typename } } } }',
    path: ['me', 'roles', 0, 'users'],
  },
  'Permission.roles': {
    scopes: ['CREATE_ROLE'],
    query: () => '{ me { roles { permissions { id roles { __typename } } } } }',
    path: ['me', 'roles', 0, 'permissions', 0, 'roles'],
  },
  'Session.user': {
    scopes: ['READ_SESSIONS'],
    query: ({ id }) => `{ sessions(userId: "${id}", first: 1) { nodes { id user { __typename } } } }`,
    path: ['sessions', 'nodes', 0, 'user'],
  },
  'LoginAttempt.user': {
    scopes: ['READ_LOGIN_ATTEMPTS'],
    query: ({ id }) => `{ loginAttempts(userId: "${id}", first: 1) { nodes { id user { __typename } } } }`,
    path: ['loginAttempts', 'nodes', 0, 'user'],
  },
  'AuditEvent.actor': {
    scopes: ['READ_AUDIT_LOG'],
    query: () => '{ auditEvents(first: 1, filter: { action: "role.created" }) { nodes { id actor { __typename } } } }',
    path: ['auditEvents', 'nodes', 0, 'actor'],
  },
};

/** A profile of another account is read with the scope that its user needs. */
const WITHOUT_WAY = ['Profile.user'];

const decided = Object.entries(RELATIONS).filter(([, expected]) => expected !== 'as-object');
const reachable = decided.map(([name]) => name).filter((name) => !WITHOUT_WAY.includes(name));
const needed = (name: string): string => {
  const expected = RELATIONS[name]!;
  return typeof expected === 'object' ? expected.others : expected;
};

let app: TestApp;
let other: TestUser;
beforeAll(async () => {
  app = await startApp();
  other = await app.user();
});
afterAll(() => app.close());

const at = (data: unknown, path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<string | number, unknown> | null)?.[key], data);
const ask = async (name: string, permissions: readonly string[]) => {
  const { query, path } = WAYS[name]!;
  const { token } = await app.user({ permissions: [...permissions] });
  const { body } = await app.gql(query(other), {}, token);
  return { body, value: at(body.data, path), object: at(body.data, path.slice(0, -1)) };
};
const denied = (name: string) => ({
  message: `You do not have permission; this needs ${needed(name)}`,
  path: WAYS[name]!.path,
  extensions: { code: 'FORBIDDEN', needs: needed(name) },
});

test('every field that leads from an object to others has an expectation, and every one with a scope has a way', () => {
  const leading = Object.values(app.app.schema.getTypeMap()).flatMap((type) => {
    if (!isObjectType(type) || isIntrospectionType(type) || !('id' in type.getFields())) return [];
    return Object.values(type.getFields()).flatMap((field) =>
      isObjectType(getNamedType(field.type)) ? [`${type.name}.${field.name}`] : [],
    );
  });
  expect(leading.sort()).toEqual(Object.keys(RELATIONS).sort());
  expect(Object.keys(WAYS).sort()).toEqual([...reachable].sort());
});

test.each(reachable)('%s of others is refused without its scope, and the object stays', async (name) => {
  const { scopes } = WAYS[name]!;
  const allOthers = Object.keys(builtInPermissions).filter((permission) => permission !== needed(name));
  for (const permissions of [scopes, allOthers]) {
    const { body, value, object } = await ask(name, permissions);
    expect(body.errors?.[0]).toEqual(denied(name));
    expect(new Set(body.errors!.map(({ extensions }) => extensions?.code))).toEqual(new Set(['FORBIDDEN']));
    expect([value, object]).toEqual([null, expect.objectContaining({ id: expect.any(String) })]);
  }
});

test.each(reachable)('%s of others is read with its scope', async (name) => {
  const { body, value } = await ask(name, [...WAYS[name]!.scopes, needed(name)]);
  expect(body.errors).toBeUndefined();
  expect(value).toEqual(name === 'Permission.roles' ? expect.any(Array) : { __typename: expect.any(String) });
});

test('what leads from the own account to its own needs no scope', async () => {
  const user = await app.user();
  const { me, profile } = await app.data<{ me: object; profile: object }>(
    `{ profile { user { id } }
       me { profile { id userId user { id } } sessions { nodes { user { id } } } loginAttempts { nodes { user { id } } } } }`,
    {},
    user.token,
  );
  const own = { user: { id: user.id } };
  expect(profile).toEqual(own);
  expect(me).toEqual({
    profile: { id: user.id, userId: user.id, ...own },
    sessions: { nodes: [own] },
    loginAttempts: { nodes: [own] },
  });
});

test('without a token nothing leads on from what a payload shows', async () => {
  const { body } = await app.gql(
    `mutation($i: LoginInput!) { login(input: $i) {
       user { id profile { id } sessions { nodes { id } } loginAttempts { nodes { id } } auditEvents { nodes { id } } }
       profile { id user { id } } } }`,
    { i: { username: other.username, password: other.password } },
  );
  expect(body.data).toEqual({
    login: {
      user: { id: other.id, profile: null, sessions: null, loginAttempts: null, auditEvents: null },
      profile: { id: other.id, user: null },
    },
  });
  expect(body.errors!.map(({ extensions }) => extensions)).toEqual(
    Array(5).fill({ code: 'UNAUTHENTICATED', reason: 'missing' }),
  );
});

test('the decision about one alias of a field does not stand for the next', async () => {
  const [user, other] = [await app.user(), await app.user()];
  const query = `{ own: user(id: "${user.id}") { id } other: user(id: "${other.id}") { id } }`;
  const { body } = await app.gql(query, {}, user.token);
  expect(body.data).toEqual({ own: { id: user.id }, other: null });
  expect(body.errors?.map(({ path, extensions }) => [path, extensions?.code])).toEqual([[['other'], 'FORBIDDEN']]);
});

test('a refusal of many rows is one row of the security history', async () => {
  const user = await app.user({ permissions: ['READ_SESSIONS'] });
  for (let i = 0; i < 3; i++) await app.login(other.username);
  const { body } = await app.gql(`{ sessions(userId: "${other.id}") { nodes { user { id } } } }`, {}, user.token);
  expect(body.errors!.length).toBeGreaterThan(3);
  await eventually('the refusal is in the security history', async () => {
    const filter = { action: 'access.denied', actorId: user.id };
    const { auditEvents } = await app.data(AuditEventsDocument, { filter }, await app.admin());
    const [event] = auditEvents!.nodes;
    if (event)
      expect([auditEvents!.nodes.length, event.detail]).toEqual([1, expect.objectContaining({ operation: 'user' })]);
    return event !== undefined;
  });
  const [row] = await app.sql("select count from audit_events where action = 'access.denied' and actor_id = $1", [
    user.id,
  ]);
  expect(row).toEqual({ count: 1 });
});
