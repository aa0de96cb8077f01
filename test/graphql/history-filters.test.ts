import { startApp, type TestApp, type TestUser } from '../support/app';

/** Which events of a history a filter finds, in which order; the rows are written by the test. */
let app: TestApp;
let user: TestUser;
let admin: string;
beforeAll(async () => {
  app = await startApp();
  user = await app.user();
  admin = await app.admin();
  // two at the same moment: the later id is the newer
  await app.sql(
    `insert into login_attempts (identifier, user_id, channel, outcome, at) values
      ('a', $1, 'graphql', 'ok', '2024-01-01T00:00:00Z'),
      ('b', $1, 'graphql', 'wrong-password', '2024-01-01T12:00:00Z'),
      ('c', $1, 'identity', 'wrong-password', '2024-01-02T00:00:00Z'),
      ('d', $1, 'identity', 'ok', '2024-01-02T00:00:00Z'),
      ('e', $1, 'session', 'disabled', '2024-01-03T00:00:00.000001Z')`,
    [user.id],
  );
  await app.sql(
    `insert into audit_events (action, actor_id, actor_name, target_type, target_id, detail, at) values
      ('test.one', $1, 'a', 'user', 'target-1', '{}', '2024-01-01T00:00:00Z'),
      ('test.two', $1, 'b', 'user', 'target-2', '{}', '2024-01-02T00:00:00Z'),
      ('test.one', null, 'c', 'user', 'target-1', '{}', '2024-01-02T00:00:00Z'),
      ('test.two', null, 'd', 'role', 'target-2', '{}', '2024-01-03T00:00:00Z')`,
    [user.id],
  );
});
afterAll(() => app.close());

interface Page<Node> {
  nodes: Node[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}
type Variables = Record<string, unknown>;

const WHOLE = { from: '2024-01-01T00:00:00Z', until: '2024-02-01T00:00:00Z' };
const FIELDS = 'pageInfo { hasNextPage endCursor }';
const ARGUMENTS = 'first: $first, after: $after, filter: $filter, sort: $sort';

async function attempts(variables: Variables): Promise<Page<{ identifier: string }>> {
  const query = `query($id: ID!, $first: Int, $after: String, $filter: LoginAttemptFilterInput, $sort: HistorySort) {
    loginAttempts(userId: $id, ${ARGUMENTS}) { nodes { identifier } ${FIELDS} }
    user(id: $id) { loginAttempts(${ARGUMENTS}) { nodes { identifier } ${FIELDS} } } }`;
  const data = await app.data<{
    loginAttempts: Page<{ identifier: string }>;
    user: { loginAttempts: Page<{ identifier: string }> };
  }>(query, { id: user.id, ...variables }, admin);
  expect(data.user.loginAttempts).toEqual(data.loginAttempts); // the same history, by either way
  return data.loginAttempts;
}

async function events(variables: Variables): Promise<Page<{ actorName: string }>> {
  const query = `query($first: Int, $after: String, $filter: AuditFilterInput, $sort: HistorySort) {
    auditEvents(${ARGUMENTS}) { nodes { actorName } ${FIELDS} } }`;
  return (await app.data<{ auditEvents: Page<{ actorName: string }> }>(query, variables, admin)).auditEvents;
}

const identifiers = ({ nodes }: Page<{ identifier: string }>) => nodes.map(({ identifier }) => identifier).join('');
const actors = ({ nodes }: Page<{ actorName: string }>) => nodes.map(({ actorName }) => actorName).join('');

test.each<[Variables, string]>([
  [{ at: WHOLE }, 'edcba'],
  [{ at: { until: '2024-01-02T00:00:00Z' } }, 'ba'],
  [{ at: { from: '2024-01-02T00:00:00Z', until: '2024-01-03T00:00:00Z' } }, 'dc'],
  [{ at: { from: '2024-01-02T01:00:00+01:00', until: '2024-01-03T00:00:00Z' } }, 'dc'],
  [{ at: { from: '2024-01-02T00:00:00Z', until: '2024-01-02T00:00:00Z' } }, ''],
  [{ at: { ...WHOLE, from: null } }, 'edcba'],
  [{ at: WHOLE, outcome: 'ok' }, 'da'],
  [{ at: WHOLE, outcome: 'wrong-password' }, 'cb'],
  [{ at: WHOLE, outcome: 'WRONG-PASSWORD' }, ''],
  [{ at: { from: '2024-01-02T00:00:00Z', until: '2024-02-01T00:00:00Z' }, outcome: 'wrong-password' }, 'c'],
])('logins by %j, the newest first or the oldest', async (filter, newestFirst) => {
  expect(identifiers(await attempts({ filter }))).toBe(newestFirst);
  expect(identifiers(await attempts({ filter, sort: 'NEWEST_FIRST' }))).toBe(newestFirst);
  expect(identifiers(await attempts({ filter, sort: 'OLDEST_FIRST' }))).toBe([...newestFirst].reverse().join(''));
});

test.each<[Variables, string]>([
  [{ at: WHOLE }, 'dcba'],
  [{ at: { from: '2024-01-02T00:00:00Z', until: '2024-01-03T00:00:00Z' } }, 'cb'],
  [{ at: WHOLE, action: 'test.one' }, 'ca'],
  [{ at: WHOLE, targetId: 'target-2' }, 'db'],
  [{ at: WHOLE, action: 'test.two', targetId: 'target-1' }, ''],
])('security events by %j, the newest first or the oldest', async (filter, newestFirst) => {
  expect(actors(await events({ filter }))).toBe(newestFirst);
  expect(actors(await events({ filter, sort: 'OLDEST_FIRST' }))).toBe([...newestFirst].reverse().join(''));
});

test('security events of one actor in a period', async () => {
  const filter = { at: WHOLE, actorId: user.id };
  expect(actors(await events({ filter }))).toBe('ba');
  expect(actors(await events({ filter: { ...filter, action: 'test.two' } }))).toBe('b');
});

test.each(['NEWEST_FIRST', 'OLDEST_FIRST'])('pages of a filtered history, %s, hold each event once', async (sort) => {
  const walk = async <Node>(
    read: (variables: Variables) => Promise<Page<Node>>,
    show: (page: Page<Node>) => string,
  ) => {
    let walked = '';
    let after: string | null = null;
    do {
      const page: Page<Node> = await read({ first: 1, after, filter: { at: WHOLE }, sort });
      walked += show(page);
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after);
    return walked;
  };
  const inOrder = (newestFirst: string) =>
    sort === 'NEWEST_FIRST' ? newestFirst : [...newestFirst].reverse().join('');
  expect(await walk(attempts, identifiers)).toBe(inOrder('edcba'));
  expect(await walk(events, actors)).toBe(inOrder('dcba'));
});

test('a moment that is none is refused', async () => {
  const query = '{ loginAttempts(filter: { at: { from: "yesterday" } }) { nodes { id } } }';
  expect((await app.gql(query, {}, admin)).body.errors?.[0]?.extensions?.code).toMatch(
    /^(BAD_USER_INPUT|GRAPHQL_VALIDATION_FAILED)$/,
  );
});
