import type { TransferAccount } from '../../src/cli/account-transfer/account';
import { memberNamed } from '../../src/cli/account-transfer/account';
import { instant } from '../../src/cli/account-transfer/instant';
import { readAccount } from '../../src/cli/account-transfer/read-account';
import { OLD_HASH, OTHER_HASH } from './support';

const rules = { now: new Date('2025-06-15T12:00:00Z'), maxCost: 14 };
const hashOfCost = (cost: string): string => OLD_HASH.replace('$04$', `$${cost}$`);
const read = (values: object) => readAccount({ username: 'anna', passwordHash: OLD_HASH, ...values }, rules);

/** What the file gives, without the members that it leaves out. */
const said = (values: object): Partial<TransferAccount> =>
  Object.fromEntries(
    Object.entries(read(values)).filter(([, value]) => value !== undefined),
  ) as Partial<TransferAccount>;

const minimal = { username: 'anna', passwordHash: OLD_HASH, passwordScheme: 'imported' };

describe('the names of members', () => {
  test.each([
    ['first_name', 'firstName'],
    ['firstName', 'firstName'],
    ['FIRST_NAME', 'firstName'],
    ['first name', 'firstName'],
    ['password', 'passwordHash'],
    ['password_hash', 'passwordHash'],
    ['is_active', 'isActive'],
    ['created_at', 'createdAt'],
    ['last_login_at', 'lastLoginAt'],
    ['role', 'roles'],
    ['avatar', undefined],
    ['__proto__', undefined],
    ['constructor', undefined],
  ])('%s means %s', (name, member) => {
    expect(memberNamed(name)).toBe(member);
  });
});

describe('an account', () => {
  test('needs a user name and a hash, and what is not said is not made up', () => {
    expect(said({})).toEqual(minimal);
  });

  test.each<[string, object, object]>([
    [
      'an id in any case',
      { id: '0B0F3C1E-1111-4222-8333-444455556666' },
      { id: '0b0f3c1e-1111-4222-8333-444455556666' },
    ],
    ['no id', { id: '' }, {}],
    [
      'empty text as none',
      { email: '', phone: '', firstName: '', lastName: null, dob: '' },
      { email: null, phone: null, firstName: null, lastName: null, dob: null },
    ],
    ['names in the normal form', { firstName: 'Nguye\u0302\u0303n' }, { firstName: 'Nguyễn' }],
    ['roles as an array, each once, in order', { roles: ['MOD', 'ADMIN', 'MOD'] }, { roles: ['ADMIN', 'MOD'] }],
    ['roles with spaces between', { roles: ' MOD  ADMIN ' }, { roles: ['ADMIN', 'MOD'] }],
    ['roles with bars between', { roles: 'MOD|ADMIN' }, { roles: ['ADMIN', 'MOD'] }],
    [
      'roles as the identity API answers them',
      { roles: [{ name: 'MOD', description: null, permissions: [] }] },
      { roles: ['MOD'] },
    ],
    ['no roles', { roles: null }, { roles: [] }],
    ['flags of every dialect', { isActive: 0, isVerified: 't' }, { isActive: false, isVerified: true }],
    ['flags that are empty', { isActive: '', isVerified: null }, {}],
    ['a date of creation', { createdAt: '2020-05-01 08:30:00' }, { createdAt: '2020-05-01T08:30:00.000000Z' }],
    ['no date of creation', { createdAt: '' }, {}],
    ['a last login', { lastLoginAt: '2025-06-15T14:00:00.5+02:00' }, { lastLoginAt: '2025-06-15T12:00:00.500000Z' }],
    ['$2a$', { passwordHash: OTHER_HASH }, { passwordHash: OTHER_HASH }],
    ['$2y$', { passwordHash: OLD_HASH.replace('$2b$', '$2y$') }, { passwordHash: OLD_HASH.replace('$2b$', '$2y$') }],
    ['the mark of Spring Security', { passwordHash: `{bcrypt}${OLD_HASH}` }, {}],
    ['the dearest hash', { passwordHash: hashOfCost('14') }, { passwordHash: hashOfCost('14') }],
    ['the scheme of an export', { passwordScheme: 'bcrypt-hmac-sha384' }, { passwordScheme: 'bcrypt-hmac-sha384' }],
    [
      'what carries tokens on',
      { tokenVersion: '3', tokensValidAfter: '2025-01-01', exemptTokenKey: 'jti:1' },
      { tokenVersion: 3, tokensValidAfter: '2025-01-01T00:00:00.000000Z', exemptTokenKey: 'jti:1' },
    ],
  ])('may have %s', (_, values, expected) => {
    expect(said(values)).toEqual({ ...minimal, ...expected });
  });

  const COST = 'passwordHash: must have a cost of 4 to 14, not';
  const HASH = 'passwordHash: must be a bcrypt hash that begins with $2a$, $2b$ or $2y$';
  const ROLES = 'roles: must be names of 1 to 64 letters, digits and _ . : - that begin with a letter or digit';
  const DATE = 'must be a date and time such as 2020-01-31T12:00:00Z';
  test.each<[object, ...string[]]>([
    [{ username: undefined }, 'username: is missing'],
    [{ username: '' }, 'username: is missing'],
    [{ username: 12345 }, 'username: must be text'],
    [{ username: 'bob' }, 'username: Username must be at least 4 characters'],
    [{ username: ' anna' }, 'username: Username must not begin or end with a space, nor hold control characters'],
    [{ username: 'an\0na' }, 'username: Username must not begin or end with a space, nor hold control characters'],
    [{ username: 'a'.repeat(256) }, 'username: Username must be at most 255 characters'],
    [{ id: '17' }, 'id: must be a UUID'],
    [{ email: 'anna' }, 'email: E-mail must be a valid address such as name@example.org'],
    [{ phone: '12345' }, 'phone: Phone must be 6 to 20 characters'],
    [{ phone: '1'.repeat(21) }, 'phone: Phone must be 6 to 20 characters'],
    [{ phone: 901234567 }, 'phone: must be text'],
    [{ firstName: 'a\0' }, 'firstName: firstName holds characters that cannot be kept'],
    [{ firstName: '\uD800' }, 'firstName: firstName holds characters that cannot be kept'],
    [{ dob: '2000-02-30' }, 'dob: Date of birth must be a date such as 2000-01-31'],
    [{ dob: '2015-06-16' }, 'dob: Your age must be at least 10'],
    [{ roles: ['a b'] }, ROLES],
    [{ roles: [7] }, ROLES],
    [{ roles: { name: 'MOD' } }, ROLES],
    [{ isActive: 'maybe' }, 'isActive: must be true or false'],
    [{ isVerified: 2 }, 'isVerified: must be true or false'],
    [{ createdAt: 'yesterday' }, `createdAt: ${DATE}`],
    [{ createdAt: '2025-02-30T00:00:00Z' }, `createdAt: ${DATE}`],
    [{ createdAt: '2025-06-17T12:00:00Z' }, 'createdAt: lies in the future'],
    [{ lastLoginAt: '2030-01-01' }, 'lastLoginAt: lies in the future'],
    [{ passwordHash: undefined }, 'passwordHash: is missing'],
    [{ passwordHash: 'secret in clear' }, HASH],
    [{ passwordHash: OLD_HASH.replace('$2b$', '$2x$') }, HASH],
    [{ passwordHash: OLD_HASH.slice(0, -1) }, HASH],
    [{ passwordHash: `${OLD_HASH} ` }, HASH],
    [{ passwordHash: hashOfCost('03') }, `${COST} 3`],
    [{ passwordHash: hashOfCost('15') }, `${COST} 15`],
    [{ passwordHash: hashOfCost('31') }, `${COST} 31`],
    [{ passwordScheme: 'argon2' }, 'passwordScheme: must be one of imported, bcrypt, bcrypt-hmac-sha384'],
    [{ tokenVersion: 0 }, 'tokenVersion: must be a whole number from 1'],
    [
      { username: 'bob', email: 'bob', passwordHash: '' },
      'passwordHash: is missing',
      'username: Username must be at least 4 characters',
      'email: E-mail must be a valid address such as name@example.org',
    ],
  ])('is refused with %j', (values, ...problems) => {
    expect(read(values)).toEqual({ problems });
  });

  test('may have a dearer hash where the server itself makes dearer ones', () => {
    expect(readAccount({ username: 'anna', passwordHash: hashOfCost('16') }, { ...rules, maxCost: 16 })).toMatchObject({
      username: 'anna',
    });
  });
});

describe('an instant', () => {
  test.each([
    ['2020-01-31', '2020-01-31T00:00:00.000000Z'],
    ['2020-01-31T12:30Z', '2020-01-31T12:30:00.000000Z'],
    ['2020-01-31 12:30:15', '2020-01-31T12:30:15.000000Z'],
    ['2020-01-31T12:30:15.123456789Z', '2020-01-31T12:30:15.123456Z'],
    ['2020-01-31T12:30:15,1+07:00', '2020-01-31T05:30:15.100000Z'],
    ['2020-01-31 12:30:15.000001+00', '2020-01-31T12:30:15.000001Z'],
    ['2020-01-31 12:30:15 UTC', '2020-01-31T12:30:15.000000Z'],
    ['2020-01-31T12:30:15-0330', '2020-01-31T16:00:15.000000Z'],
    ['2020-02-30', null],
    ['2020-01-31T25:00:00Z', null],
    ['2020-01-31T12:00:00+99:00', null],
    ['0000-01-01', null],
    ['9999-12-31T23:59:59-01:00', null],
    ['1577836800', null],
    ['infinity', null],
    ['', null],
  ])('%s is %s', (text, expected) => {
    expect(instant(text)).toBe(expected);
  });
});
