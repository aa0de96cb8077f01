import { startApp, type TestApp, type TestUser } from '../support/app';

/** Users with sessions, logins and roles, to walk from one to the other. */
let app: TestApp;
let admin: string;
let walker: TestUser;

beforeAll(async () => {
  app = await startApp();
  admin = await app.admin();
  walker = await app.user({ username: 'walker', permissions: ['READ_ROLES', 'READ_USERS'] });
  await app.sql(`
    insert into users (username, first_name, password_hash, password_scheme)
    select 'crowd-' || to_char(i, 'FM000'), 'Crowd', 'none', 'bcrypt' from generate_series(1, 60) i`);
  await app.sql(`insert into roles (name, precedence) select 'CROWD-' || i, 200 from generate_series(1, 4) i`);
  await app.sql(`
    insert into user_roles select u.id, r.id from users u, roles r where r.name like 'CROWD-%' and u.username like 'crowd-%'`);
  await app.sql(`
    insert into role_permissions select r.id, p.id from roles r, permissions p where r.name like 'CROWD-%' and p.name like 'READ_%'`);
  await app.sql(
    `insert into sessions (user_id, channel, created_at, last_seen_at, idle_until, expires_at)
     select u.id, 'graphql', $1::timestamptz, $1::timestamptz - n * interval '1 minute', $1::timestamptz + '1 d', $1::timestamptz + '1 d'
     from users u, generate_series(1, 3) n where u.username like 'crowd-%'`,
    [app.clock.now()],
  );
  for (const [table, owner, columns, values] of [
    ['login_attempts', 'user_id', 'identifier, channel, outcome', "u.username, 'graphql', 'ok'"],
    ['audit_events', 'actor_id', 'actor_name, action, target_id', "u.username, 'probe.made', n::text"],
  ])
    await app.sql(
      `insert into ${table} (at, ${owner}, ${columns})
       select $1::timestamptz + n * interval '1 second', u.id, ${values} from generate_series(1, 3) n, users u where u.username like 'crowd-%'`,
      [app.clock.now()],
    );
});
afterAll(() => app.close());

test('the walk of the documentation is within the cost that every operation may have', async () => {
  const { me, roles } = await app.data<{
    me: { scopes: string[]; sessions: { nodes: { id: string; user: { username: string } }[] } };
    roles: {
      id: string;
      users: { nodes: { username: string }[] };
      permissions: { id: string; roles: { name: string }[] }[];
    }[];
  }>(
    `{ me { scopes sessions(first: 1) { nodes { id user { username } } } }
       roles { id users(first: 1) { nodes { username } } permissions { id roles { name } } } }`,
    {},
    walker.token,
  );
  expect(me.scopes).toEqual([expect.stringMatching(/^ROLE_TEAM/), 'READ_ROLES', 'READ_USERS']);
  expect(me.sessions.nodes).toEqual([{ id: walker.tokens.sessionId, user: { username: 'walker' } }]);
  const [first] = roles;
  expect(first!.users.nodes).toEqual([{ username: 'admin' }]);
  expect(first!.permissions.every((permission) => permission.roles.some(({ name }) => name === 'ADMIN'))).toBe(true);
  const crowd = roles.slice(-4);
  expect(crowd.map(({ users }) => users.nodes)).toEqual(Array(4).fill([{ username: 'crowd-001' }]));
});

describe('the number of statements is that of the levels, whatever the width:', () => {
  const USERS = (selection: string) =>
    `query($n: Int) { users(first: $n, filter: { text: "crowd-" }) { nodes { ${selection} } } }`;
  test.each([
    ['profiles', 2, USERS('profile { fullName }')],
    ['profiles and back', 3, USERS('profile { fullName user { username } }')],
    ['sessions', 2, USERS('sessions(first: 1) { nodes { id } }')],
    ['sessions and back', 3, USERS('sessions(first: 1) { nodes { id user { username } } }')],
    [
      'there, back and there again',
      4,
      USERS('sessions(first: 1) { nodes { user { sessions(first: 1) { nodes { id } } } } }'),
    ],
    ['logins and back', 3, USERS('loginAttempts(first: 1) { nodes { id user { username } } }')],
    ['security events and back', 3, USERS('auditEvents(first: 1) { nodes { id actor { username } } }')],
    ['roles and their permissions, which are cached', 1, USERS('roles { name permissions { name roles { name } } }')],
    ['roles and their users', 2, USERS('roles { users(first: 2) { nodes { username } } }')],
    [
      'roles, their users and how many those are',
      3,
      USERS('roles { users(first: 2) { totalCount nodes { username } } }'),
    ],
    [
      'the users of all roles and their sessions',
      2,
      '{ roles { users { nodes { sessions(first: 1) { nodes { id } } } } } }',
    ],
    ['the roles of all permissions', 1, '{ permissions { id roles { id } } }'],
    [
      'logins and their users',
      2,
      'query($n: Int) { loginAttempts(allUsers: true, first: $n) { nodes { user { username } } } }',
    ],
    ['events and their actors', 2, 'query($n: Int) { auditEvents(first: $n) { nodes { actor { username } } } }'],
  ])('%s: %i', async (_what, levels, query) => {
    await app.data(query, { n: 1 }, admin); // roles are cached now
    for (const n of [1, 60]) {
      const statements = await app.statements.atBest(() => app.data(query, query.includes('$n') ? { n } : {}, admin));
      expect(statements).toHaveLength(levels);
    }
  });
});

test('each object has its own: pages of sessions, logins and events of many users', async () => {
  const { users } = await app.data<{
    users: {
      nodes: {
        username: string;
        profile: { fullName: string };
        sessions: { nodes: { user: { username: string } }[]; pageInfo: { hasNextPage: boolean } };
        loginAttempts: { nodes: { identifier: string }[] };
        auditEvents: { nodes: { actorName: string; targetId: string; actor: { username: string } }[] };
      }[];
    };
  }>(
    `{ users(first: 60, filter: { text: "crowd-" }) { nodes {
         username profile { fullName }
         sessions(first: 2) { nodes { user { username } } pageInfo { hasNextPage } }
         loginAttempts(first: 2) { nodes { identifier } }
         auditEvents(first: 2, sort: OLDEST_FIRST) { nodes { actorName targetId actor { username } } }
    } } }`,
    {},
    admin,
  );
  expect(users.nodes).toHaveLength(60);
  for (const { username, ...own } of users.nodes)
    expect(own).toEqual({
      profile: { fullName: 'Crowd' },
      sessions: { nodes: Array(2).fill({ user: { username } }), pageInfo: { hasNextPage: true } },
      loginAttempts: { nodes: Array(2).fill({ identifier: username }) },
      auditEvents: { nodes: ['1', '2'].map((targetId) => ({ actorName: username, targetId, actor: { username } })) },
    });
});

interface Holders {
  users: { nodes: { username: string }[]; totalCount: number; pageInfo: { endCursor: string; hasNextPage: boolean } };
}

test('the users of a role come page by page, each once, few and many alike', async () => {
  const many = await app.role();
  await app.sql(
    `insert into users (username, password_hash, password_scheme) select 'mass-' || to_char(i, 'FM0000'), 'none', 'bcrypt' from generate_series(1, 5100) i`,
  );
  await app.sql(
    `insert into user_roles select u.id, r.id from users u, roles r where r.name = $1 and u.username like 'mass-%'`,
    [many],
  );
  for (const [name, text, total, size] of [
    [many, 'mass-', 5100, 1000],
    ['CROWD-1', 'crowd-', 60, 25],
  ] as const) {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { role }: { role: Holders } = await app.data<{ role: Holders }>(
        `query($name: String!, $first: Int, $after: String) { role(name: $name) {
           users(first: $first, after: $after) { totalCount nodes { username } pageInfo { endCursor hasNextPage } } } }`,
        { name, first: size, after },
        admin,
      );
      seen.push(...role.users.nodes.map(({ username }) => username));
      expect(role.users.totalCount).toBe(total);
      after = role.users.pageInfo.hasNextPage ? role.users.pageInfo.endCursor : null;
    } while (after);
    expect(seen).toHaveLength(total);
    expect(seen).toEqual([...seen].sort());
    expect(seen.every((username) => username.startsWith(text))).toBe(true);
  }
});

test('an impossible page or a cursor of another list is refused at the field, and the object stays', async () => {
  for (const [selection, message] of [
    ['sessions(first: 101)', 'A page holds 0 to 100 sessions, not 101'],
    ['sessions(after: "x")', '"after" is not a cursor of this connection'],
    ['loginAttempts(first: -1)', 'A page holds 0 to 1000 rows, not -1'],
    ['auditEvents(filter: { actorId: "x" })', 'No such user'],
  ]) {
    const { body } = await app.gql(`{ me { username ${selection} { __typename } } }`, {}, admin);
    expect(body.errors!.map((error) => error.message)).toEqual([message]);
    expect(body.data).toEqual({ me: { username: 'admin', [selection!.split('(')[0]!]: null } });
  }
});

test('a later mutation of a request reads what it has changed', async () => {
  const { token } = await app.user();
  const { body } = await app.gql(
    `mutation {
       a: updateProfile(input: { fullName: "First" }) { profile { user { profile { fullName } } } }
       b: updateProfile(input: { fullName: "Second" }) { profile { user { profile { fullName } } } }
     }`,
    {},
    token,
  );
  const answer = (fullName: string) => ({ profile: { user: { profile: { fullName } } } });
  expect(body).toEqual({ data: { a: answer('First'), b: answer('Second') } });
});

describe('the cost of a walk', () => {
  const outcome = async (query: string) => (await app.gql(query, {}, admin)).body.errors?.[0]?.extensions?.code ?? 'ok';

  test.each([
    ['pages within pages multiply', '{ users(first: 1000) { nodes { sessions(first: 5) { nodes { id } } } } }'],
    ['circles multiply', '{ roles { permissions { roles { permissions { roles { permissions { name } } } } } } }'],
    [
      'logins of users of logins',
      '{ loginAttempts { nodes { user { loginAttempts { nodes { user { loginAttempts { nodes { id } } } } } } } } }',
    ],
    ['users of all roles', '{ users(first: 1000) { nodes { roles { users { nodes { username email } } } } } }'],
  ])('%s', async (_what, query) => {
    expect(await outcome(query)).toBe('QUERY_TOO_COMPLEX');
  });

  test.each([
    '{ users(first: 100) { nodes { sessions(first: 1) { nodes { id } } } } }',
    '{ roles { permissions { roles { permissions { name } } } } }',
    '{ users(first: 1000) { nodes { id username roles { id name permissions { id name } } profile { fullName } } } }',
  ])('%s is allowed', async (query) => {
    expect(await outcome(query)).toBe('ok');
  });
});
