import { LogoutDocument, MeDocument } from '../../src/rest/generated/operations';
import { createEmptyDatabase, type TestDatabase } from '../support/database';
import { freePort } from '../support/environment';
import { eventually } from '../support/eventually';
import { scrape } from '../support/metrics';
import { ServerProcess } from '../support/processes';

const METRICS_TOKEN = 'a5c1f0e2d3b4968778695a4b3c2d1e0f';

/** WEB_CONCURRENCY: several processes behind one port. */
let database: TestDatabase;
let server: ServerProcess;
beforeAll(async () => {
  database = await createEmptyDatabase();
  // with 0 each worker would get a port of its own
  server = await ServerProcess.start({
    DATABASE_URL: database.url,
    WEB_CONCURRENCY: '2',
    PORT: String(await freePort()),
    METRICS_TOKEN,
  });
});
afterAll(async () => {
  await server.kill('SIGTERM');
  await database.drop();
});

/** A connection of its own, so that the workers take turns. */
const ask = async (token: string) => {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, connection: 'close' },
    body: JSON.stringify({ query: '{ me { username } }' }),
  });
  const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
  return errors?.[0]?.extensions.code ?? 'ok';
};
const askEight = async (token: string) => new Set(await Promise.all(Array.from({ length: 8 }, () => ask(token))));

test('a logout holds for every worker', async () => {
  for (let round = 0; round < 5; round++) {
    const { token } = await server.user();
    expect([...(await askEight(token))]).toEqual(['ok']);
    await server.data(LogoutDocument, { input: { token } });
    await eventually('every worker refuses', async () => !(await askEight(token)).has('ok'));
    expect([...(await askEight(token))]).toEqual(['UNAUTHENTICATED']);
  }
});

test('/metrics adds up the workers, whichever of them is scraped', async () => {
  const { token } = await server.user();
  const counted = async () => {
    const headers = { authorization: `Bearer ${METRICS_TOKEN}`, connection: 'close' };
    const samples = await scrape(`${server.origin}/metrics`, headers);
    expect(samples.get('identity_change_feed_trusted')).toBe(1);
    return samples.get('identity_operations_total{channel="graphql",operation="me",outcome="ok"}') ?? 0;
  };
  const before = await counted();
  for (let i = 0; i < 5; i++) expect([...(await askEight(token))]).toEqual(['ok']);
  for (let i = 0; i < 4; i++) expect((await counted()) - before).toBe(40);
});

test('prints one start banner, and creates the administrator once', async () => {
  expect(server.stdout.match(/Identity server ready/g)).toHaveLength(1);
  expect((await server.data(MeDocument, {}, await server.admin())).me!.username).toBe('admin');
});

test('SIGTERM ends all of them with 0, and the port is free', async () => {
  const own = await ServerProcess.start({
    DATABASE_URL: database.url,
    WEB_CONCURRENCY: '2',
    PORT: String(await freePort()),
  });
  expect(await own.kill('SIGTERM')).toMatchObject({ code: 0, signal: null });
  await eventually('the port is free', () =>
    fetch(`${own.origin}/health/live`).then(
      () => false,
      () => true,
    ),
  );
});

test('ends all of them with 1 and the reason when the database cannot be used', async () => {
  const { code, stderr } = await ServerProcess.spawn({
    DATABASE_URL: 'postgres://u:secret@127.0.0.1:1/d',
    WEB_CONCURRENCY: '2',
  }).ended;
  expect(code).toBe(1);
  expect(stderr).toContain(
    'PostgreSQL at 127.0.0.1:1/d cannot be used: connect ECONNREFUSED 127.0.0.1:1. Check DATABASE_URL',
  );
  expect(stderr).not.toMatch(/secret|^\s+at /m);
});
