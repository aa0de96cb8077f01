import { once } from 'node:events';
import { eventually } from '../support/eventually';
import {
  account,
  accounts,
  counted,
  counts,
  lines,
  OLD_HASH,
  OTHER_HASH,
  openWorkplace,
  outcomeOf,
  type Workplace,
} from './support';

const ID = '0b0f3c1e-1111-4222-8333-444455556666';
const EVERYTHING = `select id, username, email, phone, first_name, last_name, dob::text, is_active, is_verified, created_at, last_login_at,
  password_hash, password_scheme, token_version, tokens_valid_after,
  array(select r.name from user_roles ur join roles r on r.id = ur.role_id where ur.user_id = u.id order by 1) as roles
  from users u where username_key = $1`;

let place: Workplace;
beforeEach(async () => {
  place = await openWorkplace();
});
afterEach(() => place.close());

/** A database that neither a server nor an import has used. */
async function useNewDatabase(): Promise<void> {
  await place.close();
  place = await openWorkplace({ isNew: true });
}

const found = async (username: string) => (await place.sql(EVERYTHING, [username]))[0];

const full = {
  id: ID,
  username: 'Anna',
  email: 'Anna@Example.org',
  phone: '0901234567',
  firstName: 'Anna',
  lastName: 'Đỗ, "Thị"',
  dob: '2000-01-31',
  roles: ['ADMIN'],
  isActive: true,
  isVerified: true,
  createdAt: '2020-05-01T08:30:00.123456Z',
  lastLoginAt: '2025-01-01T00:00:00Z',
  passwordHash: OTHER_HASH,
};
const stored = {
  id: ID,
  username: 'Anna',
  email: 'Anna@Example.org',
  phone: '0901234567',
  first_name: 'Anna',
  last_name: 'Đỗ, "Thị"',
  dob: '2000-01-31',
  is_active: true,
  is_verified: true,
  created_at: new Date('2020-05-01T08:30:00.123Z'),
  last_login_at: new Date('2025-01-01T00:00:00Z'),
  password_hash: OTHER_HASH,
  password_scheme: 'imported',
  token_version: 1,
  tokens_valid_after: null,
  roles: ['ADMIN'],
};

describe('an import', () => {
  test('into a new database brings everything that NDJSON says, and the defaults for what it does not', async () => {
    await useNewDatabase();
    const outcome = await place.import([place.ndjson([full, account('berta')])]);
    expect(outcome).toMatchObject({ code: 0, stderr: [] });
    expect(counts(outcome)).toEqual(counted({ created: 2 }));
    expect(await found('anna')).toEqual(stored);
    expect(await found('berta')).toEqual({
      ...stored,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      username: 'berta',
      email: null,
      phone: null,
      first_name: null,
      last_name: null,
      dob: null,
      is_verified: false,
      created_at: new Date(0),
      last_login_at: null,
      password_hash: OLD_HASH,
      roles: [],
    });
  });

  test('brings the same from CSV, with the names of a table for columns', async () => {
    const header =
      'id,username,email,phone,first_name,last_name,dob,roles,is_active,is_verified,created_at,last_login_at,password,avatar';
    const row = `${ID},Anna,Anna@Example.org,0901234567,Anna,"Đỗ, ""Thị""",2000-01-31,ADMIN|MOD,t,1,2020-05-01 08:30:00.123456,2025-01-01,${OTHER_HASH},x`;
    const outcome = await place.import([place.write('users.csv', `${header}\n${row}\n`), '--create-roles']);
    expect(outcome).toMatchObject({
      code: 0,
      stderr: [],
      stdout: expect.stringContaining('1 role created\nIgnored: avatar\n'),
    });
    expect(await found('anna')).toEqual({ ...stored, roles: ['ADMIN', 'MOD'] });
  });

  test('reads standard input', async () => {
    const outcome = await place.import(['-'], { input: lines([account('anna')]), isProcess: true });
    expect(outcome).toMatchObject({ code: 0, stderr: [] });
    const csv = await place.import(['-', '--format', 'csv'], { input: `username,password\nberta,${OLD_HASH}\n` });
    expect(csv).toMatchObject({ code: 0, stderr: [] });
    expect(await place.usernames()).toEqual(['anna', 'berta']);
  });

  test('run again changes nothing and says so', async () => {
    const file = place.ndjson([full, account('berta', { roles: ['LEARNER'] }), ...accounts(1500)]);
    await place.import([file, '--create-roles']);
    const before = await place.sql('select * from users order by id');
    const outcome = await place.import([file, '--create-roles']);
    expect(outcome).toMatchObject({ code: 0, stderr: [], stdout: expect.stringContaining('\nNothing has changed.\n') });
    expect(counts(outcome)).toEqual(counted({ unchanged: 1502 }));
    const update = await place.import([file, '--on-conflict', 'update']);
    expect(counts(update)).toEqual(counted({ unchanged: 1502 }));
    expect(await place.sql('select * from users order by id')).toEqual(before);
  });

  test('killed in the middle keeps what it had, and goes on when it is run again', async () => {
    const rows = accounts(5000);
    const child = place.start('import', ['-']);
    child.stdin!.write(lines(rows.slice(0, 3500)));
    await until('two batches', async () => (await place.usernames()).length >= 2000);
    child.kill('SIGKILL');
    await once(child, 'close');
    const kept = (await place.usernames()).length;
    expect([2000, 3000]).toContain(kept);
    const again = await place.import([place.ndjson(rows)]);
    expect(counts(again)).toEqual(counted({ created: 5000 - kept, unchanged: kept }));
    const log = await place.sql(
      `select detail->'finished' as finished from audit_events where action = 'accounts.imported' order by id`,
    );
    expect(log).toEqual([{ finished: false }, { finished: true }]);
  });

  test('asked to stop ends after the batch, says so and exits with 1', async () => {
    const child = place.start('import', ['-']);
    const outcome = outcomeOf(child);
    child.stdin!.write(`${lines(accounts(1200))}{"usern`);
    await until('the first batch', async () => (await place.usernames()).length === 1000);
    child.kill('SIGINT');
    expect(await outcome).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('Stopped before the end of the file. Run it again to go on.\n'),
      stderr: ['Stopping after this batch.'],
    });
    expect(await place.usernames()).toHaveLength(1000);
  });

  test('leaves one event in the audit log, without an actor', async () => {
    await place.import([place.ndjson([full, account('bob')])]);
    const [event, ...rest] = await place.sql(
      `select actor_id, actor_name, target_id, detail from audit_events where action = 'accounts.imported'`,
    );
    expect(rest).toEqual([]);
    expect(event).toEqual({
      actor_id: null,
      actor_name: null,
      target_id: null,
      detail: {
        file: 'users.ndjson',
        onConflict: 'skip',
        finished: true,
        rows: 2,
        created: 1,
        updated: 0,
        unchanged: 0,
        differing: 0,
        bad: 1,
        rolesCreated: 0,
        passwordsKept: 0,
      },
    });
  });

  test('dry writes nothing, and says what would happen', async () => {
    await place.import([place.ndjson([account('anna'), account('berta')])]);
    const before = await everything();
    const file = place.ndjson([
      account('anna', { phone: '0901234567' }),
      account('berta'),
      account('carla', { roles: ['NEW'] }),
      account('x'),
    ]);
    const outcome = await place.import([file, '--dry-run', '--create-roles', '--on-conflict', 'update']);
    expect(outcome).toMatchObject({
      code: 2,
      stderr: ['line 4: not imported: username: Username must be at least 4 characters'],
    });
    expect(outcome.stdout).toMatch(/^Dry run, nothing was written\. .*users\.ndjson: 4 rows in [\d.]+ s\n/);
    expect(outcome.stdout).toContain('1 role would be created\n');
    expect(counts(outcome)).toEqual({ ...counted({ created: 1, updated: 1, unchanged: 1, not: 1 }), role: 1 });
    expect(await everything()).toEqual(before);
  });

  test('dry on an unused database makes no tables', async () => {
    await useNewDatabase();
    const outcome = await place.import([place.ndjson([full, account('berta', { roles: ['OTHER'] })]), '--dry-run']);
    expect(counts(outcome)).toEqual(counted({ created: 1, not: 1 }));
    expect(outcome).toMatchObject({
      code: 2,
      stderr: ['line 2: not imported: roles: there is no role OTHER here (--create-roles makes it)'],
    });
    expect(await place.sql(`select tablename from pg_tables where schemaname = 'public'`)).toEqual([]);
  });

  test('gives an account without a date of creation the one that is asked for', async () => {
    await place.import([place.ndjson([account('anna')]), '--created-at', '2024-01-01']);
    expect(await found('anna')).toMatchObject({ created_at: new Date('2024-01-01T00:00:00Z') });
  });

  test('makes roles only when asked to, without permissions', async () => {
    const file = place.ndjson([account('anna', { roles: ['LEARNER', 'MOD'] }), account('berta', { roles: ['ADMIN'] })]);
    const refused = await place.import([file]);
    expect(refused).toMatchObject({
      code: 2,
      stderr: [
        'line 1: not imported: roles: there is no role LEARNER here (--create-roles makes it); roles: there is no role MOD here (--create-roles makes it)',
      ],
    });
    const outcome = await place.import([file, '--create-roles']);
    expect(counts(outcome)).toMatchObject({ created: 1, unchanged: 1, roles: 2 });
    expect(
      await place.sql(`select r.name, count(rp.*)::int as permissions from roles r left join role_permissions rp on rp.role_id = r.id
        where r.name <> 'ADMIN' group by r.name order by 1`),
    ).toEqual([
      { name: 'LEARNER', permissions: 0 },
      { name: 'MOD', permissions: 0 },
    ]);
  });

  test('with its own administrator keeps the first start from making another', async () => {
    await place.import([place.ndjson([full])]);
    expect(await place.sql(`select 1 from seed_marks where name = 'administrator'`)).toHaveLength(1);
  });

  test('without an administrator leaves that to the first start', async () => {
    await place.import([place.ndjson([account('anna')])]);
    expect(await place.sql(`select 1 from seed_marks where name = 'administrator'`)).toHaveLength(0);
    expect(await place.sql(`select 1 from seed_marks where name = 'role:ADMIN'`)).toHaveLength(1);
  });

  test('makes the administrator first whose password is configured', async () => {
    const env = { ADMIN_USERNAME: 'chief', ADMIN_PASSWORD: 'a password for the chief' };
    const outcome = await place.import([place.ndjson([account('Chief')])], { env });
    expect(outcome.stderr).toEqual([
      'line 1: another account of this name is here, with another username, passwordHash; it stays as it is',
    ]);
  });
});

async function everything(): Promise<unknown[]> {
  const tables = await place.sql<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' order by 1`,
  );
  return Promise.all(tables.map(async ({ name }) => [name, await place.sql(`select * from ${name} order by 1`)]));
}

const until = (what: string, condition: () => Promise<boolean>) =>
  eventually(what, () => condition().catch(() => false)); // the tables may not be there yet
