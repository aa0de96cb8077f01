import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { type DatabaseProxy, startDatabaseProxy } from '../fakes/database-proxy';
import { type FakeKong, startFakeKong } from '../fakes/kong/fake-kong';
import {
  behind,
  type ChannelResponse,
  eventually,
  KongWorld,
  send,
  setUp,
  startKongWorld,
} from '../fakes/kong/kong-world';
import { startApp, type TestUser } from '../support/app';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { ServerProcess } from '../support/processes';

/** Short where Kong hangs, and enough for an answer of the fake one on a busy machine. */
const TIMEOUT_MS = 1500;

const ANSWERS = {
  502: { message: 'The Kong gateway refused or failed; try again' },
  503: { message: 'The Kong gateway does not answer; try again' },
} as const;

let world: KongWorld;
const users: TestUser[] = [];
beforeAll(async () => {
  world = await startKongWorld({ env: { KONG_TIMEOUT: String(TIMEOUT_MS) } });
  world.gateway.spare('DELETE'); // the outbox's
});
afterAll(() => world.close());

const newUser = async () => {
  const user = await world.app.user();
  users.push(user);
  return user;
};

function expectRefusal(answer: ChannelResponse, status: 502 | 503): void {
  expect({ status: answer.status, body: answer.body }).toEqual({ status, body: ANSWERS[status] });
  expect(answer.headers.get('retry-after')).toBe(status === 503 ? '5' : null);
}

/** The user is let in through the whole of the diagram. */
async function expectWorks({ username }: TestUser): Promise<void> {
  expect((await world.info(await world.token(await world.key(username)))).body.username).toBe(username);
}

/** Everything in Kong is honoured here, and everything that is known here is honoured. */
async function expectNoOrphans(of: KongWorld): Promise<void> {
  const honoured = async () =>
    (
      await of.app.sql<{ key: string }>(
        'select key from kong_credentials where kong_id is not null and revoked_at is null and expires_at > $1',
        [of.app.clock.now()],
      )
    )
      .map(({ key }) => key)
      .sort();
  const known = async () =>
    (await of.app.sql<{ key: string }>('select key from kong_credentials')).map(({ key }) => key).sort();
  const state = async () => JSON.stringify({ kong: await of.allKeysInKong(), known: await known() });
  const expected = JSON.stringify({ kong: await honoured(), known: await honoured() });
  await eventually(state, (found) => found === expected);
}

describe('while Kong is in trouble a sign-in says so, and works again afterwards', () => {
  const troubles: [string, (gateway: FakeKong) => unknown, (gateway: FakeKong) => unknown, 502 | 503][] = [
    ['Kong is stopped', (g) => g.stop(), (g) => g.start(), 503],
    ['Kong hangs', (g) => g.hang(), (g) => g.resume(), 503],
    ['the database of Kong is stopped', (g) => g.stopDatabase(), (g) => g.startDatabase(), 502],
    ['the database of Kong fails slowly', (g) => g.hangDatabase(TIMEOUT_MS * 0.6), (g) => g.startDatabase(), 502],
    ['the database of Kong hangs', (g) => g.hangDatabase(TIMEOUT_MS * 3), (g) => g.startDatabase(), 503],
    ['Kong answers with HTML', (g) => g.htmlError(1000), (g) => g.clearFaults(), 502],
    ['Kong cuts every connection', (g) => g.resetNext(1000), (g) => g.clearFaults(), 503],
  ];

  test.each(troubles)('%s', async (_, begin, end, status) => {
    const [known, fresh] = [await newUser(), await newUser()];
    const key = await world.key(known.username);
    await begin(world.gateway);
    const [{ body }, ...answers] = await Promise.all([
      world.graphqlSignIn(known.username),
      world.signIn(known.username),
      world.signIn(fresh.username),
      world.direct('POST', '/api/public/auth-jwt', { body: { key } }),
    ]);
    for (const answer of answers) expectRefusal(answer, status);
    expect(body.errors?.[0]).toMatchObject({
      message: ANSWERS[status].message,
      extensions: { code: status === 503 ? 'GATEWAY_UNREACHABLE' : 'GATEWAY_FAILED', retryAfter: 5 },
    });
    // who has no right to know is not told
    expect((await world.signIn(known.username, 'wrong')).status).toBe(401);
    await end(world.gateway);
    await expectWorks(known);
    await expectWorks(fresh);
    expect((await world.authJwt(key)).status).toBe(200);
  });
});

describe('one call that fails', () => {
  const steps = ['GET /consumers/{username}', 'POST /consumers', 'POST /consumers/{id}/jwt'] as const;
  const kinds: [string, (gateway: FakeKong, moment: 'before' | 'after') => void][] = [
    ['with 500', (g, moment) => g.failNext(1, 500, moment)],
    ['with an HTML page', (g, moment) => g.htmlError(1, 502, moment)],
    ['with a broken connection', (g, moment) => g.resetNext(1, moment)],
  ];
  const moments = [
    ['and has no effect', 'before'],
    ['although it took effect', 'after'],
  ] as const;

  describe.each(steps.map((step, i) => [step, i] as const))('%s', (_, position) => {
    const prepare = async () => {
      const user = await newUser();
      world.gateway.passNext(position);
      return user;
    };

    describe.each(kinds)('%s', (_kind, fail) => {
      test.each(moments)('%s, is not noticed', async (_moment, moment) => {
        const user = await prepare();
        fail(world.gateway, moment);
        const key = await world.key(user.username);
        expect(await world.keysInKong(user.username)).toEqual([key]);
        await expectWorks(user);
      });
    });

    test('by hanging, with no effect, is 503, and the next sign-in works', async () => {
      const user = await prepare();
      world.gateway.hangNext(1, 'before');
      expectRefusal(await world.signIn(user.username), 503);
      await expectWorks(user);
    });

    test('by hanging after it took effect is 503 where it only read, and else not noticed', async () => {
      const user = await prepare();
      world.gateway.hangNext(1, 'after');
      const answer = await world.signIn(user.username);
      if (position === 0) expectRefusal(answer, 503);
      else expect(answer.status).toBe(200);
      await expectWorks(user);
    });

    test('and goes on failing, took effect or not, is refused, and the next sign-in works', async () => {
      for (const moment of ['before', 'after'] as const) {
        const user = await prepare();
        world.gateway.failNext(1, 500, moment);
        world.gateway.htmlError(3, 502, 'before');
        expectRefusal(await world.signIn(user.username), 502);
        world.gateway.clearFaults();
        await expectWorks(user);
      }
    });

    test('and Kong is gone then is refused, and the next sign-in works', async () => {
      const user = await prepare();
      world.gateway.resetNext(5, 'after');
      expectRefusal(await world.signIn(user.username), 503);
      world.gateway.clearFaults();
      await expectWorks(user);
    });
  });
});

test('after all these failures nothing is left behind, in Kong or here', async () => {
  expect(users.length).toBeGreaterThan(40);
  // what was not confirmed is looked at for ten minutes, because it might still come to be
  world.app.clock.advance(601);
  await expectNoOrphans(world);
});

describe('a database that is away', () => {
  let own: KongWorld;
  let proxy: DatabaseProxy;
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    proxy = await startDatabaseProxy(database);
    own = await startKongWorld({ database: { ...database, url: proxy.url } });
  });
  afterAll(async () => {
    await own.close();
    await proxy.close();
    await database.drop();
  });

  const unavailable = { status: 503, body: { message: 'The service is not available at the moment; try again' } };

  test('is 503, with no call to Kong, and works afterwards', async () => {
    const user = await own.app.user();
    const from = own.gateway.calls.length;
    await proxy.cut();
    expect(await own.signIn(user.username)).toMatchObject(unavailable);
    expect(
      await own.direct('POST', '/api/public/auth-jwt', { body: { key: 'pX0c2mB4v7aJw1sQkT9eRdLhUyNfGoZi' } }),
    ).toMatchObject(unavailable);
    expect(own.gateway.calls.slice(from)).toEqual([]);
    await proxy.restore();
    await eventually(
      () => own.signIn(user.username),
      ({ status }) => status === 200,
    );
  });

  test('in the moment when Kong has made the credential is 503, and the credential does not stay', async () => {
    const user = await own.app.user();
    const lock = new Client({ connectionString: database.url });
    await lock.connect();
    await lock.query('begin');
    await lock.query('select from users where id = $1 for no key update', [user.id]);
    const signingIn = own.signIn(user.username);
    await eventually(
      () => own.keysInKong(user.username),
      (keys) => keys?.length === 1,
    );
    await proxy.cut();
    expect(await signingIn).toMatchObject(unavailable);
    await lock.end();
    await proxy.restore();
    const key = await eventually(
      () => own.signIn(user.username).then(({ body }) => body.jwt_issuer_key as string | undefined),
      (found) => found !== undefined,
    );
    // the statement may have gone on after its client was gone
    await eventually(
      () => own.keysInKong(user.username),
      (keys) => keys?.length === 1,
    );
    expect(await own.keysInKong(user.username)).toEqual([key]);
  });
});

test('a process that is killed before Kong has answered leaves a credential that the next one deletes', async () => {
  const database = await createTestDatabase();
  const gateway = await startFakeKong();
  const env = { ...behind(gateway), KONG_TIMEOUT: '20000', DATABASE_URL: database.url };
  const server = await ServerProcess.start(env);
  gateway.passNext(2);
  gateway.hangNext(1, 'after');
  const signingIn = send(`${server.origin}/api/public/signin`, 'POST', {
    body: { username: 'admin', password: 'password123' },
  });
  signingIn.catch(() => undefined);
  const inKong = async () => gateway.database.cached('jwt_secrets').length;
  await eventually(inKong, (count) => count === 1);
  await server.kill('SIGKILL');
  await expect(signingIn).rejects.toThrow();

  const next = await startApp({ database, env: behind(gateway) });
  await setUp(gateway, next.origin);
  const rows = () => next.sql('select kong_id, revoked_at from kong_credentials');
  expect(await rows()).toEqual([{ kong_id: null, revoked_at: null }]);
  expect(await inKong()).toBe(1);
  next.clock.advance(121);
  await eventually(inKong, (count) => count === 0);
  await eventually(rows, (left) => left.length === 0);
  await next.close();
  await gateway.stop();
  await database.drop();
});

test('all calls of a sign-in share one budget: a slow Kong ends in 503, and nothing is left behind', async () => {
  const gateway = await startFakeKong();
  const slow = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    await sleep(300);
    const contentType = request.headers['content-type'];
    const answer = await fetch(gateway.adminUrl + request.url, {
      method: request.method ?? 'GET',
      headers: contentType ? { 'content-type': contentType } : {},
      body: chunks.length > 0 ? Buffer.concat(chunks) : null,
    }).catch(() => undefined); // of a test that is over
    if (!answer) return void response.destroy();
    const text = await answer.text();
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
    response.end(text);
  });
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
  const adminUrl = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`;
  const env = { ...behind(gateway), KONG_ADMIN_URL: adminUrl, KONG_TIMEOUT: '5000' };
  const impatient = new KongWorld(gateway, await startApp({ env: { ...env, KONG_SIGN_IN_TIMEOUT: '700' } }));
  const patient = await impatient.app.user();
  expect(await impatient.signIn(patient.username)).toMatchObject({ status: 503, body: ANSWERS[503] });
  // a minute later the outbox takes the deletion up again
  await eventually(
    async () => {
      impatient.app.clock.advance(60);
      return impatient.allKeysInKong();
    },
    (keys) => keys.length === 0,
  );
  await impatient.app.close();
  slow.closeAllConnections();
  slow.close();
  await gateway.stop();
});
