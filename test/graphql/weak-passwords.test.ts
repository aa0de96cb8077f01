import {
  CreateUserDocument,
  LoginDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
  UpdateUserDocument,
} from '../../src/rest/generated/operations';
import { startSmtpServer } from '../fakes/smtp/smtp';
import { ADMIN, startApp, type TestApp } from '../support/app';
import { createTestDatabase } from '../support/database';
import { eventually } from '../support/eventually';

const LONG = 'four unusual words together';
const PRODUCTION = { NODE_ENV: 'production', BCRYPT_COST: '10' };
const apps: TestApp[] = [];
const start = async (...options: Parameters<typeof startApp>) => {
  const app = await startApp(...options);
  apps.push(app);
  return app;
};
afterAll(() => Promise.all(apps.map((app) => app.close())));

const codeOfLogin = (app: TestApp, username: string, password: string) =>
  app.outcome(LoginDocument, { input: { username, password } });
const codeOf = (app: TestApp, username: string, password: string) =>
  app.outcome(CreateUserDocument, { input: { username, password } });

test('PASSWORD_MIN_LENGTH sets how many characters a new password has', async () => {
  const app = await start({ env: { PASSWORD_MIN_LENGTH: '8', ADMIN_PASSWORD: LONG } });
  expect(await codeOf(app, 'short', '1234567')).toBe('PASSWORD_TOO_SHORT');
  expect(await codeOf(app, 'long-enough', '12345678')).toBe('ok');
});

test('the strict profile refuses what is easily guessed, also where an administrator sets it', async () => {
  const app = await start({
    env: { SECURITY_PROFILE: 'strict', PASSWORD_MIN_LENGTH: '8', ADMIN_PASSWORD: LONG },
  });
  expect(await codeOf(app, 'christopher-nolan', 'fourteen chars')).toBe('PASSWORD_TOO_SHORT');
  for (const password of ['thisismypassword', 'christopher-nolan', 'Christopher-Nolan1'])
    expect(await codeOf(app, 'christopher-nolan', password)).toBe('PASSWORD_TOO_COMMON');
  const { createUser } = await app.data(CreateUserDocument, { input: { username: 'christopher', password: LONG } });
  const { accessToken } = await app.login('admin', LONG);
  const change = { input: { id: createUser!.user!.id, password: 'thisismypassword' } };
  expect(await app.outcome(UpdateUserDocument, change, accessToken)).toBe('PASSWORD_TOO_COMMON');
});

test('the strict profile refuses on a reset what is easily guessed, the user name too', async () => {
  const smtp = await startSmtpServer();
  const app = await start({ env: { SECURITY_PROFILE: 'strict', ADMIN_PASSWORD: LONG, SMTP_URL: smtp.url } });
  const [username, email] = ['christopher-nolan', 'someone.else@example.org'];
  await app.data(CreateUserDocument, { input: { username, email, password: LONG } });
  await app.data(RequestPasswordResetDocument, { input: { email } });
  const mail = await eventually('the mail with the code', () => smtp.received[0]);
  const code = /^ *(\d{6})$/m.exec(mail.text)![1]!;
  const reset = (newPassword: string) => app.outcome(ResetPasswordDocument, { input: { email, code, newPassword } });
  for (const password of ['thisismypassword', username, 'Christopher-Nolan1', email])
    expect([password, await reset(password)]).toEqual([password, 'PASSWORD_TOO_COMMON']);
  expect(await codeOfLogin(app, username, LONG)).toBe('ok');
  expect(await reset(`${LONG} again`)).toBe('ok');
  await app.close();
  await smtp.close();
});

describe('in production', () => {
  test.each(['password123', 'fourteen chars', 'password1234567890', 'administrator-administrator'])(
    'ADMIN_PASSWORD=%s does not create the administrator',
    async (password) => {
      const database = await createTestDatabase();
      await expect(startApp({ env: { ...PRODUCTION, ADMIN_PASSWORD: password }, database })).rejects.toThrow(
        /^ADMIN_USERNAME or ADMIN_PASSWORD cannot be used: /,
      );
      await database.drop();
    },
  );

  test('a database that has an administrator starts, whatever the value', async () => {
    const database = await createTestDatabase();
    await (await start({ database })).close();
    const app = await start({ env: { ...PRODUCTION, ADMIN_PASSWORD: 'password123' }, database });
    expect(await app.login(ADMIN.username, ADMIN.password)).toBeDefined();
    await app.close();
    await database.drop();
  });
});
