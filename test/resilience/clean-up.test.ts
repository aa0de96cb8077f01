import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { expiryRules } from '../../src/queries/expired-rows';
import { startApp, type TestApp } from '../support/app';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { refresh } from '../support/sessions';

const DAY = 86_400;

describe('clean-up', () => {
  let database: TestDatabase;
  let app: TestApp;
  let other: TestApp;
  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startApp({ database });
    other = await startApp({ database, clock: app.clock });
    // the tests say themselves when it runs
    await app.sql("update jobs set due_at = 'infinity' where kind = 'clean-up'");
  });
  afterAll(async () => {
    await Promise.allSettled([app.close(), other.close()]);
    await database.drop();
  });

  const fromNow = (seconds: number) => new Date(app.clock.now().getTime() + seconds * 1000);
  const ids = async (table: string, key = 'id') =>
    (await app.sql<{ key: string }>(`select ${key}::text as key from ${table} order by 1`)).map((row) => row.key);

  async function session(userId: string, of: { idle: number; end: number; revoked?: boolean }): Promise<string> {
    const [row] = await app.sql<{ id: string }>(
      `insert into sessions (user_id, channel, idle_until, expires_at, revoked_at) values ($1, 'graphql', $2, $3, $4) returning id`,
      [userId, fromNow(of.idle), fromNow(of.end), of.revoked ? fromNow(-60) : null],
    );
    return row!.id;
  }
  const token = async (userId: string, sessionId: string, expires: number) =>
    (
      await app.sql<{ id: string }>(
        'insert into refresh_tokens (user_id, session_id, token, expires_at) values ($1, $2, $3, $4) returning id',
        [userId, sessionId, randomUUID(), fromNow(expires)],
      )
    )[0]!.id;

  test('takes what has been over for its time, and leaves the rest, to the row', async () => {
    const user = await app.user();
    const sessions = {
      live: await session(user.id, { idle: DAY, end: 20 * DAY }),
      revokedOfToday: await session(user.id, { idle: DAY, end: 20 * DAY, revoked: true }),
      idleForLess: await session(user.id, { idle: -29 * DAY, end: DAY }),
      idleForMore: await session(user.id, { idle: -31 * DAY, end: DAY }),
      overForMore: await session(user.id, { idle: -31 * DAY, end: -38 * DAY }),
    };
    const tokens = {
      live: await token(user.id, sessions.live, DAY),
      expiredToday: await token(user.id, sessions.live, -0.9 * DAY),
      expiredLonger: await token(user.id, sessions.live, -1.1 * DAY),
      ofGoneSession: await token(user.id, sessions.idleForMore, DAY),
    };
    for (const [key, expires] of Object.entries({ denied: 60, 'denied-no-more': -60 }))
      await app.sql('insert into revoked_tokens (key, user_id, expires_at) values ($1, $2, $3)', [
        key,
        user.id,
        fromNow(expires),
      ]);
    const codes: Record<string, string> = {};
    for (const [name, expires] of Object.entries({ good: 60, over: -60 })) {
      codes[name] = randomUUID();
      await app.sql(
        `insert into one_time_codes (id, user_id, purpose, code_hash, email, expires_at) values ($1, $2, 'verify-email', 'x', 'x', $3)`,
        [codes[name], user.id, fromNow(expires)],
      );
    }
    const attempts: string[] = [];
    for (const age of [89, 91]) {
      const sql = `insert into login_attempts (at, identifier, channel, outcome) values ($1, 'x', 'graphql', 'unknown-user') returning id::text`;
      attempts.push((await app.sql<{ id: string }>(sql, [fromNow(-age * DAY)]))[0]!.id);
    }
    await app.sql(`insert into audit_events (at, action) values ($1, 'user.created')`, [fromNow(-5000 * DAY)]);
    const [audit, users] = [await ids('audit_events'), await ids('users')];

    expect(await app.app.cleanUp.run()).toEqual({
      revoked_tokens: 1,
      refresh_tokens: 1,
      sessions: 2,
      one_time_codes: 1,
      login_attempts: 1,
    });
    const left = await ids('sessions');
    expect(Object.entries(sessions).flatMap(([name, id]) => (left.includes(id) ? [name] : []))).toEqual([
      'live',
      'revokedOfToday',
      'idleForLess',
    ]);
    const leftTokens = await ids('refresh_tokens');
    expect(Object.entries(tokens).flatMap(([name, id]) => (leftTokens.includes(id) ? [name] : []))).toEqual([
      'live',
      'expiredToday',
    ]);
    expect(await ids('revoked_tokens', 'key')).toEqual(['denied']);
    expect(await ids('one_time_codes')).toEqual([codes.good]);
    expect(await ids('login_attempts')).toContain(attempts[0]);
    expect(await ids('login_attempts')).not.toContain(attempts[1]);
    expect([await ids('audit_events'), await ids('users')]).toEqual([audit, users]);
    expect((await refresh(app, user.tokens.refreshToken)).errors).toBeUndefined();
    expect(await app.app.cleanUp.run()).toEqual({});
  });

  const addExpired = (count: number) =>
    app.sql(
      `insert into revoked_tokens (key, expires_at) select gen_random_uuid()::text, $1 from generate_series(1, $2::int)`,
      [fromNow(-60), count],
    );

  test('goes in batches of a thousand, each a transaction of its own', async () => {
    await addExpired(2500);
    let gone: unknown;
    const statements = await app.statements.during(async () => {
      gone = await app.app.cleanUp.run();
    });
    expect(gone).toEqual({ revoked_tokens: 2500 });
    expect(statements.filter((sql) => sql.includes('delete from revoked_tokens'))).toHaveLength(3);
    expect(statements.filter((sql) => sql.startsWith('begin'))).toHaveLength(
      2500 / 1000 + 0.5 + Object.keys(expiryRules).length, // three for the tokens, one for each other table, one for the months
    );
  });

  test('finds what is over by an index, so that a round over millions of rows costs nothing', async () => {
    const statements = await app.statements.during(() => app.app.cleanUp.run());
    const deletes = statements.filter((sql) => sql.includes('delete from') && !sql.includes('signing_keys'));
    expect(deletes).toHaveLength(Object.keys(expiryRules).length - 2); // keys are a handful
    const psql = new Client({ connectionString: database.url });
    await psql.connect();
    try {
      await psql.query('set enable_seqscan = off; set enable_bitmapscan = off');
      for (const sql of deletes) {
        const plan = (await psql.query(`explain ${sql.replace(/ \[took.*$/s, '').replace('?', "'2020-01-01'")}`)).rows
          .map((row) => row['QUERY PLAN'])
          .join('\n');
        expect(plan).toMatch(/Index Cond: \((expires_at|idle_until|at|last_used_at) </);
      }
    } finally {
      await psql.end();
    }
  });

  test('leaves everything alone while another process is at it, and comes back', async () => {
    const psql = new Client({ connectionString: database.url });
    await psql.connect();
    await addExpired(3);
    await psql.query('select pg_advisory_lock(7240152)');
    expect(await app.app.cleanUp.run()).toEqual({});
    expect(await ids('revoked_tokens', 'key')).toHaveLength(4);
    await psql.end();
    expect(await other.app.cleanUp.run()).toEqual({ revoked_tokens: 3 });
  });

  test('two processes at once take every row once, and neither waits', async () => {
    await addExpired(6000);
    const rounds = await Promise.all([app, other, app, other].map((at) => at.app.cleanUp.run()));
    let taken = rounds.reduce((sum, round) => sum + (round.revoked_tokens ?? 0), 0);
    // a process that finds the other at it leaves the rest to the next round
    taken += (await app.app.cleanUp.run()).revoked_tokens ?? 0;
    expect(taken).toBe(6000);
    expect(await ids('revoked_tokens', 'key')).toEqual(['denied']);
  });

  test('is a job that runs every minute, also after a failure', async () => {
    const nextMinute = async (what: string, isReached: () => Promise<boolean> | boolean) => {
      await eventually(what, async () => {
        // only what waits for its minute: a job that a process has claimed is due after two, and would run twice
        const waits = "kind = 'clean-up' and (due_at between $2 and $3 or due_at = 'infinity')";
        await app.sql(`update jobs set due_at = $1 where ${waits}`, [fromNow(0), fromNow(1), fromNow(90)]);
        return isReached();
      });
    };
    const isClean = async () => (await ids('revoked_tokens', 'key')).length === 1;
    await addExpired(5);
    await nextMinute('the first round', isClean);

    await app.sql('alter table revoked_tokens rename to elsewhere');
    const failures = () =>
      [...app.logs, ...other.logs].filter(({ msg }) => msg === 'a job failed; it is tried again').length;
    await nextMinute('the warning', () => failures() > 0);
    await app.sql('alter table elsewhere rename to revoked_tokens');
    await addExpired(5);
    await nextMinute('the round after', isClean);

    await eventually('one job, due later', async () => {
      const jobs = await app.sql<{ due_at: Date }>("select due_at from jobs where kind = 'clean-up'");
      return jobs.length === 1 && jobs[0]!.due_at > app.clock.now();
    });
  });
});
