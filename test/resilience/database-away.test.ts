import { Client } from 'pg';
import {
  CreateUserDocument,
  IntrospectDocument,
  LoginDocument,
  LogoutDocument,
  MeDocument,
  RefreshDocument,
  UsersDocument,
} from '../../src/rest/generated/operations';
import { type DatabaseProxy, startDatabaseProxy } from '../fakes/database-proxy';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { ADMIN } from '../support/environment';
import { eventually } from '../support/eventually';
import { refused } from '../support/graphql-client';
import { PASSWORD, type TestUser } from '../support/identity-client';
import { scrape } from '../support/metrics';
import { ServerProcess } from '../support/processes';
import { compatToken } from '../support/tokens';

let database: TestDatabase;
let network: DatabaseProxy;
let app: ServerProcess;
let user: TestUser;
beforeAll(async () => {
  database = await createTestDatabase();
  network = await startDatabaseProxy(database);
  app = await ServerProcess.start({ DATABASE_URL: network.url });
});
afterAll(async () => {
  await network.restore();
  await app.kill('SIGTERM');
  await network.close();
  await database.drop();
});
beforeEach(async () => {
  await answers('200', async () => String((await ready())[0]));
  user = await app.user({ permissions: ['READ_USERS'] });
  expect(await app.outcome(MeDocument, {}, user.token)).toBe('ok'); // remembered as accepted
});

afterEach(() => network.restore());

/** Until the server has noticed: for a moment before that it accepts what it has in memory. */
const untilAway = () =>
  answers(
    JSON.stringify([503, { status: 'unavailable', dependencies: { database: 'down', 'change-feed': 'down' } }]),
    async () => JSON.stringify(await ready()),
  );

async function goAway(): Promise<void> {
  await network.cut();
  await untilAway();
}

const unavailable = (field: string) =>
  refused(field, 'SERVICE_UNAVAILABLE', 'The service is not available at the moment; try again', { retryAfter: 2 });
const ready = async () => {
  const response = await fetch(`${app.origin}/health/ready`);
  return [response.status, await response.json()];
};
const answers = (wanted: string, ask: () => Promise<string>) =>
  eventually(wanted, async () => (await ask()) === wanted);

describe('PostgreSQL is gone', () => {
  test('everything that needs it is unavailable, and no client is told that it is unknown, wrong or signed out', async () => {
    const unseen = await app.login(user.username); // never used: nothing is remembered of it
    const identity = await compatToken({
      subject: user.username,
      userId: user.id,
      scope: 'READ_USERS',
      issuedAt: app.seconds,
    });
    await goAway();
    for (const token of [user.token, unseen.accessToken, identity]) {
      expect((await app.gql(MeDocument, {}, token)).body).toEqual(unavailable('me'));
      expect((await app.gql(UsersDocument, {}, token)).body).toEqual(unavailable('users'));
    }
    const input = { username: ADMIN.username, password: ADMIN.password };
    expect((await app.gql(LoginDocument, { input })).body).toEqual(unavailable('login'));
    expect((await app.gql(LoginDocument, { input: { ...input, password: 'wrong' } })).body).toEqual(
      unavailable('login'),
    );
    expect((await app.gql(RefreshDocument, { input: { refreshToken: unseen.refreshToken } })).body).toEqual(
      unavailable('refresh'),
    );
    expect((await app.gql(LogoutDocument, { input: { token: unseen.accessToken } })).body).toEqual(
      unavailable('logout'),
    );
    expect((await app.gql(IntrospectDocument, { input: { token: unseen.accessToken } })).body).toEqual(
      unavailable('introspect'),
    );
    expect((await app.gql(CreateUserDocument, { input: { username: 'not now', password: PASSWORD } })).body).toEqual(
      unavailable('createUser'),
    );
  });

  test('what needs no database works, and what cannot be a token is refused as ever', async () => {
    await goAway();
    expect((await app.gql('{ __typename }', {}, user.token)).body).toEqual({ data: { __typename: 'Query' } });
    expect(await app.outcome(MeDocument, {}, 'garbage')).toBe('UNAUTHENTICATED');
    expect(await app.outcome(MeDocument)).toBe('UNAUTHENTICATED');
    expect(await app.outcome(LogoutDocument, { input: { token: 'garbage' } })).toBe('ok');
    expect((await fetch(`${app.origin}/health/live`)).status).toBe(200);
  });

  test('the health check reports it, and answers carry no cookie and name the waiting time', async () => {
    await goAway();
    const { headers, body } = await app.gql(MeDocument, {}, user.token);
    expect(headers.get('set-cookie')).toBeNull();
    expect(body.errors![0]!.extensions).toEqual({ code: 'SERVICE_UNAVAILABLE', retryAfter: 2 });
    await network.restore();
    await answers('200', async () => String((await ready())[0]));
  });

  test('the metrics answer, with the feed untrusted and nothing about jobs', async () => {
    await goAway();
    const samples = await scrape(`${app.origin}/metrics`);
    expect(samples.get('identity_change_feed_trusted')).toBe(0);
    expect([...samples.keys()].filter((name) => name.startsWith('identity_jobs_waiting'))).toEqual([]);
    expect(samples.get('identity_sql_duration_seconds_count{outcome="unavailable"}')).toBeGreaterThan(0);
  });

  test('back again, the same tokens work without a new login, a refresh that was refused included', async () => {
    await goAway();
    expect(await app.outcome(RefreshDocument, { input: { refreshToken: user.tokens.refreshToken } })).toBe(
      'SERVICE_UNAVAILABLE',
    );
    await network.restore();
    await answers('ok', () => app.outcome(MeDocument, {}, user.token));
    await answers('ok', () => app.outcome(UsersDocument, {}, user.token));
    expect(await app.outcome(RefreshDocument, { input: { refreshToken: user.tokens.refreshToken } })).toBe('ok');
  });

  test('what was taken away meanwhile is gone when it is back', async () => {
    const removed = await app.user();
    expect(await app.outcome(MeDocument, {}, removed.token)).toBe('ok');
    await goAway();
    await inDatabase('delete from user_roles where user_id = $1', user.id);
    await inDatabase('delete from users where id = $1', removed.id);
    await network.restore();
    await answers('FORBIDDEN', () => app.outcome(UsersDocument, {}, user.token));
    expect(await app.outcome(MeDocument, {}, removed.token)).toBe('UNAUTHENTICATED');
  });
});

describe('PostgreSQL stands still', () => {
  test('the metrics answer all the same', async () => {
    network.freeze();
    const samples = await scrape(`${app.origin}/metrics`);
    expect([...samples.keys()].filter((name) => name.startsWith('identity_jobs_waiting'))).toEqual([]);
  });

  test('a token that was accepted a moment ago is not, until the database has been asked', async () => {
    network.freeze();
    await untilAway();
    await inDatabase('update users set is_active = false where id = $1', user.id);
    const asking = app.outcome(MeDocument, {}, user.token);
    const answered = await Promise.race([asking, new Promise((resolve) => setTimeout(resolve, 300, 'waits'))]);
    expect(['waits', 'SERVICE_UNAVAILABLE']).toContain(answered);
    expect(await ready()).toEqual([
      503,
      { status: 'unavailable', dependencies: { database: 'down', 'change-feed': 'down' } },
    ]);
    await network.restore();
    expect(['UNAUTHENTICATED', 'SERVICE_UNAVAILABLE']).toContain(await asking);
    await answers('UNAUTHENTICATED', () => app.outcome(MeDocument, {}, user.token));
  });
});

describe('connections are cut, and PostgreSQL is there', () => {
  test('all of them: requests succeed, or are answered that they can be repeated', async () => {
    for (let round = 0; round < 3; round++) {
      await terminate('true');
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => app.outcome(UsersDocument, {}, user.token)));
      for (const outcome of outcomes) expect(['ok', 'SERVICE_UNAVAILABLE']).toContain(outcome);
      await answers('ok', () => app.outcome(UsersDocument, {}, user.token));
    }
  });

  test('that of the change feed alone: what changes before it is back is seen all the same', async () => {
    for (let round = 0; round < 5; round++) {
      const own = await app.user();
      expect(await app.outcome(MeDocument, {}, own.token)).toBe('ok');
      await terminate("query ilike 'listen%' or query = 'select 1'");
      await inDatabase('update sessions set revoked_at = now() where user_id = $1', own.id);
      await answers('UNAUTHENTICATED', () => app.outcome(MeDocument, {}, own.token));
    }
  });
});

/** Past the proxy: another client, whose connection works. */
async function inDatabase(sql: string, value?: string): Promise<void> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(sql, value === undefined ? [] : [value]);
  await client.end();
}

const terminate = (which: string) =>
  inDatabase(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and (${which})`,
  );
