import {
  DisableUserDocument,
  MeDocument,
  UpdateProfileDocument,
  UpdateUserDocument,
} from '../../src/rest/generated/operations';
import { startApp, type TestApp } from '../support/app';
import { eventually } from '../support/eventually';

/**
 * What the server remembers for speed must never show: neither in what is said of a user, nor in
 * what an operation may cost.
 */
let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const LAST_LOGIN = '{ me { lastLoginAt } }';

describe('me', () => {
  test('asks the database nothing for a client that asks again', async () => {
    const { token } = await app.user();
    const before = await app.data(MeDocument, {}, token);
    let after: unknown;
    expect(
      await app.statements.atBest(async () => {
        after = await app.data(MeDocument, {}, token);
      }),
    ).toEqual([]);
    expect(after).toEqual(before);
  });

  test('shows a change with the next request', async () => {
    const user = await app.user();
    for (const firstName of ['An', 'Binh', 'Chi']) {
      await app.data(MeDocument, {}, user.token);
      await app.data(UpdateUserDocument, { input: { id: user.id, firstName } }, user.token);
      expect((await app.data(MeDocument, {}, user.token)).me).toMatchObject({ id: user.id, firstName });
    }
  });

  test('shows a role and a permission that was given, and one that was taken away', async () => {
    const role = await app.role(['READ_ROLES']);
    const user = await app.user();
    const namesOf = async () => (await app.data(MeDocument, {}, user.token)).me!.roles.map(({ name }) => name);
    expect(await namesOf()).toEqual([]);
    await app.sql('insert into user_roles (user_id, role_id) select $1, id from roles where name = $2', [
      user.id,
      role,
    ]);
    await eventually('the role', async () => (await namesOf()).includes(role));
    await app.sql('delete from roles where name = $1', [role]);
    await eventually('no role', async () => (await namesOf()).length === 0);
  });

  test('shows the last login, also one after the user was cached', async () => {
    const user = await app.user();
    await app.data(MeDocument, {}, user.token);
    const first = await app.data<{ me: { lastLoginAt: string } }>(LAST_LOGIN, {}, user.token);
    app.clock.advance(5);
    await app.login(user.username);
    const second = await app.data<{ me: { lastLoginAt: string } }>(LAST_LOGIN, {}, user.token);
    expect(Date.parse(second.me.lastLoginAt) - Date.parse(first.me.lastLoginAt)).toBeGreaterThanOrEqual(5000);
  });

  test('is refused at once to a user who was disabled after they were cached', async () => {
    const user = await app.user();
    await app.data(MeDocument, {}, user.token);
    await app.data(DisableUserDocument, { input: { id: user.id } }, await app.admin());
    expect(await app.outcome(MeDocument, {}, user.token)).toBe('UNAUTHENTICATED');
  });

  test('does not take one user for another', async () => {
    const [one, other] = [await app.user(), await app.user()];
    for (const user of [one, other, one, other]) {
      expect((await app.data(MeDocument, {}, user.token)).me).toMatchObject({ id: user.id, username: user.username });
    }
  });
});

test('a changed profile evicts no account', async () => {
  const user = await app.user();
  const before = await app.data(MeDocument, {}, user.token);
  await app.data(UpdateProfileDocument, { input: { userId: user.id, fullName: 'Nguyen Van An' } }, user.token);
  expect(await app.data(MeDocument, {}, user.token)).toEqual(before);
});

describe('the cost of an operation is computed for the values it is sent with:', () => {
  const PAGES = `query Pages($first: Int = 1000, $withRoles: Boolean = true) {
    ${['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((alias) => `${alias}: users(first: $first) { ...Names }`).join(' ')}
  }
  fragment Names on UserConnection { nodes { id username firstName lastName roles @include(if: $withRoles) { name permissions { name description } } } edges { node { id username email phone } } }`;
  const outcomeOf = async (variables: Record<string, unknown>) => app.outcome(PAGES, variables, await app.admin());

  test('a small page lets no large one through after it, nor the other way round', async () => {
    expect(await outcomeOf({ first: 1 })).toBe('ok');
    expect(await outcomeOf({ first: 1000 })).toBe('QUERY_TOO_COMPLEX');
    expect(await outcomeOf({ first: 1 })).toBe('ok');
    expect(await outcomeOf({ first: 1000 })).toBe('QUERY_TOO_COMPLEX');
  });

  test('a variable that is null is not the one that is left out', async () => {
    expect(await outcomeOf({ first: null })).toBe('ok');
    expect(await outcomeOf({})).toBe('QUERY_TOO_COMPLEX');
    expect(await outcomeOf({ first: null })).toBe('ok');
  });

  test('the cost follows the values of directives', async () => {
    expect(await outcomeOf({ first: 900, withRoles: false })).toBe('ok');
    expect(await outcomeOf({ first: 900, withRoles: true })).toBe('QUERY_TOO_COMPLEX');
  });

  test('values that are not valid leave nothing in the cache', async () => {
    const text = PAGES.replace('Pages', 'Others');
    const token = await app.admin();
    expect(await app.outcome(text, { first: 1000, withRoles: 'yes' }, token)).toBe('BAD_USER_INPUT');
    expect(await app.outcome(text, { first: 1000, withRoles: true }, token)).toBe('QUERY_TOO_COMPLEX');
  });
});
