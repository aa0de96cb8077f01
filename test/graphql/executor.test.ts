import { PermissionsDocument, RevokeOtherSessionsDocument } from '../../src/rest/generated/operations';
import { ADMIN, startApp, type TestApp } from '../support/app';
import { refused, unauthenticated } from '../support/graphql-client';
import { RestChannel } from '../support/rest';
import { isLive } from '../support/sessions';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

describe('an unexpected error is logged and masked', () => {
  let token: string;
  let compatToken: string;
  let identity: RestChannel;

  beforeAll(async () => {
    identity = new RestChannel('main port', `${app.origin}/identity`);
    token = await app.admin();
    compatToken = (await identity.call('POST /auth/token', { body: ADMIN })).body.result.token;
    await app.sql('alter table permissions rename column description to elsewhere');
  });
  afterAll(() => app.sql('alter table permissions rename column elsewhere to description'));
  beforeEach(() => void app.logs.splice(0));
  // the server is right to log it: nothing of it is left for the end of the file
  afterEach(() => void app.logs.splice(0));

  test('over GraphQL, when the document is first seen and when it is known', async () => {
    for (let i = 1; i <= 3; i++) {
      const { status, body } = await app.gql(PermissionsDocument, {}, token);
      expect([status, body]).toEqual([200, refused('permissions', 'INTERNAL_SERVER_ERROR', 'Unexpected error')]);
      const logged = app.logs.filter(({ msg }) => msg === 'unexpected error');
      expect(logged).toHaveLength(i);
      expect(logged[0]!.err!.message).toContain('column');
    }
  });

  test('over REST', async () => {
    const { status, body } = await identity.call('GET /permissions', { token: compatToken });
    expect([status, body]).toEqual([500, { code: 9999, message: 'Uncategorized error' }]);
    expect(app.logs.map(({ msg }) => msg)).toContain('unexpected error');
  });
});

test('each mutation of a request is authenticated again: after the logout the second one is refused', async () => {
  const user = await app.user();
  const other = await app.login(user.username);
  const { body } = await app.gql(
    'mutation($i: LogoutInput!) { logout(input: $i) { ok } revokeOtherSessions { count } }',
    { i: { token: user.token } },
    user.token,
  );
  expect(body).toEqual({
    ...unauthenticated('revokeOtherSessions', 'invalid'),
    data: { logout: { ok: true }, revokeOtherSessions: null },
  });
  expect(await isLive(app, other.accessToken)).toBe(true);
  expect(await app.data(RevokeOtherSessionsDocument, {}, other.accessToken)).toEqual({
    revokeOtherSessions: { count: 0 },
  });
});

test('so is one that needs no more than a valid token', async () => {
  const user = await app.user();
  const { body } = await app.gql(
    'mutation($i: LogoutInput!) { logout(input: $i) { ok } requestEmailVerification { ok } }',
    { i: { token: user.token } },
    user.token,
  );
  expect(body).toEqual({
    ...unauthenticated('requestEmailVerification', 'invalid'),
    data: { logout: { ok: true }, requestEmailVerification: null },
  });
});
