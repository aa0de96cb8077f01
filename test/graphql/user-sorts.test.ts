import { findUsersPage, type UserPlaces, type UserSortField } from '../../src/queries/user-pages';
import { startApp, type TestApp } from '../support/app';
import { refused } from '../support/graphql-client';

interface Page {
  users: {
    nodes: { username: string }[];
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
    totalCount: number;
  };
}
type Sort = { field: UserSortField; direction?: 'ASC' | 'DESC' };

const PAGE = `query($first: Int, $after: String, $last: Int, $before: String, $filter: UserFilterInput,
    $sort: UserSortInput) {
  users(first: $first, after: $after, last: $last, before: $before, filter: $filter, sort: $sort) {
    nodes { username } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

let app: TestApp;
/** The sorted users, by number: two share a moment to the microsecond, two have no address and never logged in. */
const SORTED = { filter: { text: 'sorted' } };
beforeAll(async () => {
  app = await startApp();
  await app.sql(`insert into users (username, email, password_hash, password_scheme, created_at, last_login_at) values
    ('sorted-1', 'E@sorted.org', 'none', 'bcrypt', '2024-01-03T00:00:00.000002Z', '2025-06-01T00:00:00.000001Z'),
    ('sorted-2', 'b@sorted.org', 'none', 'bcrypt', '2024-01-03T00:00:00.000001Z', '2025-06-01T00:00:00.000001Z'),
    ('sorted-3', null, 'none', 'bcrypt', '1969-12-31T23:59:59.999999Z', null),
    ('sorted-4', 'a@sorted.org', 'none', 'bcrypt', '2024-01-01T00:00:00Z', '2025-06-02T00:00:00Z'),
    ('sorted-5', null, 'none', 'bcrypt', '2024-02-01T00:00:00Z', null),
    ('sorted-6', 'é@sorted.org', 'none', 'bcrypt', '2024-01-02T00:00:00Z', '2025-05-31T00:00:00Z')`);
});
afterAll(() => app.close());

const page = async (variables: object) =>
  (await app.data<Page>(PAGE, { ...SORTED, ...variables }, await app.admin())).users;
const numbers = ({ nodes }: Page['users']) => nodes.map(({ username }) => username.slice('sorted-'.length)).join('');
const refusal = async (variables: object) =>
  (await app.gql(PAGE, variables as Record<string, unknown>, await app.admin())).body;

/** Every page of a list, forward or backward, as one text. */
async function walk(sort: Sort, size: number, isBackward = false): Promise<string> {
  let walked = '';
  let cursor: string | null = null;
  do {
    const place: object = isBackward ? { last: size, before: cursor } : { first: size, after: cursor };
    const found = await page({ sort, ...place });
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = found.pageInfo;
    walked = isBackward ? numbers(found) + walked : walked + numbers(found);
    cursor = isBackward ? (hasPreviousPage ? startCursor : null) : hasNextPage ? endCursor : null;
  } while (cursor);
  return walked;
}

/** Users with equal keys stand in the order of their ids, which are random. */
async function expected(template: string): Promise<string> {
  const rows = await app.sql<{ username: string }>(
    `select username from users where username like 'sorted-%' order by id`,
  );
  const byId = rows.map(({ username }) => username.slice(-1));
  return template.replace(/\((\d+)\)/g, (_, tie: string) => byId.filter((n) => tie.includes(n)).join(''));
}

test.each<[UserSortField, string]>([
  ['USERNAME', '123456'],
  ['EMAIL', '(35)4216'],
  ['CREATED_AT', '346215'],
  ['LAST_LOGIN_AT', '(35)6(12)4'],
])('pages by %s, in either direction, forward and backward, hold each user once', async (field, template) => {
  const ascending = await expected(template);
  const descending = [...ascending].reverse().join('');
  for (const size of [1, 2, 5])
    for (const isBackward of [false, true]) {
      expect(await walk({ field }, size, isBackward)).toBe(ascending);
      expect(await walk({ field, direction: 'ASC' }, size, isBackward)).toBe(ascending);
      expect(await walk({ field, direction: 'DESC' }, size, isBackward)).toBe(descending);
    }
});

test('between two cursors of a descending sort lie the users between them', async () => {
  const sort = { field: 'CREATED_AT', direction: 'DESC' };
  const from = (await page({ sort, first: 1 })).pageInfo.endCursor;
  const to = (await page({ sort, last: 1 })).pageInfo.startCursor;
  expect(numbers(await page({ sort, after: from, before: to }))).toBe('1264');
});

describe('a cursor', () => {
  const endOf = async (sort?: Sort) => (await page({ sort, first: 2 })).pageInfo.endCursor;

  test.each<[UserSortField, UserSortField]>([
    ['USERNAME', 'EMAIL'],
    ['EMAIL', 'USERNAME'],
    ['CREATED_AT', 'LAST_LOGIN_AT'],
    ['LAST_LOGIN_AT', 'CREATED_AT'],
  ])('of users by %s is refused where they are sorted by %s', async (made, used) => {
    const cursor = await endOf({ field: made });
    const message = (argument: string) =>
      `"${argument}" is a cursor of users by ${made}, and the list is sorted by ${used}`;
    for (const argument of ['after', 'before'])
      expect(await refusal({ [argument]: cursor, sort: { field: used } })).toEqual(
        refused('users', 'BAD_USER_INPUT', message(argument)),
      );
  });

  test('of the list without a sort is one of users by USERNAME', async () => {
    const after = await endOf();
    expect(numbers(await page({ after, sort: { field: 'USERNAME' } }))).toBe('3456');
  });

  const id = '00000000-0000-4000-8000-000000000000';
  test.each([
    ['CREATED_AT', `user.CREATED_AT:${id}`],
    ['CREATED_AT', `user.CREATED_AT:${id} 1; drop table users`],
    ['CREATED_AT', `user.CREATED_AT:${id} 999999999999999999`],
    ['LAST_LOGIN_AT', `user.LAST_LOGIN_AT:${id} now`],
    ['LAST_LOGIN_AT', `user.LAST_LOGIN_AT:nobody 17`],
    ['EMAIL', `user.EMAIL:`],
    ['EMAIL', `user.EMAIL:${id} a\0b`],
  ])('by %s that this server has not made is refused: %j', async (field, text) => {
    const after = Buffer.from(text).toString('base64url');
    expect(await refusal({ after, sort: { field } })).toEqual(
      refused('users', 'BAD_USER_INPUT', '"after" is not a cursor of this connection'),
    );
  });
});

test.each<[object, string]>([
  [{ createdAt: { from: '2024-01-02T00:00:00Z' } }, '1256'],
  [{ createdAt: { until: '2024-01-02T00:00:00Z' } }, '34'],
  [{ createdAt: { from: '2024-01-02T00:00:00Z', until: '2024-01-03T00:00:00Z' } }, '6'],
  [{ createdAt: { from: '2024-01-03T01:00:00+01:00', until: '2024-02-01T00:00:00Z' } }, '12'],
  [{ createdAt: { from: '2024-03-01T00:00:00Z', until: '2024-01-01T00:00:00Z' } }, ''],
  [{ createdAt: {} }, '123456'],
  [{ createdAt: null, lastLoginAt: { from: null, until: null } }, '123456'],
  [{ lastLoginAt: { from: '2025-06-01T00:00:00Z' } }, '124'],
  [{ lastLoginAt: { until: '2025-06-01T00:00:00Z' } }, '6'],
  [{ lastLoginAt: { until: '2100-01-01T00:00:00Z' } }, '1246'],
  [{ createdAt: { from: '2024-01-02T00:00:00Z' }, lastLoginAt: { from: '2025-06-01T00:00:00Z' } }, '12'],
])('the filter %j finds the users of its periods, and counts them', async (periods, found) => {
  const filter = { ...SORTED.filter, ...periods };
  const users = await page({ filter });
  expect([numbers(users), users.totalCount]).toEqual([found, found.length]);
  const sort = { field: 'LAST_LOGIN_AT', direction: 'DESC' };
  expect([...numbers(await page({ filter, sort }))].sort().join('')).toBe(found);
});

test.each([
  ['a field that is none', { sort: { field: 'PASSWORD' } }, 'BAD_USER_INPUT'],
  ['a direction that is none', { sort: { field: 'EMAIL', direction: 'UP' } }, 'BAD_USER_INPUT'],
  ['a date that is none', { filter: { createdAt: { from: 'yesterday' } } }, 'BAD_USER_INPUT'],
])('%s is refused', async (_what, variables, code) => {
  expect((await refusal(variables)).errors?.[0]?.extensions?.code).toBe(code);
});

describe('among 20,000 users', () => {
  beforeAll(async () => {
    await app.sql(`insert into users (username, email, password_hash, password_scheme, created_at, last_login_at)
      select 'crowd-' || i, case when i % 3 > 0 then 'crowd-' || i || '@example.org' end, 'none', 'bcrypt',
        now() - i * interval '1 minute', case when i % 4 > 0 then now() - (i % 999) * interval '1 minute' end
      from generate_series(1, 20000) i`);
    await app.sql(`insert into roles (name) values ('MANY'), ('FEW')`);
    await app.sql(`insert into user_roles (user_id, role_id) select u.id, r.id from users u, roles r
      where u.username like 'crowd-%' and (r.name = 'MANY' or r.name = 'FEW' and u.username in ('crowd-99', 'crowd-98'))`);
    await app.sql('analyze users, user_roles');
  });

  const INDEXES: Record<UserSortField, string> = {
    USERNAME: 'users_username_key_unique',
    EMAIL: 'users_email_sort_index',
    CREATED_AT: 'users_created_at_sort_index',
    LAST_LOGIN_AT: 'users_last_login_at_sort_index',
  };
  const keys: Record<UserSortField, string> = {
    USERNAME: 'crowd-5',
    EMAIL: 'crowd-5@example.org',
    CREATED_AT: '1700000000000000',
    LAST_LOGIN_AT: '1700000000000000',
  };
  const afterId = '00000000-0000-4000-8000-000000000000';

  const nodesOf = (plan: { 'Node Type': string; Plans?: object[] }): string[] => [
    plan['Node Type'],
    ...(plan.Plans ?? []).flatMap((child) => nodesOf(child as typeof plan)),
  ];

  test('a role that few hold is read by its holders, not by all users in their order', async () => {
    const [role] = await app.sql<{ id: string }>(`select id from roles where name = 'FEW'`);
    const sort = { field: 'USERNAME', isDescending: false } as const;
    const conditions = { roleId: role!.id };
    const statement = findUsersPage({ conditions, places: {}, sort, isBackward: false, size: 50 });
    const { text, values } = statement.query({ ...conditions, limit: 51 });
    const [row] = await app.sql<{ 'QUERY PLAN': unknown }>(`explain (format json) ${text}`, values);
    expect(JSON.stringify(row)).toContain('"Index Name":"user_roles_role_id_index"');
    expect(JSON.stringify(row)).not.toContain('"users_username_key_unique"');
    expect((await page({ filter: { role: 'FEW' } })).nodes).toEqual([
      { username: 'crowd-98' },
      { username: 'crowd-99' },
    ]);
  });

  test.each(
    (Object.keys(INDEXES) as UserSortField[]).flatMap((field) =>
      [false, true].flatMap((isDescending) => [false, true].map((isInside) => ({ field, isDescending, isInside }))),
    ),
  )('a page is read from the index of its sort: %j', async ({ field, isDescending, isInside }) => {
    const places: UserPlaces = isInside ? { after: keys[field], afterId } : {};
    const statement = findUsersPage({
      conditions: {},
      places,
      sort: { field, isDescending },
      isBackward: false,
      size: 50,
    });
    const { text, values } = statement.query({ ...places, limit: 51 });
    const [row] = await app.sql<{ 'QUERY PLAN': { Plan: never }[] }>(`explain (format json) ${text}`, values);
    const [explained] = row!['QUERY PLAN'];
    const plan = JSON.stringify(explained);
    expect(plan).toContain(`"Index Name":"${INDEXES[field]}"`);
    const nodes = nodesOf(explained!.Plan);
    expect(nodes).not.toContain('Sort');
    expect(nodes).not.toContain('Seq Scan');
    if (isInside) expect(plan).toMatch(/"Index Cond":"[^"]*(username_key|email_key|created_at|last_login_at)/);
  });
});
