import { MikroORM } from '@mikro-orm/postgresql';
import { Client } from 'pg';
import { migrationsList } from '../../migrations';
import { migrate } from '../../src/database/migrate';
import { ormOptions } from '../../src/database/orm-options';
import { ADMIN, startApp, type TestApp } from '../support/app';
import { createEmptyDatabase } from '../support/database';
import { eventually } from '../support/eventually';

const MONTHS = `select tableoid::regclass::text as month, identifier from login_attempts where identifier like 'm-%' order by at`;
const partitions = async (app: TestApp, history: string) =>
  (
    await app.sql<{ name: string }>(
      'select inhrelid::regclass::text as name from pg_inherits where inhparent = $1::regclass order by name',
      [history],
    )
  ).map(({ name }) => name);
const addAttempt = (app: TestApp, at: string) =>
  app.sql(
    `insert into login_attempts (at, identifier, channel, outcome) values ($1, $2, 'graphql', 'wrong-password')`,
    [at, `m-${at}`],
  );

describe('the months of the histories', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
    goTo('2031-01-20T12:00:00Z');
    await cleanUpUntil('months are made', async () => (await partitions(app, 'audit_events')).length > 3);
  });
  afterAll(() => app.close());

  const goTo = (moment: string) => app.clock.advance((Date.parse(moment) - app.clock.now().getTime()) / 1000);

  /** Cleans up until it is so: a round of the server's own may be under way, and another one does nothing. */
  const cleanUpUntil = (what: string, isSo: () => Promise<boolean>) =>
    eventually(what, async () => {
      await app.app.cleanUp.run();
      return isSo();
    });

  test('the current month and the next one are prepared, and a second round changes nothing', async () => {
    for (const history of ['login_attempts', 'audit_events']) {
      const names = await partitions(app, history);
      expect(names).toEqual(expect.arrayContaining([`${history}_2031_01`, `${history}_2031_02`, `${history}_default`]));
      await app.app.cleanUp.run();
      expect(await partitions(app, history)).toEqual(names);
    }
  });

  test('a login succeeds in a month that has no partition, and moves there with the next round', async () => {
    goTo('2031-03-31T12:00:00Z');
    await app.login(ADMIN.username, ADMIN.password);
    const logins = `select tableoid::regclass::text as month from login_attempts where at > '2031-03-01' and outcome = 'ok'`;
    expect(await app.sql(logins)).toEqual([{ month: 'login_attempts_default' }]);
    const monthOf = async () => (await app.sql<{ month: string }>(logins))[0]!.month;
    await cleanUpUntil('the login moves', async () => (await monthOf()) === 'login_attempts_2031_03');
  });

  test('logins go on while the partition of their month is made', async () => {
    for (let month = 1; month <= 6; month++) {
      const at = `2035-0${month}-15T00:00:00Z`;
      const rows = Array.from({ length: 40 }, () => addAttempt(app, at));
      await Promise.all([...rows, app.sql('select ensure_month($1, $2)', ['login_attempts', at])]);
    }
    const [counted] = await app.sql<{ n: number }>(
      `select count(*)::int as n from login_attempts where at > '2035-01-01'`,
    );
    expect(counted).toEqual({ n: 240 });
    await app.sql(`delete from login_attempts where at > '2035-01-01'`);
  });

  test('months are those of UTC', async () => {
    for (const at of ['2031-02-28T23:59:59.999Z', '2031-03-01T00:00:00Z', '2031-03-01T03:00:00+07'])
      await addAttempt(app, at);
    expect((await app.sql<{ month: string }>(MONTHS)).map(({ month }) => month)).toEqual([
      'login_attempts_2031_02',
      'login_attempts_2031_02',
      'login_attempts_2031_03',
    ]);
  });

  test('a month goes as a whole, 90 days after its end; the audit log stays', async () => {
    goTo('2031-05-28T23:00:00Z');
    await app.app.cleanUp.run();
    expect(await partitions(app, 'login_attempts')).toContain('login_attempts_2031_02');
    goTo('2031-05-30T01:00:00Z');
    const isGone = async () => !(await partitions(app, 'login_attempts')).includes('login_attempts_2031_02');
    await cleanUpUntil('the month is dropped', isGone);
    const left = await partitions(app, 'login_attempts');
    expect(left).toContain('login_attempts_2031_03');
    expect(await partitions(app, 'audit_events')).toContain('audit_events_2031_02');
  });

  test('a reader of an old month delays its end, and no login', async () => {
    const reader = new Client({ connectionString: app.databaseUrl });
    await reader.connect();
    try {
      await reader.query('begin; lock table login_attempts_2031_03 in access share mode');
      goTo('2031-07-15T00:00:00Z');
      const failure = () => app.app.cleanUp.run().then(String, String);
      await eventually('the round gives up', async () => (await failure()).includes('lock timeout'));
      await app.login(ADMIN.username, ADMIN.password);
      expect(await partitions(app, 'login_attempts')).toContain('login_attempts_2031_03');
    } finally {
      await reader.end();
    }
    const isGone = async () => !(await partitions(app, 'login_attempts')).includes('login_attempts_2031_03');
    await cleanUpUntil('the month is dropped', isGone);
  });

  test('the page of an account is read from an index of each month', async () => {
    await app.sql(`insert into login_attempts (at, identifier, user_id, channel, outcome)
      select '2031-07-10'::timestamptz + n * interval '1 minute', 'x', gen_random_uuid(), 'graphql', 'ok'
      from generate_series(1, 60000) as n`);
    await app.app.cleanUp.run();
    await app.sql('analyze login_attempts');
    const plan = await app.sql<{ 'QUERY PLAN': string }>(`explain select * from login_attempts
      where user_id = '00000000-0000-0000-0000-000000000000' order by at desc, id desc limit 51`);
    const text = plan.map((row) => row['QUERY PLAN']).join('\n');
    expect(text).toMatch(/Index Scan.* on login_attempts_2031_07/);
    expect(text).toMatch(/Index Scan.* on login_attempts_2031_08|Index Scan.* on login_attempts_default/);
  });
});

test('rows of years are carried over to their months, and back', async () => {
  const database = await createEmptyDatabase();
  const orm = await MikroORM.init(ormOptions({ url: database.url, replicaUrls: [], pool: 2 }));
  try {
    const before = migrationsList.findIndex((migration) => 'name' in migration && migration.name.startsWith('0017'));
    const previous = migrationsList[before - 1]! as { name: string };
    await orm.migrator.up({ to: previous.name });
    await orm.em.execute(`insert into login_attempts (at, identifier, channel, outcome)
      select moment, 'm-' || moment::date, 'graphql', 'ok'
      from generate_series('2029-11-15 00:00Z'::timestamptz, '2030-02-15 00:00Z', interval '1 month') as moment`);
    await orm.em.execute(
      `insert into audit_events (at, action, detail) values ('2030-01-01 00:00Z', 'test', '{"n":1}')`,
    );
    const rows = () => orm.em.execute('select * from login_attempts order by id');
    const events = () => orm.em.execute('select * from audit_events order by id');
    const [attempts, audited] = [await rows(), await events()];
    expect(attempts).toHaveLength(4);

    await migrate(orm);
    expect(await orm.em.execute(MONTHS)).toEqual(
      ['2029_11', '2029_12', '2030_01', '2030_02'].map((month) => ({
        month: `login_attempts_${month}`,
        identifier: `m-${month.replace('_', '-')}-15`,
      })),
    );
    expect([await rows(), await events()]).toEqual([attempts, audited]);
    await orm.migrator.down({ to: previous.name });
    expect([await rows(), await events()]).toEqual([attempts, audited]);
    await migrate(orm);
    const [added] = await orm.em.execute<{ id: string }[]>(
      `insert into login_attempts (identifier, channel, outcome) values ('next', 'graphql', 'ok') returning id`,
    );
    expect(Number(added!.id)).toBeGreaterThan(Number(attempts.at(-1)!.id));
  } finally {
    await orm.close(true);
    await database.drop();
  }
});
