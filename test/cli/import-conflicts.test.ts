import { account, accounts, counted, counts, OLD_HASH, OTHER_HASH, openWorkplace, type Workplace } from './support';

const ID = '0b0f3c1e-1111-4222-8333-444455556666';
const OTHER_ID = '0b0f3c1e-1111-4222-8333-444455557777';
const STAYS = '; it stays as it is';

let place: Workplace;
beforeEach(async () => {
  place = await openWorkplace();
});
afterEach(() => place.close());

const imported = (rows: readonly object[], ...args: string[]) =>
  place.import([place.ndjson(rows), '--create-roles', ...args]);
const users = (columns: string) =>
  place.sql(`select ${columns} from users where username <> 'admin' order by username_key`);

describe('an account that is here with other data', () => {
  const before = account('anna', {
    id: ID,
    email: 'anna@example.org',
    firstName: 'Anna',
    roles: ['LEARNER'],
    lastLoginAt: '2025-01-01',
  });
  const after = account('Anna', {
    id: ID,
    email: 'new@example.org',
    roles: ['MOD'],
    isVerified: true,
    createdAt: '2020-01-01',
    lastLoginAt: '2025-02-01',
    passwordHash: OTHER_HASH,
  });
  beforeEach(async () => {
    await imported([before]);
  });
  const columns = `id, username, email, first_name, is_verified, created_at, last_login_at, password_hash, token_version,
    array(select r.name from user_roles ur join roles r on r.id = ur.role_id where ur.user_id = users.id order by 1) as roles`;

  test('stays as it is, and what differs is told', async () => {
    const rows = await users(columns);
    const outcome = await imported([after]);
    expect(outcome).toMatchObject({
      code: 0,
      stderr: [
        `line 1: another account of this name is here, with another username, email, roles, isVerified, createdAt, lastLoginAt, passwordHash${STAYS}`,
      ],
    });
    expect(counts(outcome)).toMatchObject(counted({ here: 1 }));
    expect(await users(columns)).toEqual(rows);
  });

  test('takes the data of the file when asked to, keeps what the file does not say, and once', async () => {
    const outcome = await imported([after], '--on-conflict', 'update');
    expect(outcome).toMatchObject({ code: 0, stderr: [] });
    expect(counts(outcome)).toMatchObject(counted({ updated: 1 }));
    expect(await users(columns)).toEqual([
      {
        id: ID,
        username: 'Anna',
        email: 'new@example.org',
        first_name: 'Anna',
        is_verified: true,
        created_at: new Date('2020-01-01T00:00:00Z'),
        last_login_at: new Date('2025-02-01T00:00:00Z'),
        password_hash: OTHER_HASH,
        token_version: 2,
        roles: ['MOD'],
      },
    ]);
    expect(counts(await imported([after], '--on-conflict', 'update'))).toEqual(counted({ unchanged: 1 }));
  });

  test('is emptied where the file is empty', async () => {
    await imported([account('anna', { email: '', firstName: null, roles: [] })], '--on-conflict', 'update');
    expect(
      await users('email, first_name, (select count(*)::int from user_roles ur where ur.user_id = users.id) as roles'),
    ).toEqual([{ email: null, first_name: null, roles: 0 }]);
  });

  test('that has logged in here later than the file knows is no other', async () => {
    await place.sql(`update users set last_login_at = '2026-01-01'`);
    expect(counts(await imported([before], '--on-conflict', 'update'))).toEqual(counted({ unchanged: 1 }));
  });

  test('keeps the id that it has here, whatever is asked', async () => {
    const row = { ...before, id: OTHER_ID };
    const skipped = await imported([row]);
    expect(skipped.stderr).toEqual([`line 1: another account of this name is here, with another id${STAYS}`]);
    const untouched = await imported([row], '--on-conflict', 'update');
    expect(untouched.stderr).toEqual([`line 1: another account of this name is here, with another id${STAYS}`]);
    expect(counts(untouched)).toEqual(counted({ here: 1 }));
    const updated = await imported([{ ...row, phone: '0901234567' }], '--on-conflict', 'update');
    expect(updated).toMatchObject({
      code: 0,
      stderr: ['line 1: the account was updated, but keeps the id that it has here'],
    });
    expect(await users('id, phone')).toEqual([{ id: ID, phone: '0901234567' }]);
  });

  test.each<[string, object, string]>([
    [
      'an id of another account',
      account('berta', { id: ID }),
      'id: an account with another user name has this id here',
    ],
    [
      'an address of another account',
      account('berta', { email: 'ANNA@example.org' }),
      'email: another account has this e-mail address here',
    ],
  ])('is not mixed up with a row that has %s', async (_, row, reason) => {
    for (const mode of ['skip', 'update']) {
      const outcome = await imported([row, account('carla')], '--on-conflict', mode);
      expect(outcome).toMatchObject({ code: 2, stderr: [`line 1: not imported: ${reason}`] });
    }
    expect(await place.usernames()).toEqual(['anna', 'carla']);
  });
});

describe('an account that has a password of its own by now', () => {
  const row = account('anna');
  const rehash = () => place.sql(`update users set password_hash = $1, password_scheme = 'bcrypt'`, [OTHER_HASH]);

  test('is unchanged, and an update leaves it its password', async () => {
    await imported([row]);
    await rehash();
    const again = await imported([row]);
    expect(again.stdout).toContain(
      '1 of these have logged in or changed their password here since: their passwords here stay\n',
    );
    expect(counts(again)).toMatchObject(counted({ unchanged: 1 }));
    await imported([{ ...row, phone: '0901234567' }], '--on-conflict', 'update');
    expect(await users('password_hash, password_scheme, phone, token_version')).toEqual([
      { password_hash: OTHER_HASH, password_scheme: 'bcrypt', phone: '0901234567', token_version: 1 },
    ]);
  });

  test('gets that of the file when asked to', async () => {
    await imported([row]);
    await rehash();
    await imported([row], '--on-conflict', 'update', '--overwrite-passwords');
    expect(await users('password_hash, password_scheme, token_version')).toEqual([
      { password_hash: OLD_HASH, password_scheme: 'imported', token_version: 2 },
    ]);
  });

  test('is another one when it began here: that the passwords differ is told', async () => {
    await imported([]);
    await place.sql(`insert into users (username, password_hash, password_scheme) values ('anna', $1, 'bcrypt')`, [
      OTHER_HASH,
    ]);
    const outcome = await imported([row]);
    expect(outcome.stderr).toEqual([`line 1: another account of this name is here, with another passwordHash${STAYS}`]);
  });
});

describe('an update', () => {
  test('that disables or gives another password ends sessions, codes, tokens and gateway credentials', async () => {
    await imported([account('anna'), account('berta'), account('carla')]);
    await place.sql(
      `insert into sessions (user_id, channel, idle_until, expires_at) select id, 'graphql', now() + '1 h', now() + '1 h' from users`,
    );
    await place.sql(
      `insert into one_time_codes (user_id, purpose, code_hash, email, expires_at) select id, 'x', 'x', 'x', now() from users`,
    );
    await place.sql(
      `insert into kong_credentials (key, user_id, consumer, expires_at) select username, id, 'x', now() from users`,
    );
    const changed = [
      account('anna', { isActive: false }),
      account('berta', { passwordHash: OTHER_HASH }),
      account('carla', { phone: '0901234567' }),
    ];
    expect(counts(await imported(changed, '--on-conflict', 'update'))).toEqual(counted({ updated: 3 }));
    expect(
      await users(`username, token_version, tokens_valid_after is not null as ended,
        (select revoke_reason from sessions s where s.user_id = users.id) as reason,
        (select count(*)::int from one_time_codes c where c.user_id = users.id) as codes,
        (select revoked_at is not null from kong_credentials g where g.user_id = users.id) as credential`),
    ).toEqual([
      { username: 'anna', token_version: 2, ended: true, reason: 'disabled', codes: 0, credential: true },
      { username: 'berta', token_version: 2, ended: true, reason: 'password changed', codes: 0, credential: true },
      { username: 'carla', token_version: 1, ended: false, reason: null, codes: 1, credential: false },
    ]);
  });

  test('does not take the last administrator away, and the others of the batch are updated', async () => {
    const rows = accounts(20);
    await imported([account('chief', { roles: ['ADMIN'] }), account('deputy', { roles: ['ADMIN'] }), ...rows]);
    const changed = [
      account('chief', { isActive: false }),
      account('deputy', { roles: [] }),
      ...rows.map((row) => ({ ...row, isVerified: true })),
    ];
    const outcome = await imported(changed, '--on-conflict', 'update');
    expect(outcome).toMatchObject({
      code: 2,
      stderr: ['line 2: not imported: the last administrator cannot be removed'],
    });
    expect(counts(outcome)).toEqual(counted({ updated: 21, not: 1 }));
    expect(
      await place.sql(`select username from users u join user_roles ur on ur.user_id = u.id join roles r on r.id = ur.role_id
        where r.name = 'ADMIN' and u.is_active`),
    ).toEqual([{ username: 'deputy' }]);
  });
});
