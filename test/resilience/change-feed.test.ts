import { Client } from 'pg';
import { pino } from 'pino';
import { ChangeFeed } from '../../src/database/change-feed';
import { PrimaryCheck } from '../../src/database/primary-check';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';

let database: TestDatabase;
let feed: ChangeFeed;
let client: Client;
const named: string[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  const logger = pino({ level: 'silent' });
  feed = new ChangeFeed(database.url, logger, new PrimaryCheck(logger));
  feed.onChange((account) => named.push(account));
  await feed.start();
});
afterAll(async () => {
  await feed.stop();
  await client.end();
  await database.drop();
});
beforeEach(async () => {
  await eventually('the feed is trusted', () => feed.trusted);
  named.length = 0;
});

test('what is committed has been given to the listeners when the feed has caught up', async () => {
  await client.query("insert into permissions (name) values ('ADDED')");
  await feed.caughtUp();
  expect(named).toEqual(['*']);
});

test('a process that stood still for longer than a second trusts no memory before it has asked', async () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1100);
  expect(feed.trusted).toBe(false);
  await eventually('the feed is trusted again', () => feed.trusted);
});

test('after a gap every account is named before the feed is trusted again', async () => {
  let wasNamed = false;
  await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`,
  );
  await eventually('the gap is noticed', () => !feed.trusted);
  await eventually('the feed is trusted again', () => {
    wasNamed = named.includes('*');
    return feed.trusted;
  });
  expect(wasNamed).toBe(true);
});
