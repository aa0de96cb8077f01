import { Client } from 'pg';
import {
  ChangePasswordDocument,
  LoginDocument,
  RefreshDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
  UpdateUserDocument,
  VerifyEmailDocument,
} from '../../src/rest/generated/operations';
import { type SmtpTestServer, startSmtpServer } from '../fakes/smtp/smtp';
import { PASSWORD, startApp, type TestApp, type TestUser } from '../support/app';
import { eventually } from '../support/eventually';

let smtp: SmtpTestServer;
let app: TestApp;
beforeAll(async () => {
  smtp = await startSmtpServer();
  app = await startApp({ env: { SMTP_URL: smtp.url } });
});
afterAll(async () => {
  await app.close();
  await smtp.close();
});

type Subject = TestUser & { email: string; code: string; link: string };

const outcomeOf = (answer: Promise<{ body: { errors?: { extensions?: { code?: string } }[] } }>) =>
  answer.then(({ body }) => body.errors?.[0]?.extensions?.code ?? 'ok');

/** What waits for the account's row while it is being deleted, and what it comes to. */
const waiting: [string, (user: Subject) => Promise<string>, string][] = [
  [
    'a refresh',
    ({ tokens: { refreshToken } }) => outcomeOf(app.gql(RefreshDocument, { input: { refreshToken } })),
    'INVALID_REFRESH_TOKEN',
  ],
  [
    'a login',
    ({ username, password }) => outcomeOf(app.gql(LoginDocument, { input: { username, password } })),
    'INVALID_CREDENTIALS',
  ],
  [
    'a change of password',
    ({ token }) =>
      outcomeOf(
        app.gql(ChangePasswordDocument, { input: { currentPassword: PASSWORD, newPassword: 'another one' } }, token),
      ),
    'UNAUTHENTICATED',
  ],
  ['a request for a code', ({ email }) => outcomeOf(app.gql(RequestPasswordResetDocument, { input: { email } })), 'ok'],
  [
    'a password set with a code',
    ({ email, code }) =>
      outcomeOf(app.gql(ResetPasswordDocument, { input: { email, code, newPassword: 'another one' } })),
    'INVALID_CODE',
  ],
  [
    'an address proved by a link',
    ({ link }) => outcomeOf(app.gql(VerifyEmailDocument, { input: { linkToken: link } })),
    'INVALID_LINK',
  ],
  [
    'a new address and password by an administrator',
    async ({ id, email }) =>
      outcomeOf(
        app.gql(
          UpdateUserDocument,
          { input: { id, email: `new-${email}`, password: 'another one' } },
          await app.admin(),
        ),
      ),
    'USER_NOT_FOUND',
  ],
];

/**
 * An account that is deleted row by row, as slowly as can be: locked, and deleted with all that
 * belongs to it only when the other transaction waits for it. One that had locked some of that
 * before would be a deadlock.
 */
test.each(waiting)(
  '%s waits for an account that is being deleted, and holds nothing that the deletion needs',
  async (_what, ask, outcome) => {
    const email = `subject${Math.random()}@example.org`;
    const user = await app.user({ email });
    await app.data(RequestPasswordResetDocument, { input: { email } });
    await app.data('mutation { requestEmailVerification { ok } }', {}, user.token);
    const mails = () => smtp.received.filter(({ recipients }) => recipients.includes(email)).map(({ text }) => text);
    await eventually('both mails', () => mails().length === 2);
    const [verification, reset] = [
      mails().find((text) => text.includes('verify-email'))!,
      mails().find((text) => !text.includes('verify-email'))!,
    ];
    const subject = {
      ...user,
      email,
      code: /^ *(\d{6})$/m.exec(reset)![1]!,
      link: /token=([\w-]+)/.exec(verification)![1]!,
    };

    const psql = new Client({ connectionString: app.databaseUrl });
    await psql.connect();
    try {
      await psql.query('begin');
      await psql.query('select 1 from users where id = $1 for update', [user.id]);
      const answer = ask(subject);
      await eventually('it waits', async () => {
        const [row] = await app.sql<{ n: number }>(
          `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return row!.n > 0;
      });
      await psql.query('delete from users where id = $1', [user.id]);
      await psql.query('commit');
      expect(await answer).toBe(outcome);
    } finally {
      await psql.end();
    }
  },
);
