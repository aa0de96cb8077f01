import fs from 'node:fs';
import {
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
const WARNING =
  'WARNING: this holds the password hashes of all accounts. Keep it where only you can read it, and delete it after use.';
const NOTHING = 'There are no accounts yet: neither a server nor an import has used this database.';

/** With everything that a file can say, and what has to be quoted. */
const anna = {
  id: ID,
  username: 'Anna',
  email: 'Anna@Example.org',
  phone: '+84 (90) 123-4567',
  firstName: 'Đỗ, "Thị"',
  lastName: 'two\nlines',
  dob: '2000-01-31',
  roles: ['ADMIN', 'MOD'],
  isActive: false,
  isVerified: true,
  createdAt: '2020-05-01T08:30:00.123456Z',
  lastLoginAt: '2025-01-01T00:00:00.500Z',
  passwordHash: OTHER_HASH,
  passwordScheme: 'bcrypt-hmac-sha384',
  tokenVersion: 7,
  tokensValidAfter: '2024-12-31T00:00:00.000Z',
  exemptTokenKey: 'jti:1',
};
const berta = {
  id: '0b0f3c1e-1111-4222-8333-444455557777',
  username: 'berta',
  email: null,
  phone: null,
  firstName: null,
  lastName: null,
  dob: null,
  roles: [],
  isActive: true,
  isVerified: false,
  createdAt: '1970-01-01T00:00:00.000Z',
  lastLoginAt: null,
  passwordHash: OLD_HASH,
  passwordScheme: 'imported',
  tokenVersion: 1,
  tokensValidAfter: null,
  exemptTokenKey: null,
};

const places: Workplace[] = [];
async function open(options?: { isNew: boolean }): Promise<Workplace> {
  const place = await openWorkplace(options);
  places.push(place);
  return place;
}
afterEach(async () => {
  for (const place of places.splice(0)) await place.close();
});

async function filled(rows: readonly object[]): Promise<Workplace> {
  const place = await open();
  await place.import([place.ndjson(rows), '--create-roles']);
  return place;
}

const read = (place: Workplace, name: string): string => fs.readFileSync(place.file(name), 'utf8');

describe('an export', () => {
  test('is the accounts in the order of their ids, for the eyes of its owner', async () => {
    const place = await filled([berta, anna]);
    const outcome = await place.export(['all.ndjson']);
    expect(outcome).toEqual({ code: 0, stdout: '', stderr: [WARNING, '2 accounts written to all.ndjson.'] });
    expect(read(place, 'all.ndjson')).toBe(lines([anna, berta]));
    expect(fs.statSync(place.file('all.ndjson')).mode & 0o777).toBe(0o600);
  });

  test('in CSV has the members for columns', async () => {
    const place = await filled([berta, anna]);
    await place.export(['all.csv']);
    expect(read(place, 'all.csv').split('\r\n')).toEqual([
      'id,username,email,phone,firstName,lastName,dob,roles,isActive,isVerified,createdAt,lastLoginAt,passwordHash,passwordScheme,tokenVersion,tokensValidAfter,exemptTokenKey',
      `${ID},Anna,Anna@Example.org,+84 (90) 123-4567,"Đỗ, ""Thị""","two\nlines",2000-01-31,ADMIN MOD,false,true,2020-05-01T08:30:00.123456Z,2025-01-01T00:00:00.500Z,${OTHER_HASH},bcrypt-hmac-sha384,7,2024-12-31T00:00:00.000Z,jti:1`,
      `${berta.id},berta,,,,,,,true,false,1970-01-01T00:00:00.000Z,,${OLD_HASH},imported,1,,`,
      '',
    ]);
  });

  test.each(['ndjson', 'csv'])(
    'brought into an empty database as %s and exported again is the same file',
    async (format) => {
      const first = await filled([anna, berta, ...accounts(2500)]);
      await first.export([`all.${format}`]);
      const second = await open({ isNew: true });
      const imported = await second.import([first.file(`all.${format}`), '--create-roles']);
      expect(counts(imported)).toMatchObject(counted({ created: 2502 }));
      await second.export([`all.${format}`]);
      expect(read(second, `all.${format}`)).toBe(read(first, `all.${format}`));
      expect(counts(await first.import([first.file(`all.${format}`)]))).toEqual(counted({ unchanged: 2502 }));
    },
  );

  test('goes to standard output, and says how npm keeps its own lines out of it', async () => {
    const place = await filled([berta]);
    expect(await place.export(['-'], { isProcess: true })).toEqual({
      code: 0,
      stdout: lines([berta]),
      stderr: [WARNING, '1 account written.'],
    });
    expect(await place.export(['--format', 'csv'])).toMatchObject({
      stdout: expect.stringMatching(/^id,username,.*\r\n.*,berta,/),
    });
    const npm = await place.export([], { env: { npm_lifecycle_event: 'export' } });
    expect(npm.stderr[1]).toBe(
      'npm has written lines of its own before the first account: use npm run -s export, or name a FILE.',
    );
  });

  test('is of one moment, whatever changes meanwhile', async () => {
    const place = await filled(accounts(3000));
    const child = place.start('export', ['-']);
    // more than a pipe takes: it waits until the reader goes on
    await new Promise((resolve) => child.stdout!.once('readable', resolve));
    await place.sql(
      `begin; delete from users where username > 'person000500'; update users set phone = '0901234567'; commit`,
    );
    const { stdout } = await outcomeOf(child);
    const exported = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(exported.filter(({ phone }) => phone === null)).toHaveLength(3000);
  });

  test('leaves the file alone that was there when it cannot be finished', async () => {
    const place = await filled([berta]);
    place.write('all.ndjson', 'before');
    await place.sql('alter table user_roles rename to user_roles_gone');
    const outcome = await place.export(['all.ndjson']);
    expect(outcome).toMatchObject({
      code: 1,
      stderr: [
        WARNING,
        'The accounts could not be read: the database refused it: relation "user_roles" does not exist.',
      ],
    });
    expect(read(place, 'all.ndjson')).toBe('before');
    expect(fs.readdirSync(place.folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  test('replaces a file that others could read by one that they cannot', async () => {
    const place = await filled([berta]);
    fs.chmodSync(place.write('all.ndjson', 'before'), 0o644);
    await place.export(['all.ndjson']);
    expect(fs.statSync(place.file('all.ndjson')).mode & 0o777).toBe(0o600);
  });

  test('that cannot be written, or has nothing to write, says why', async () => {
    const place = await open({ isNew: true });
    const cannot = (message: string) => ({ code: 1, stdout: '', stderr: expect.arrayContaining([message]) });
    expect(await place.export(['all.ndjson'])).toEqual(cannot(NOTHING));
    expect(await place.export(['all.ndjson'], { env: { DATABASE_URL: '' } })).toEqual(cannot(NOTHING));
    expect(fs.readdirSync(place.folder)).toEqual([]);
    expect(await place.export(['all.xml'])).toEqual(
      cannot('The name all.xml does not tell what is in it: add --format ndjson or --format csv.'),
    );
    await place.import([place.ndjson([berta])]);
    expect(await place.export(['no/where.csv'])).toEqual(
      cannot('no/where.csv cannot be written: there is no such file or folder.'),
    );
  });

  test('ends quietly when its reader does', async () => {
    const place = await filled(accounts(3000));
    const child = place.start('export', ['-']);
    child.stdout!.once('data', () => child.stdout!.destroy());
    expect(await outcomeOf(child)).toMatchObject({
      code: 1,
      stderr: [WARNING, expect.stringMatching(/^Standard output cannot be written: /)],
    });
  });
});
