import { type DatabaseProxy, startDatabaseProxy } from '../../fakes/database-proxy';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { eventually } from '../../support/eventually';
import { ServerProcess } from '../../support/processes';
import { failed, ok, RestChannel, type Sent, unauthenticated } from '../../support/rest';

const unavailable = failed(9999, 'Uncategorized error');

let database: TestDatabase;
let network: DatabaseProxy;
let app: ServerProcess;
let channel: RestChannel;
beforeAll(async () => {
  database = await createTestDatabase();
  network = await startDatabaseProxy(database);
  app = await ServerProcess.start({ DATABASE_URL: network.url });
  channel = new RestChannel('main port', `${app.origin}/identity`);
});
afterAll(async () => {
  await network.restore();
  await app.kill('SIGTERM');
  await network.close();
  await database.drop();
});

const ready = async () => (await fetch(`${app.origin}/health/ready`)).status;

const compatToken = async (body: object): Promise<string> =>
  (await channel.call('POST /auth/token', { body })).body.result.token;

const until = (status: number) => eventually(`health ${status}`, async () => (await ready()) === status);

test('without its database the channel says 503 and when to come back, and no client is told that it is unknown, wrong or signed out', async () => {
  const member = await app.user();
  const login = { username: member.username, password: member.password };
  const [token, unseen] = [await compatToken(login), await compatToken(login)];
  expect((await channel.call('GET /users/my-info', { token })).status).toBe(200); // remembered as accepted
  await network.cut();
  await until(503);
  const requests: [route: string, sent: Sent][] = [
    ['GET /users/my-info', { token }],
    ['GET /users/my-info', { token: unseen }],
    ['GET /users', { token }],
    ['PUT /users/:userId', { params: { userId: member.id }, token, body: { firstName: 'Ann' } }],
    ['POST /auth/token', { body: login }],
    ['POST /auth/token', { body: { ...login, password: 'wrong password' } }],
    ['POST /auth/token', { body: { username: 'nobody at all', password: 'x' } }],
    ['POST /auth/introspect', { body: { token: unseen } }],
    ['POST /auth/refresh', { body: { token: unseen } }],
    ['POST /auth/logout', { body: { token: unseen } }],
    ['POST /users', { body: { username: 'not now', password: 'password123' } }],
  ];
  for (const [route, sent] of requests) {
    const { status, headers, body } = await channel.call(route, sent);
    expect([route, status, headers.get('retry-after'), headers.get('www-authenticate'), body]).toEqual([
      route,
      503,
      '2',
      null,
      unavailable,
    ]);
  }

  // what is surely no token needs no database to be refused
  expect((await channel.call('GET /users/my-info', { token: 'garbage' })).body).toEqual(unauthenticated);
  expect((await channel.call('GET /users/my-info')).body).toEqual(unauthenticated);
  expect((await channel.call('POST /auth/logout', { body: { token: 'garbage' } })).body).toEqual(ok(null));

  await network.restore();
  await until(200);
  expect((await channel.call('GET /users/my-info', { token })).status).toBe(200);
  expect((await channel.call('POST /auth/refresh', { body: { token: unseen } })).status).toBe(200);
  expect(
    (await channel.call('POST /auth/token', { body: { username: 'not now', password: 'password123' } })).status,
  ).toBe(404);
});
