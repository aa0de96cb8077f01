import type { ErrorCode } from '../../src/errors/catalogue';
import { CreateUserDocument, type CreateUserInput, UserDocument } from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp } from '../support/app';
import { refused } from '../support/graphql-client';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const create = async (input: Partial<CreateUserInput>) =>
  (await app.gql(CreateUserDocument, { input: { username: 'somebody', password: PASSWORD, ...input } })).body;
const problem = (code: ErrorCode, field: string, message: string, params: object = {}) =>
  refused('createUser', code, message, { ...params, field, problems: [{ field, message }] });
const UUID = expect.stringMatching(/^[0-9a-f-]{36}$/);
/** The date of birth of a person of that age today, or will be in some days. */
const aged = (years: number, inDays = 0) => {
  const date = app.clock.now();
  date.setUTCFullYear(date.getUTCFullYear() - years);
  date.setUTCDate(date.getUTCDate() + inDays);
  return date.toISOString().slice(0, 10);
};

describe('createUser', () => {
  test('registers a user with a name and a password, without a token', async () => {
    expect(await create({ username: 'Minimal' })).toEqual({
      data: {
        createUser: {
          user: {
            id: UUID,
            username: 'Minimal',
            firstName: null,
            lastName: null,
            dob: null,
            email: null,
            phone: null,
            roles: [],
          },
        },
      },
    });
  });

  test('keeps everything that it is given, as it is given', async () => {
    const given = {
      username: 'Nguyễn Văn A',
      firstName: 'Văn A',
      lastName: "O'Neil; drop table users",
      email: 'A.b+c@Sub.Example.org',
      phone: '+84 (28) 123-456',
      dob: '2000-02-29',
    };
    const body = await create(given);
    expect(body).toEqual({ data: { createUser: { user: { id: UUID, ...given, roles: [] } } } });
    const { user } = await app.data(UserDocument, { id: body.data!.createUser!.user.id }, await app.admin());
    expect(user).toEqual(body.data!.createUser!.user);
  });

  const NAME_FORM = 'Username must not begin or end with a space, nor hold control characters';
  const SHORT_NAME = 'Username must be at least 4 characters';
  const DATE = 'Date of birth must be a date such as 2000-01-31';
  const PHONE = 'Phone must be 6 to 20 characters';
  test.each<[string, Partial<CreateUserInput>, string, (ErrorCode | undefined)?, object?]>([
    ['a user name of three characters', { username: 'abc' }, SHORT_NAME, 'USERNAME_TOO_SHORT', { min: 4 }],
    ['a user name of three emoji', { username: '🦊🦊🦊' }, SHORT_NAME, 'USERNAME_TOO_SHORT', { min: 4 }],
    ['a user name of 256 characters', { username: 'x'.repeat(256) }, 'Username must be at most 255 characters'],
    ['a user name with a space at its end', { username: 'name ' }, NAME_FORM],
    ['a user name with a line break', { username: 'na\nme' }, NAME_FORM],
    ['a user name with an invisible character', { username: 'ad\u200bmin' }, NAME_FORM],
    [
      'a password of five characters',
      { password: '12345' },
      'Password must be at least 6 characters',
      'PASSWORD_TOO_SHORT',
      { min: 6 },
    ],
    ['a password of 1025 characters', { password: 'x'.repeat(1025) }, 'Password must be at most 1024 characters'],
    ['what is no address', { email: 'not an address' }, 'E-mail must be a valid address such as name@example.org'],
    ['a phone number of five characters', { phone: '12345' }, PHONE],
    ['a phone number of 21 characters', { phone: '1'.repeat(21) }, PHONE],
    ['a first name of 256 characters', { firstName: 'x'.repeat(256) }, 'firstName must be at most 255 characters'],
    ['a day that is not in the calendar', { dob: '2001-02-29' }, DATE],
    ['a date in another form', { dob: '01/31/2000' }, DATE],
  ])('refuses %s', async (_what, input, message, code = 'VALIDATION_FAILED', params = {}) => {
    expect(await create(input)).toEqual(problem(code, Object.keys(input)[0]!, message, params));
  });

  test('accepts a tenth birthday today, and not one tomorrow', async () => {
    expect(await create({ username: 'Ten today', dob: aged(10) })).toMatchObject({ data: { createUser: {} } });
    expect(await create({ username: 'Ten tomorrow', dob: aged(10, 1) })).toEqual(
      problem('AGE_TOO_LOW', 'dob', 'Your age must be at least 10', { min: 10 }),
    );
  });

  test('names everything that is wrong, the first in the order of the body deciding the code', async () => {
    const { errors } = await create({ username: 'abc', password: '1', email: '?', phone: '1', dob: '?' });
    expect(errors).toHaveLength(1);
    expect(errors![0]!.extensions).toEqual({
      code: 'USERNAME_TOO_SHORT',
      field: 'username',
      min: 4,
      problems: [
        { field: 'username', message: 'Username must be at least 4 characters' },
        { field: 'password', message: 'Password must be at least 6 characters' },
        { field: 'email', message: 'E-mail must be a valid address such as name@example.org' },
        { field: 'phone', message: 'Phone must be 6 to 20 characters' },
        { field: 'dob', message: 'Date of birth must be a date such as 2000-01-31' },
      ],
    });
  });

  test('empty texts are texts that are not given', async () => {
    expect(
      await create({ username: 'Empty texts', email: '', phone: '', dob: '', firstName: '', lastName: '' }),
    ).toMatchObject({
      data: { createUser: { user: { email: null, phone: null, dob: null, firstName: null, lastName: null } } },
    });
  });

  test('is in the audit log, without the password', async () => {
    await create({ username: 'Audited', password: 'Tr0ub4dor&3' });
    const rows = await app.sql<{ detail: object }>(
      `select * from audit_events where action = 'user.created' and detail->>'username' = 'Audited'`,
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain('Tr0ub4dor');
  });
});
