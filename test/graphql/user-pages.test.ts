import { DeleteUserDocument, DisableUserDocument } from '../../src/rest/generated/operations';
import { startApp, type TestApp } from '../support/app';
import { refused } from '../support/graphql-client';

interface Page {
  users: {
    nodes: { username: string }[];
    edges: { cursor: string; node: { username: string } }[];
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
    totalCount: number;
  };
}

const PAGE = `query($first: Int, $after: String, $last: Int, $before: String, $filter: UserFilterInput) {
  users(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
    nodes { username } edges { cursor node { username } } totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
  await insert(Array.from({ length: 25 }, (_, i) => `member-${String(i).padStart(2, '0')}`));
});
afterAll(() => app.close());

/** Without passwords: they are never asked for here. */
const insert = (names: string[]) =>
  app.sql(`insert into users (username, password_hash, password_scheme) select unnest($1::text[]), 'none', 'bcrypt'`, [
    names,
  ]);
const page = async (variables: object) =>
  (await app.data<Page>(PAGE, variables as Record<string, unknown>, await app.admin())).users;
const names = async (variables: object) => (await page(variables)).nodes.map(({ username }) => username);
const member = (...numbers: number[]) => numbers.map((i) => `member-${String(i).padStart(2, '0')}`);
const text = (part: string) => ({ filter: { text: part } });
const refusal = async (variables: Record<string, unknown>) => (await app.gql(PAGE, variables, await app.admin())).body;

test('a page has nodes, edges with cursors, page info, and the count of all', async () => {
  const first = await page({ first: 3, ...text('member') });
  expect(first).toEqual({
    nodes: member(0, 1, 2).map((username) => ({ username })),
    edges: member(0, 1, 2).map((username) => ({ cursor: expect.any(String), node: { username } })),
    totalCount: 25,
    pageInfo: {
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: first.edges[0]!.cursor,
      endCursor: first.edges[2]!.cursor,
    },
  });
});

test('forward and backward pages together are the list, each user once', async () => {
  const forward: string[] = [];
  let after: string | null = null;
  do {
    const { nodes, pageInfo }: Page['users'] = await page({ first: 7, after, ...text('member') });
    forward.push(...nodes.map(({ username }) => username));
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after);
  const backward: string[] = [];
  let before: string | null = null;
  do {
    const { nodes, pageInfo }: Page['users'] = await page({ last: 7, before, ...text('member') });
    backward.unshift(...nodes.map(({ username }) => username));
    before = pageInfo.hasPreviousPage ? pageInfo.startCursor : null;
  } while (before);
  const all = member(...Array(25).keys());
  expect(forward).toEqual(all);
  expect(backward).toEqual(all);
});

test('what lies between two cursors', async () => {
  const { edges } = await page({ first: 10, ...text('member') });
  const [from, to] = [edges[2]!.cursor, edges[7]!.cursor];
  expect(await names({ after: from, before: to, ...text('member') })).toEqual(member(3, 4, 5, 6));
  expect(await names({ first: 2, after: from, before: to, ...text('member') })).toEqual(member(3, 4));
  expect(await names({ last: 2, after: from, before: to, ...text('member') })).toEqual(member(5, 6));
});

test('users created or deleted between two pages make no other appear twice or be left out', async () => {
  await insert(['row-b', 'row-d', 'row-f', 'row-h']);
  const first = await page({ first: 2, ...text('row') });
  expect(first.nodes.map((n) => n.username)).toEqual(['row-b', 'row-d']);
  await insert(['row-a', 'row-c', 'row-e']); // two before the cursor, one behind it
  await app.sql(`delete from users where username in ('row-b', 'row-d', 'row-f')`); // the user of the cursor itself is gone
  const second = await page({ first: 2, after: first.pageInfo.endCursor, ...text('row') });
  expect(second.nodes.map((n) => n.username)).toEqual(['row-e', 'row-h']);
  expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
});

test('the order is that of the names without regard to case, the same on every machine', async () => {
  await insert(['Zoe-x', 'adam-x', 'Ádam-x', 'Bert-x', 'bert-x2', '1st-x', '_low-x', '漢字-x', 'ärger-x']);
  const sorted = ['1st-x', '_low-x', 'adam-x', 'Bert-x', 'bert-x2', 'Zoe-x', 'Ádam-x', 'ärger-x', '漢字-x'];
  expect(await names(text('-x'))).toEqual(sorted);
});

describe('the size of a page', () => {
  test('is 50 unless it is given, at most 1000, and may be none', async () => {
    await insert(Array.from({ length: 1100 }, (_, i) => `many-${i}`));
    const sizes = [{}, { first: 1000 }, { last: 1000 }, { first: 0 }].map(
      async (variables) => (await names(variables)).length,
    );
    expect(await Promise.all(sizes)).toEqual([50, 1000, 1000, 0]);
  });

  test.each<[Record<string, unknown>, string]>([
    [{ first: 1001 }, 'A page holds 0 to 1000 users, not 1001'],
    [{ last: 1001 }, 'A page holds 0 to 1000 users, not 1001'],
    [{ first: -1 }, 'A page holds 0 to 1000 users, not -1'],
    [{ first: 2147483647 }, 'A page holds 0 to 1000 users, not 2147483647'],
    [{ first: 1, last: 1 }, 'Give first or last, not both'],
  ])('%j is refused', async (variables, message) => {
    expect(await refusal(variables)).toEqual(refused('users', 'BAD_USER_INPUT', message));
  });
});

test.each([
  'garbage',
  '1',
  '!!!',
  Buffer.from('at:17').toString('base64url'),
  Buffer.from('user:\0').toString('base64url'),
  '\ud800',
  'x'.repeat(100_000),
])('a cursor of another list is refused, in either direction (%#)', async (cursor) => {
  const message = (argument: string) => `"${argument}" is not a cursor of this connection`;
  expect(await refusal({ after: cursor })).toEqual(refused('users', 'BAD_USER_INPUT', message('after')));
  expect(await refusal({ before: cursor })).toEqual(refused('users', 'BAD_USER_INPUT', message('before')));
});

describe('a filter', () => {
  let editors: string;
  beforeAll(async () => {
    editors = await app.role();
    const anna = await app.user({ username: 'Anna_100%', email: 'anna@example.org', roles: [editors] });
    await app.user({ username: 'Hanna', email: 'other@example.org', roles: [editors, await app.role()] });
    const gone = await app.user({ username: 'Gone' });
    await app.data(DisableUserDocument, { input: { id: gone.id } }, await app.admin());
    await app.sql("update users set first_name = 'Ánna-Lena', last_name = 'Müller' where id = $1", [anna.id]);
  });

  test.each<[object, string[]]>([
    [{ text: 'ANNA' }, ['Anna_100%', 'Hanna']],
    [{ text: 'na_1' }, ['Anna_100%']],
    [{ text: '100%' }, ['Anna_100%']],
    [{ text: '%' }, ['Anna_100%']],
    [{ text: '\\' }, []],
    [{ text: 'OTHER@example' }, ['Hanna']],
    [{ text: 'ánna-LENA' }, ['Anna_100%']],
    [{ text: 'MÜLLER' }, ['Anna_100%']],
    [{ text: 'nobody here' }, []],
    [{ active: false }, ['Gone']],
    [{ role: 'NO_SUCH_ROLE' }, []],
    [{ role: 'admin' }, []],
    [{ role: 'ADMIN' }, ['admin']],
  ])('%j', async (filter, expected) => {
    expect(await names({ filter })).toEqual(expected);
    expect((await page({ first: 0, filter })).totalCount).toBe(expected.length);
  });

  test('of several conditions wants all of them', async () => {
    expect(await names({ filter: { role: editors } })).toEqual(['Anna_100%', 'Hanna']);
    expect(await names({ filter: { role: editors, text: 'other' } })).toEqual(['Hanna']);
    expect(await names({ filter: { role: editors, active: false } })).toEqual([]);
  });

  test('that is empty, or null, finds all users', async () => {
    const everyUser = (await page({ first: 0 })).totalCount;
    for (const filter of [{}, null, { text: '' }, { text: null, role: null, active: null }])
      expect((await page({ first: 0, filter })).totalCount).toBe(everyUser);
  });
});

test('a user who is deleted is in no page', async () => {
  const { id } = await app.user({ username: 'here-today' });
  expect(await names(text('here-today'))).toEqual(['here-today']);
  await app.data(DeleteUserDocument, { input: { id } }, await app.admin());
  expect(await names(text('here-today'))).toEqual([]);
});
