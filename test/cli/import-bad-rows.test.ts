import fs from 'node:fs';
import { importCommand } from '../../src/cli/account-transfer/import-command';
import {
  account,
  accounts,
  counted,
  counts,
  lines,
  OLD_HASH,
  OLD_PASSWORD,
  openWorkplace,
  type Workplace,
} from './support';

let place: Workplace;
const openPlace = async () => {
  place = await openWorkplace();
};
const closePlace = () => place.close();

const ID = '0b0f3c1e-1111-4222-8333-444455556666';

describe('bad rows', () => {
  beforeEach(openPlace);
  afterEach(closePlace);

  test('are listed with line and reason, in the error file as well, and nothing else is lost', async () => {
    const file = place.write(
      'users.ndjson',
      `${lines([account('anna')])}{"username":"berta",\n\n${lines([
        account('carla', { passwordHash: OLD_PASSWORD }),
        account('dora', { roles: ['GHOST'] }),
        account('emma', { email: 'emma', phone: '1' }),
        { username: 'fanny' },
        account('greta'),
      ])}`,
    );
    const outcome = await place.import([file, '--errors', place.file('errors.ndjson')]);
    expect(outcome).toMatchObject({
      code: 2,
      stderr: [
        'line 2: not imported: the line is not valid JSON',
        'line 4: not imported: passwordHash: must be a bcrypt hash that begins with $2a$, $2b$ or $2y$',
        'line 5: not imported: roles: there is no role GHOST here (--create-roles makes it)',
        'line 6: not imported: email: E-mail must be a valid address such as name@example.org; phone: Phone must be 6 to 20 characters',
        'line 7: not imported: passwordHash: is missing',
      ],
    });
    expect(counts(outcome)).toEqual(counted({ created: 2, not: 5 }));
    expect(await place.usernames()).toEqual(['anna', 'greta']);
    expect(
      fs
        .readFileSync(place.file('errors.ndjson'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { line: 2, kind: 'bad', reason: 'the line is not valid JSON' },
      { line: 4, kind: 'bad', reason: 'passwordHash: must be a bcrypt hash that begins with $2a$, $2b$ or $2y$' },
      { line: 5, kind: 'bad', reason: 'roles: there is no role GHOST here (--create-roles makes it)' },
      {
        line: 6,
        kind: 'bad',
        reason:
          'email: E-mail must be a valid address such as name@example.org; phone: Phone must be 6 to 20 characters',
      },
      { line: 7, kind: 'bad', reason: 'passwordHash: is missing' },
    ]);
  });

  test('of CSV are listed with the line where they begin', async () => {
    const rows = [
      `anna,${OLD_HASH},"two\nlines"`,
      `berta,${OLD_HASH}`,
      `carla,${OLD_HASH},"open`,
      `dora,${OLD_HASH},`,
      `x,${OLD_HASH},`,
    ];
    const outcome = await place.import([place.write('users.csv', `username,password,last_name\n${rows.join('\n')}\n`)]);
    expect(outcome).toMatchObject({
      code: 2,
      stderr: [
        'line 4: not imported: the line has 2 values and the header 3',
        'line 5: not imported: a quote is opened and not closed',
        'line 7: not imported: username: Username must be at least 4 characters',
      ],
    });
    expect(await place.usernames()).toEqual(['anna', 'dora']);
  });

  test('that repeat a name, an address or an id are listed with the line that has it first, in any case and far apart', async () => {
    const rows = [
      account('Đỗ Anna', { id: ID, email: 'anna@example.org' }),
      account('no', { email: 'free@example.org' }),
      account('đỗ anna', { email: 'ANNA@EXAMPLE.ORG' }),
      account('berta', { email: 'free@example.org' }),
      account('carla', { id: ID.toUpperCase() }),
      ...accounts(2000),
      account('PERSON000003'),
      account('berta'),
    ];
    const outcome = await place.import([place.ndjson(rows)]);
    expect(outcome).toMatchObject({
      code: 2,
      stderr: [
        'line 2: not imported: username: Username must be at least 4 characters',
        'line 3: not imported: username: line 1 has the same user name (upper and lower case are not told apart); email: line 1 has the same e-mail address',
        'line 5: not imported: id: line 1 has the same id',
        'line 2006: not imported: username: line 9 has the same user name (upper and lower case are not told apart)',
        'line 2007: not imported: username: line 4 has the same user name (upper and lower case are not told apart)',
      ],
    });
    expect(counts(outcome)).toEqual(counted({ created: 2002, not: 5 }));
    expect(counts(await place.import([place.ndjson(rows)]))).toEqual(counted({ unchanged: 2002, not: 5 }));
  });

  test('that the database refuses cost no other row of their batch, and no hash is repeated', async () => {
    await place.import([place.ndjson([])]);
    await place.sql(`alter table users add constraint no_poison check (username not like 'poison%')`);
    await place.sql(`create function refuse() returns trigger language plpgsql as $$
      begin if new.username = 'venom' then raise exception 'not with %', new.password_hash; end if; return new; end $$`);
    await place.sql('create trigger refuse before insert on users for each row execute function refuse()');
    const rows = accounts(1500);
    rows[1] = account('poison1');
    rows[700] = account('venom');
    rows[701] = account('poison2');
    rows[1400] = account('poison3');
    const outcome = await place.import([place.ndjson(rows)]);
    const reason = 'the database refused it: new row for relation "users" violates check constraint "no_poison"';
    expect(outcome).toMatchObject({
      code: 2,
      stderr: [
        `line 2: not imported: ${reason}`,
        'line 701: not imported: the database refused it: not with (hash)',
        `line 702: not imported: ${reason}`,
        `line 1401: not imported: ${reason}`,
      ],
    });
    expect(counts(outcome)).toEqual(counted({ created: 1496, not: 4 }));
    expect(await place.usernames()).toHaveLength(1496);
  });
});

const cannot = async (args: string[], message: string | RegExp, env?: Record<string, string>) => {
  const { code, stdout, stderr } = await place.import(args, { env });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr[0]).toMatch(message);
  return stderr;
};

describe('an import that cannot run', () => {
  beforeAll(openPlace);
  afterAll(closePlace);

  test.each<[string[], string]>([
    [[], "error: missing required argument 'FILE'"],
    [['a.ndjson', 'b.ndjson'], 'error: too many arguments. Expected 1 argument but got 2: a.ndjson, b.ndjson.'],
    [['users.ndjson', '--frobnicate'], "error: unknown option '--frobnicate'"],
    [['users.ndjson', '--errors', 'users.ndjson'], '--errors names the file that is imported.'],
  ])('with %j says why and how it is called', async (args, message) => {
    const file = place.ndjson([account('anna')]);
    const stderr = await cannot(args, message);
    if (message.startsWith('--errors')) expect(fs.readFileSync(file, 'utf8')).toBe(lines([account('anna')]));
    else expect(stderr[1]).toBe('Usage: npm run import -- FILE [options]');
  });

  test.each<[string[], string]>([
    [['missing.ndjson'], 'missing.ndjson cannot be read: there is no such file or folder.'],
    [['users.xml'], 'The name users.xml does not tell what is in it: add --format ndjson or --format csv.'],
    [
      ['users.ndjson', '--format', 'xml'],
      "error: option '--format <format>' argument 'xml' is invalid. Allowed choices are ndjson, csv.",
    ],
    [
      ['users.ndjson', '--on-conflict', 'merge'],
      "error: option '--on-conflict <action>' argument 'merge' is invalid. Allowed choices are skip, update.",
    ],
    [
      ['users.ndjson', '--created-at', 'then'],
      "error: option '--created-at <date>' argument 'then' is invalid. It takes a date and time such as 2020-01-31T12:00:00Z.",
    ],
    [
      ['/dev/null', '--format', 'csv', '--errors', '/no/where'],
      '/no/where cannot be written: there is no such file or folder.',
    ],
  ])('with %j says why', async (args, message) => {
    const command = importCommand({ env: {}, stdin: process.stdin, stdout: process.stdout, stderr: process.stderr })
      .exitOverride()
      .configureOutput({ writeErr: () => undefined });
    await expect(command.parseAsync(args, { from: 'user' })).rejects.toMatchObject({ message });
  });

  test.each([
    ['array.json', '[{}]', 'The file is a JSON array; NDJSON has one object in each line.'],
    ['users.csv', 'name;password\n', 'The first line names no column username'],
    ['empty.csv', '', 'The file is empty; the first line of CSV names the columns.'],
  ])('for what is in %s says so', async (name, content, message) => {
    await cannot([place.write(name, content)], message);
  });

  test('without a database says where it looked', async () => {
    const file = place.ndjson([account('anna')]);
    await cannot(
      [file],
      /^PostgreSQL at 127\.0\.0\.1:1\/x cannot be used: .* Check DATABASE_URL and that the server is running$/,
      {
        DATABASE_URL: 'postgres://u:secret@127.0.0.1:1/x',
      },
    );
  });

  test('in production without the secrets of production names them', async () => {
    const stderr = await cannot([place.ndjson([account('anna')])], 'The configuration is not usable:', {
      NODE_ENV: 'production',
    });
    expect(stderr.join('\n')).toContain('JWT_SIGNER_KEY is required in production');
  });

  test('shows how it is called', async () => {
    const { code, stdout, stderr } = await place.import(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: [] });
    expect(stdout).toMatch(/^Usage: npm run import -- FILE \[options\]\n/);
    for (const option of ['--dry-run', '--on-conflict', '--created-at', '--errors']) expect(stdout).toContain(option);
  });
});

describe('a database that does not fit', () => {
  beforeEach(openPlace);
  afterEach(closePlace);

  test('because it is newer or older is left alone', async () => {
    const file = place.ndjson([account('anna')]);
    await place.import([place.ndjson([], 'none.ndjson')]);
    await place.sql(`insert into mikro_orm_migrations (name) values ('9999-incompatible-later')`);
    for (const options of [[], ['--dry-run']])
      await cannot(
        [file, ...options],
        'The database has migration 9999-incompatible-later, with which this version cannot work: start the newer ' +
          'version',
      );
    await place.sql(`delete from mikro_orm_migrations where name <> '0001-create-tables'`);
    await cannot([file, '--dry-run'], 'The database is of an older version of this program: start the server once');
  });

  test('in another way is told in a sentence', async () => {
    await place.import([place.ndjson([])]);
    await place.sql('alter table user_roles rename to user_roles_gone');
    const { code, stderr } = await place.import([place.ndjson([account('anna')])]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: ['The import could not go on: the database refused it: relation "user_roles" does not exist.'],
    });
  });
});
