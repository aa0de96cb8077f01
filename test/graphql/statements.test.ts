import { startApp, type TestApp } from '../support/app';
import { eventually } from '../support/eventually';

/** How many SQL statements an answer takes must not depend on how many rows are in it. */
let app: TestApp;
let admin: string;
beforeAll(async () => {
  app = await startApp();
  admin = await app.admin();
  await app.sql(
    `insert into users (username, password_hash, password_scheme) select 'many-' || i, 'none', 'bcrypt' from generate_series(1, 300) i`,
  );
  await app.sql(`insert into roles (name) select 'ROLE-' || i from generate_series(1, 4) i`);
  await app.sql(
    `insert into user_roles (user_id, role_id) select u.id, r.id from users u, roles r where r.name like 'ROLE-%' and u.username like 'many-%'`,
  );
  await app.sql(
    `insert into role_permissions (role_id, permission_id) select r.id, p.id from roles r, permissions p where r.name like 'ROLE-%'`,
  );
  await app.data('{ users(first: 1) { nodes { roles { name } } } }', {}, admin); // what is remembered is remembered now
});
afterAll(() => app.close());

const EVERYTHING = `query($n: Int!) { users(first: $n, filter: { text: "many" }) {
  edges { cursor node { id username firstName roles { name permissions { name } } } } nodes { id roles { name permissions { name } } }
  pageInfo { hasNextPage endCursor }
} }`;
const statementsFor = (query: string, variables: Record<string, unknown> = {}) =>
  app.statements.atBest(() => app.data(query, variables, admin));

test('ten users with their roles and permissions take as many statements as three hundred: one', async () => {
  const ten = await statementsFor(EVERYTHING, { n: 10 });
  const many = await statementsFor(EVERYTHING, { n: 300 });
  expect(many).toEqual(ten);
  expect(many).toHaveLength(1);
});

test('the count of all is one more, and only where it is asked for', async () => {
  expect(
    await statementsFor('query($n: Int) { users(first: $n) { totalCount nodes { id } } }', { n: 300 }),
  ).toHaveLength(2);
});

test('twenty users by id in one request take one statement each at most, roles included', async () => {
  const { users } = await app.data<{ users: { nodes: { id: string }[] } }>(
    '{ users(first: 20, filter: { text: "many" }) { nodes { id } } }',
    {},
    admin,
  );
  const query = `{ ${users.nodes.map(({ id }, i) => `u${i}: user(id: "${id}") { username roles { name permissions { name } } }`).join(' ')} }`;
  expect((await statementsFor(query)).length).toBeLessThanOrEqual(20);
});

test('all roles with their permissions take none once they are cached, and one after a change', async () => {
  const query = '{ roles { name permissions { name description } } }';
  await statementsFor(query);
  expect(await statementsFor(query)).toHaveLength(0);
  await app.role(['READ_USERS']);
  await statementsFor(query);
  expect(await statementsFor(query)).toHaveLength(0);
});

test('a token that was accepted a moment ago takes no statement', async () => {
  const user = await app.user();
  // on a busy machine the moment may be over
  await eventually('a request without a statement', async () => {
    const statements = await app.statements.during(() => app.data('{ __typename }', {}, user.token));
    return statements.length === 0;
  });
});

test('a login takes four statements, and a refresh of either kind two', async () => {
  const user = await app.user();
  const post = async (path: string, body: object) => {
    const answer = await fetch(`${app.origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return ((await answer.json()) as { result: { token: string } }).result.token;
  };
  const { username, password } = user;
  const LOGIN = 'mutation($i: LoginInput!) { login(input: $i) { tokens { refreshToken } } }';
  expect(await app.statements.atBest(() => app.data(LOGIN, { i: { username, password } }))).toHaveLength(4);
  expect(await app.statements.atBest(() => post('/identity/auth/token', { username, password }))).toHaveLength(4);
  let { refreshToken } = user.tokens;
  const REFRESH = 'mutation($i: RefreshInput!) { refresh(input: $i) { tokens { refreshToken } } }';
  const refresh = async () => {
    const { refresh: next } = await app.data<{ refresh: { tokens: { refreshToken: string } } }>(REFRESH, {
      i: { refreshToken },
    });
    refreshToken = next.tokens.refreshToken;
  };
  expect(await app.statements.atBest(refresh)).toHaveLength(2);
  let token = await post('/identity/auth/token', { username, password });
  const replace = async () => {
    token = await post('/identity/auth/refresh', { token });
  };
  expect(await app.statements.atBest(replace)).toHaveLength(2);
});

test('a change of an account takes thirteen statements, with begin and commit', async () => {
  const user = await app.user();
  let changes = 0;
  const change = () =>
    app.data(
      'mutation($i: UpdateUserInput!) { updateUser(input: $i) { user { firstName } } }',
      { i: { id: user.id, firstName: `Changed ${++changes}` } },
      admin,
    );
  expect(await app.statements.atBest(change)).toHaveLength(13);
});

test('a page far inside the list takes the statement of the first page', async () => {
  const { users } = await app.data<{ users: { pageInfo: { endCursor: string } } }>(
    '{ users(first: 250) { pageInfo { endCursor } } }',
    {},
    admin,
  );
  const page = 'query($after: String) { users(first: 10, after: $after) { nodes { username } } }';
  expect(await statementsFor(page, { after: users.pageInfo.endCursor })).toEqual([
    expect.stringMatching(/where u\.username_key > \?.*limit \?/s),
  ]);
});

test('among many users a login, a token check, a new name and a search find theirs by an index', async () => {
  await app.sql(
    `insert into users (username, email, password_hash, password_scheme)
     select 'crowd-' || i, 'crowd-' || i || '@example.org', 'none', 'bcrypt' from generate_series(1, 30000) i`,
  );
  await app.sql('vacuum analyze users'); // the new entries of the trigram index are merged into it
  const user = await app.user({ email: 'needle@example.org' });
  const scans = async () => {
    await endConnections();
    const [row] = await app.sql<{ seq_scan: string }>(
      `select seq_scan from pg_stat_user_tables where relname = 'users'`,
    );
    return Number(row!.seq_scan);
  };
  const LOGIN = 'mutation($i: LoginInput!) { login(input: $i) { tokens { accessToken } } }';
  const round = async (number: number) => {
    for (const username of [user.username, 'needle@example.org', 'nobody-here'])
      await app.gql(LOGIN, { i: { username, password: user.password } });
    const answer = await fetch(`${app.origin}/identity/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: user.username, password: user.password }),
    });
    const { result } = (await answer.json()) as { result: { token: string } };
    await app.data('{ me { username } }', {}, result.token);
    expect(
      (await app.gql('{ users(filter: { text: "Needle" }) { nodes { username } } }', {}, admin)).body.data,
    ).toEqual({
      users: { nodes: [{ username: user.username }] },
    });
    await app.gql('mutation($i: CreateUserInput!) { createUser(input: $i) { user { id } } }', {
      i: { username: `new-in-the-crowd-${number}`, password: 'correct horse', email: `new-${number}@example.org` },
    });
  };
  // what the server does by itself meanwhile can only add scans: the fewest of three rounds count
  const added: number[] = [];
  for (let number = 0; number < 3 && !added.includes(0); number++) {
    const before = await scans();
    await round(number);
    added.push((await scans()) - before);
  }
  expect(added).toContain(0);
});

/** A connection writes its statistics when it ends, and otherwise up to ten seconds late. */
async function endConnections(): Promise<void> {
  const others = `from pg_stat_activity
    where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`;
  const pids = (await app.sql<{ pid: number }>(`select pid, pg_terminate_backend(pid) ${others}`)).map(
    ({ pid }) => pid,
  );
  await eventually('the connections have ended', async () => {
    const [row] = await app.sql<{ n: number }>(`select count(*)::int as n ${others} and pid = any($1)`, [pids]);
    return row!.n === 0;
  });
  await eventually('the server has new ones', async () => {
    const { status } = (await (await fetch(`${app.origin}/health/ready`)).json()) as { status: string };
    return status === 'ok' && (await app.outcome('{ loginAttempts(first: 1) { nodes { id } } }', {}, admin)) === 'ok';
  });
}
