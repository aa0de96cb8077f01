import {
  ChangePasswordDocument,
  CheckPasswordResetCodeDocument,
  DeleteUserDocument,
  DisableUserDocument,
  LoginDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
  UpdateUserDocument,
  VerifyEmailDocument,
} from '../../src/rest/generated/operations';
import { type ReceivedMail, type SmtpTestServer, startSmtpServer } from '../fakes/smtp/smtp';
import { PASSWORD, startApp, type TestApp, type TestUser } from '../support/app';
import { eventually } from '../support/eventually';
import { refused } from '../support/graphql-client';
import { inParallel, isLive, refresh, refreshRefused } from '../support/sessions';
import { compatToken } from '../support/tokens';

let smtp: SmtpTestServer;
let late: SmtpTestServer | undefined;
let app: TestApp;
beforeAll(async () => {
  smtp = await startSmtpServer();
  app = await startApp({ env: { SMTP_URL: smtp.url, TRUST_PROXY: '1', LOGIN_RATE_LIMIT: '5/60' } });
});
afterAll(async () => {
  await app.close();
  await Promise.all([smtp.close(), late?.close()]);
});

let client = 0;
/** Every request comes from another address: limits per client are not what is tested here. */
const elsewhere = (more: Record<string, string> = {}) => ({
  'x-forwarded-for': `203.0.${113 + Math.floor(++client / 250)}.${client % 250}`,
  ...more,
});
const ask = async (email: string, headers: Record<string, string> = {}) =>
  (await app.gql(RequestPasswordResetDocument, { input: { email } }, elsewhere(headers))).body;
const check = async (email: string, code: string, from = elsewhere()) =>
  (await app.gql(CheckPasswordResetCodeDocument, { input: { email, code } }, from)).body;
const resetTo = async (newPassword: string, email: string, code: string, from = elsewhere()) =>
  (await app.gql(ResetPasswordDocument, { input: { email, code, newPassword } }, from)).body;
const reset = async (email: string, code: string, from = elsewhere()) =>
  (await app.gql(ResetPasswordDocument, { input: { email, code, newPassword: 'a new password' } }, from)).body;

const asked = { data: { requestPasswordReset: { ok: true } } };
const done = { data: { resetPassword: { ok: true } } };
const right = { data: { checkPasswordResetCode: { valid: true } } };
const wrongCode = refused('resetPassword', 'INVALID_CODE', 'The code is wrong, used up or expired');

const mailsTo = (email: string): ReceivedMail[] => smtp.received.filter(({ recipients }) => recipients.includes(email));
async function nextMail(email: string, after = 0): Promise<ReceivedMail> {
  await eventually(`mail ${after + 1} to ${email}`, () => mailsTo(email).length > after);
  return mailsTo(email)[after]!;
}
const codeMailsTo = (email: string) => mailsTo(email).filter(({ text }) => /^ *\d{6}$/m.test(text));
const nextCodeMail = (email: string, after: number): Promise<ReceivedMail> =>
  eventually(`mail with code ${after + 1} to ${email}`, () => codeMailsTo(email)[after]);
const codeIn = ({ text }: ReceivedMail): string => /^ *(\d{6})$/m.exec(text)![1]!;
const another = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0');

let people = 0;
async function person(): Promise<TestUser & { email: string }> {
  const email = `person${++people}@example.org`;
  return { ...(await app.user({ email })), email };
}
async function personWithCode(): Promise<TestUser & { email: string; code: string }> {
  const user = await person();
  expect(await ask(user.email)).toEqual(asked);
  return { ...user, code: codeIn(await nextMail(user.email)) };
}
const canLogIn = async (username: string, password: string) =>
  (await app.gql(LoginDocument, { input: { username, password } }, elsewhere())).body.errors === undefined;

describe('a forgotten password', () => {
  test('a code of six digits is mailed to the account, in Vietnamese, or in English where the client prefers it', async () => {
    const user = await person();
    expect(await ask(user.email.toUpperCase())).toEqual(asked);
    const mail = await nextMail(user.email);
    expect(mail).toMatchObject({ subject: 'Mã đặt lại mật khẩu của bạn', recipients: [user.email] });
    expect(codeIn(mail)).toMatch(/^\d{6}$/);
    await ask(user.email, { 'accept-language': 'en-GB,en;q=0.9' });
    expect(await nextMail(user.email, 1)).toMatchObject({ subject: 'Your code to reset the password' });
    const events = await app.sql(
      'select action, actor_id, target_id, detail from audit_events where target_id = $1 order by id',
      [user.id],
    );
    expect(events.slice(-1)).toEqual([
      { action: 'password.reset-requested', actor_id: null, target_id: user.id, detail: {} },
    ]);
  });

  test('the answer is the same, and nothing is mailed, where there is no such account', async () => {
    const [disabled, nameless] = [await person(), await app.user()];
    await app.data(DisableUserDocument, { input: { id: disabled.id } }, await app.admin());
    const before = smtp.received.length;
    for (const email of [
      'nobody@example.org',
      disabled.email,
      nameless.username,
      '',
      'no\0body@example.org',
      '\ud800',
      'x'.repeat(10_000),
    ])
      expect(await ask(email)).toEqual(asked);
    const user = await person();
    await ask(user.email);
    await nextMail(user.email); // whatever was mailed before it has arrived too
    expect(smtp.received.length).toBe(before + 1);
  });

  test('the code sets the password and ends every session and token of the account; a mail informs the owner', async () => {
    const user = await personWithCode();
    const identity = await compatToken({ subject: user.username, userId: user.id, issuedAt: app.clock.seconds });
    const second = await app.login(user.username);
    for (const token of [user.token, second.accessToken, identity]) expect(await isLive(app, token)).toBe(true);
    expect(await reset(user.email, user.code)).toEqual(done);
    for (const token of [user.token, second.accessToken, identity]) expect(await isLive(app, token)).toBe(false);
    for (const { refreshToken } of [user.tokens, second])
      expect(await refresh(app, refreshToken)).toEqual(refreshRefused);
    expect([await canLogIn(user.email, PASSWORD), await canLogIn(user.email, 'a new password')]).toEqual([false, true]);
    expect(await nextMail(user.email, 1)).toMatchObject({ subject: 'Mật khẩu của bạn đã được thay đổi' });
    expect(await app.sql('select is_verified from users where id = $1', [user.id])).toEqual([{ is_verified: true }]);
    const events = await app.sql(
      'select action, actor_id, actor_name, detail from audit_events where target_id = $1 order by id desc',
      [user.id],
    );
    expect(events[0]).toEqual({ action: 'password.reset', actor_id: user.id, actor_name: user.username, detail: {} });
  });

  test('the code can be looked at first', async () => {
    const user = await personWithCode();
    expect(await check(user.email, user.code)).toEqual({ data: { checkPasswordResetCode: { valid: true } } });
    expect(await check(user.email, another(user.code))).toEqual({ data: { checkPasswordResetCode: { valid: false } } });
    expect(await check('nobody@example.org', user.code)).toEqual({
      data: { checkPasswordResetCode: { valid: false } },
    });
    expect(await reset(user.email, user.code)).toEqual(done);
    expect(await check(user.email, user.code)).toEqual({ data: { checkPasswordResetCode: { valid: false } } });
  });

  test('the code is valid for five minutes', async () => {
    const [early, late] = [await personWithCode(), await personWithCode()];
    app.clock.advance(290);
    expect(await reset(early.email, early.code)).toEqual(done);
    app.clock.advance(11);
    expect(await reset(late.email, late.code)).toEqual(wrongCode);
    expect(await canLogIn(late.email, PASSWORD)).toBe(true);
  });

  test('after five tries of one client the right code is wrong for that client; looking at it is a try', async () => {
    const [guessed, looked] = [await personWithCode(), await personWithCode()];
    const client = elsewhere();
    for (let i = 0; i < 5; i++) expect(await reset(guessed.email, another(guessed.code), client)).toEqual(wrongCode);
    expect(await reset(guessed.email, guessed.code, client)).toEqual(wrongCode);
    for (let i = 0; i < 5; i++) await check(looked.email, looked.code, client);
    expect(await reset(looked.email, looked.code, client)).toEqual(wrongCode);
    expect(await canLogIn(guessed.email, PASSWORD)).toBe(true);
    expect(await reset(guessed.email, guessed.code)).toEqual(done);
  });

  test('a password that is not allowed uses no try', async () => {
    const user = await personWithCode();
    const from = elsewhere();
    for (let i = 0; i < 8; i++)
      expect(await resetTo('short', user.email, user.code, from)).toEqual(
        refused('resetPassword', 'PASSWORD_TOO_SHORT', 'Password must be at least 6 characters', {
          min: 6,
          field: 'newPassword',
          problems: [{ field: 'newPassword', message: 'Password must be at least 6 characters' }],
        }),
      );
    expect(await reset(user.email, user.code, from)).toEqual(done);
  });

  test('of twenty clients that use the code at once one succeeds, and its password is stored', async () => {
    const user = await personWithCode();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => resetTo(`password ${i}`, user.email, user.code)),
    );
    const winners = answers.flatMap((body, i) => (body.errors ? [] : [i]));
    expect(winners).toHaveLength(1);
    for (const [i, body] of answers.entries()) if (i !== winners[0]) expect(body).toEqual(wrongCode);
    expect(await canLogIn(user.email, `password ${winners[0]}`)).toBe(true);
  });

  test('a request by a stranger leaves the code of the owner alone', async () => {
    const user = await personWithCode();
    for (let i = 0; i < 4; i++) await ask(user.email);
    await nextMail(user.email, 4);
    expect(await reset(user.email, user.code)).toEqual(done);
  });

  test('forty-five wrong tries end a code for strangers, from any number of clients; five are left to the owner', async () => {
    const user = await personWithCode();
    const home = elsewhere();
    await app.gql(LoginDocument, { input: { username: user.username, password: PASSWORD } }, home);
    for (let i = 0; i < 44; i++) await check(user.email, another(user.code));
    expect(await check(user.email, user.code)).toEqual(right);
    expect(await reset(user.email, user.code)).toEqual(wrongCode);
    for (let i = 0; i < 3; i++) await check(user.email, another(user.code), home);
    expect(await check(user.email, user.code, home)).toEqual(right);
    expect(await reset(user.email, user.code, home)).toEqual(done);
  });

  test('fifty wrong tries end a code for all clients', async () => {
    const user = await personWithCode();
    const homes = [elsewhere(), elsewhere()];
    for (const home of homes)
      await app.gql(LoginDocument, { input: { username: user.username, password: PASSWORD } }, home);
    for (let i = 0; i < 45; i++) await check(user.email, another(user.code));
    for (let i = 0; i < 5; i++) await check(user.email, another(user.code), homes[0]);
    expect(await reset(user.email, user.code, homes[1])).toEqual(wrongCode);
  });

  test('three hundred wrong codes by strangers in a day are the last of strangers, and not of the owner', async () => {
    const user = await person();
    const home = elsewhere();
    await app.gql(LoginDocument, { input: { username: user.username, password: PASSWORD } }, home);
    let code = '';
    for (let tries = 0, mails = 0; tries < 300; mails++) {
      await ask(user.email);
      code = codeIn(await nextCodeMail(user.email, mails));
      for (const last = Math.min(tries + 40, 300); tries < last; tries++) await check(user.email, another(code));
      if (tries < 300) app.clock.advance(301);
    }
    const { errors = [] } = await reset(user.email, code);
    expect(errors[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED' });
    expect(await reset(user.email, code, home)).toEqual(done);
  });

  test('after a burst, one mail a minute serves every request, so that strangers cannot keep the owner from a code', async () => {
    const user = await person();
    for (let i = 0; i < 5; i++) {
      await ask(user.email);
      await nextMail(user.email, i);
    }
    for (let i = 0; i < 40; i++) expect(await ask(user.email)).toEqual(asked);
    expect(await app.sql(`select count(*)::int as n from jobs where payload ->> 'userId' = $1`, [user.id])).toEqual([
      { n: 1 },
    ]);
    expect(mailsTo(user.email)).toHaveLength(5);
    app.clock.advance(60);
    expect(await reset(user.email, codeIn(await nextMail(user.email, 5)))).toEqual(done);
    expect(codeMailsTo(user.email)).toHaveLength(6);
  });

  test('a code opens no other account, and none whose address was changed since', async () => {
    const [user, other] = [await personWithCode(), await personWithCode()];
    if (user.code !== other.code) expect(await reset(other.email, user.code)).toEqual(wrongCode);
    await app.data(UpdateUserDocument, { input: { id: user.id, email: `moved-${user.email}` } }, await app.admin());
    expect(await reset(user.email, user.code)).toEqual(wrongCode);
    expect(await reset(`moved-${user.email}`, user.code)).toEqual(wrongCode);
  });

  test.each([
    [
      'the password was changed',
      (user: TestUser) =>
        app.data(
          ChangePasswordDocument,
          { input: { currentPassword: PASSWORD, newPassword: 'changed by hand' } },
          user.token,
        ),
    ],
    [
      'the account was disabled',
      async ({ id }: TestUser) => app.data(DisableUserDocument, { input: { id } }, await app.admin()),
    ],
    [
      'the account was deleted',
      async ({ id }: TestUser) => app.data(DeleteUserDocument, { input: { id } }, await app.admin()),
    ],
  ])('a code is dead when %s', async (_what, end) => {
    const user = await personWithCode();
    await end(user);
    expect(await reset(user.email, user.code)).toEqual(wrongCode);
  });

  test('one client gets three mails for one address in five minutes, whether there is an account or not', async () => {
    const user = await person();
    const stranger = elsewhere();
    for (const email of [user.email, 'nobody-at-all@example.org']) {
      for (let i = 0; i < 3; i++) expect(await ask(email, stranger)).toEqual(asked);
      const body = await ask(email.toUpperCase(), stranger);
      const { retryAfter } = body.errors![0]!.extensions as { retryAfter: number };
      expect(retryAfter).toBeGreaterThan(200);
      expect(retryAfter).toBeLessThanOrEqual(300);
      expect(body).toEqual(
        refused('requestPasswordReset', 'RATE_LIMITED', `Too many attempts; try again in ${retryAfter} s`, {
          retryAfter,
        }),
      );
    }
    await nextMail(user.email, 2);
    expect(mailsTo(user.email)).toHaveLength(3);
    expect(await ask(user.email)).toEqual(asked);
    await nextMail(user.email, 3);
  });

  test('thirty guesses for one address from one client in a day, over any number of codes; those before a right one are forgiven', async () => {
    const user = await personWithCode();
    const guess = async (client: string, code = another(user.code)) => {
      // as if a new code had been mailed
      await app.sql("update one_time_codes set tries = 0, client_tries = '{}' where user_id = $1", [user.id]);
      const input = { email: user.email, code };
      const { body } = await app.gql(CheckPasswordResetCodeDocument, { input }, { 'x-forwarded-for': client });
      return body.errors?.[0]?.extensions?.code ?? body.data?.checkPasswordResetCode?.valid;
    };
    const guesses = async (count: number, client: string) => {
      const outcomes: unknown[] = [];
      for (let i = 0; i < count; i++) outcomes.push(await guess(client));
      return outcomes;
    };
    expect(await guesses(29, '198.51.100.60')).toEqual(Array(29).fill(false));
    expect(await guess('198.51.100.60', user.code)).toBe(true);
    expect(await guesses(32, '198.51.100.61')).toEqual([...Array(30).fill(false), 'RATE_LIMITED', 'RATE_LIMITED']);
    expect(await guess('198.51.100.62', user.code)).toBe(true);
  });

  test('guesses where no code was requested lock no account', async () => {
    const user = await person();
    const from = elsewhere();
    for (let i = 0; i < 35; i++) await check(user.email, '123456', from);
    await ask(user.email);
    expect(await reset(user.email, codeIn(await nextMail(user.email)), from)).toEqual(done);
  });

  test('sixty requests from one client in five minutes', async () => {
    const from = { 'x-forwarded-for': '198.51.100.77' };
    const outcomes: unknown[] = [];
    for (let i = 0; i < 62; i++) {
      const { body } = await app.gql(RequestPasswordResetDocument, { input: { email: `u${i}@example.org` } }, from);
      outcomes.push(body.errors?.[0]?.extensions?.code ?? 'ok');
    }
    expect(outcomes).toEqual([...Array(60).fill('ok'), 'RATE_LIMITED', 'RATE_LIMITED']);
  });

  test('a user who failed too often with the old password logs in with the new one at once', async () => {
    const user = await personWithCode();
    const from = { 'x-forwarded-for': '198.51.100.78' };
    const logIn = async (password: string) =>
      (await app.gql(LoginDocument, { input: { username: user.email, password } }, from)).body.errors?.[0]?.extensions
        ?.code ?? 'ok';
    for (let i = 0; i < 6; i++) await logIn('forgotten');
    expect(await logIn(PASSWORD)).toBe('RATE_LIMITED');
    const input = { email: user.email, code: user.code, newPassword: 'remembered' };
    expect((await app.gql(ResetPasswordDocument, { input }, from)).body.data).toEqual({ resetPassword: { ok: true } });
    expect(await logIn('remembered')).toBe('ok');
  });

  test('a code for the password proves no address, and the other way round', async () => {
    const user = await personWithCode();
    expect(await app.outcome(VerifyEmailDocument, { input: { code: user.code } }, user.token)).toBe('INVALID_CODE');
    await app.gql(
      'mutation { requestEmailVerification { ok } }',
      {},
      { ...elsewhere(), authorization: `Bearer ${user.token}` },
    );
    const code = codeIn(await nextMail(user.email, 1));
    if (code !== user.code) expect(await reset(user.email, code)).toEqual(wrongCode);
  });

  test('an account that is changed, disabled or deleted at the same moment: one of both succeeds, without an unexpected error', async () => {
    const admin = await app.admin();
    const rivals: ((user: TestUser & { email: string; code: string }) => Promise<{ errors?: unknown[] }>)[] = [
      ({ token }) =>
        app
          .gql(ChangePasswordDocument, { input: { currentPassword: PASSWORD, newPassword: 'changed by hand' } }, token)
          .then(({ body }) => body),
      ({ id }) => app.gql(DisableUserDocument, { input: { id } }, admin).then(({ body }) => body),
      ({ id }) => app.gql(DeleteUserDocument, { input: { id } }, admin).then(({ body }) => body),
      ({ email }) => ask(email),
      ({ email, code }) => resetTo('another password', email, code),
    ];
    const expected = new Set(['INVALID_CODE', 'INVALID_CREDENTIALS', 'UNAUTHENTICATED', 'RATE_LIMITED']);
    await inParallel(20, 4, async (round) => {
      const user = await personWithCode();
      const bodies = await Promise.all([
        reset(user.email, user.code),
        ask(user.email),
        rivals[round % rivals.length]!(user),
        resetTo('a third password', user.email, user.code),
      ]);
      const codes = bodies.flatMap(({ errors = [] }) =>
        errors.map((e) => (e as { extensions: { code: string } }).extensions.code),
      );
      expect(codes.filter((code) => !expected.has(code))).toEqual([]);
    });
  });
});

test('a mail server that is away changes no answer; the mail goes out when it is back', async () => {
  const first = await startSmtpServer();
  await first.close();
  const waiting = await startApp({ env: { SMTP_URL: first.url } });
  const { username } = await waiting.user({ email: 'late@example.org' });
  expect((await waiting.gql(RequestPasswordResetDocument, { input: { email: 'late@example.org' } })).body).toEqual(
    asked,
  );
  const second = await startSmtpServer({ port: first.port });
  late = second;
  await eventually('the mail', () => second.received.length > 0);
  const input = { email: 'late@example.org', code: codeIn(second.received[0]!), newPassword: 'a new password' };
  expect(await waiting.data(ResetPasswordDocument, { input })).toEqual({ resetPassword: { ok: true } });
  expect(await waiting.login(username, 'a new password')).toBeDefined();
});
