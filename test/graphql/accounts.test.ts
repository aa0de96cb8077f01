import {
  ChangePasswordDocument,
  DisableUserDocument,
  EnableUserDocument,
  LoginDocument,
  RequestEmailVerificationDocument,
  UpdateUserDocument,
  VerifyEmailDocument,
} from '../../src/rest/generated/operations';
import { type ReceivedMail, type SmtpTestServer, startSmtpServer } from '../fakes/smtp/smtp';
import { PASSWORD, startApp, type TestApp, type TestUser } from '../support/app';
import { eventually } from '../support/eventually';
import { forbidden, refused } from '../support/graphql-client';
import { describeWithRedis } from '../support/redis';
import { isLive, refresh, refreshRefused, sessionValue } from '../support/sessions';
import { compatToken } from '../support/tokens';

let smtp: SmtpTestServer;
beforeAll(async () => {
  smtp = await startSmtpServer();
});
afterAll(() => smtp.close());

const mailsTo = (email: string): ReceivedMail[] => smtp.received.filter(({ recipients }) => recipients.includes(email));
async function nextMail(email: string, after = 0): Promise<ReceivedMail> {
  await eventually(`mail ${after + 1} to ${email}`, () => mailsTo(email).length > after);
  return mailsTo(email)[after]!;
}
const codeIn = ({ text }: ReceivedMail): string => /^ *(\d{6})$/m.exec(text)![1]!;
const linkIn = ({ text }: ReceivedMail): string => /https?:\/\/\S+/.exec(text)![0];
const tokenIn = (mail: ReceivedMail): string => new URL(linkIn(mail)).searchParams.get('token')!;

describeWithRedis('accounts', (redis) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({
      env: {
        SMTP_URL: smtp.url,
        REDIS_URL: redis.url,
        PUBLIC_URL: 'https://id.example.org',
        TRUST_PROXY: '1',
        CONSOLE: 'off',
      },
    });
  });
  afterAll(() => app.close());

  const STATE = '{ me { isActive isVerified } }';
  const state = async (token: string) => (await app.data<{ me: unknown }>(STATE, {}, token)).me;

  describe('an account that is disabled', () => {
    const disable = async (id: string, token?: string) =>
      (await app.gql(DisableUserDocument, { input: { id } }, token ?? (await app.admin()))).body;
    const enable = async (id: string, token?: string) =>
      (await app.gql(EnableUserDocument, { input: { id } }, token ?? (await app.admin()))).body;
    const logIn = async (username: string, password = PASSWORD) =>
      (await app.gql(LoginDocument, { input: { username, password } })).body;

    test('has no session, no token and no way in; enabling it opens the way, and brings nothing back', async () => {
      const user = await app.user();
      const identity = await compatToken({ subject: user.username, userId: user.id, issuedAt: app.clock.seconds });
      expect(await state(user.token)).toEqual({ isActive: true, isVerified: false });
      expect(await isLive(app, identity)).toBe(true);
      expect((await disable(user.id)).errors).toBeUndefined();
      const tokens = [user.token, identity];
      expect(await Promise.all(tokens.map((token) => isLive(app, token)))).toEqual([false, false]);
      expect(await refresh(app, user.tokens.refreshToken)).toEqual(refreshRefused);
      expect(await logIn(user.username)).toEqual(refused('login', 'ACCOUNT_DISABLED', 'This account is disabled'));
      expect(await sessionValue(redis.url, user.id)).toBeNull();
      expect(
        await app.data('query($id: ID!) { user(id: $id) { isActive } }', { id: user.id }, await app.admin()),
      ).toEqual({
        user: { isActive: false },
      });

      expect((await enable(user.id)).errors).toBeUndefined();
      expect(await Promise.all(tokens.map((token) => isLive(app, token)))).toEqual([false, false]);
      expect(await refresh(app, user.tokens.refreshToken)).toEqual(refreshRefused);
      expect((await logIn(user.username)).errors).toBeUndefined();
    });

    test('can be disabled and enabled repeatedly; what changes nothing is not audited', async () => {
      const user = await app.user();
      for (const step of [disable, disable, enable, enable, disable])
        expect((await step(user.id)).errors).toBeUndefined();
      const events = await app.sql<{ action: string }>(
        'select action from audit_events where target_id = $1 order by id',
        [user.id],
      );
      expect(events.map(({ action }) => action).slice(1)).toEqual(['user.disabled', 'user.enabled', 'user.disabled']);
    });

    test('takes DISABLE_USER and every scope of the account; the last administrator stays', async () => {
      const [user, warden] = [await app.user(), await app.user({ permissions: ['DISABLE_USER'] })];
      const more = await app.user({ permissions: ['DISABLE_USER', 'READ_USERS'] });
      expect(await disable(user.id, user.token)).toEqual(forbidden('disableUser', 'DISABLE_USER'));
      expect(await disable(more.id, warden.token)).toEqual(
        forbidden('disableUser', 'every scope that is concerned, or ROLE_ADMIN'),
      );
      expect((await disable(user.id, warden.token)).errors).toBeUndefined();
      const { me } = await app.data<{ me: { id: string } }>('{ me { id } }', {}, await app.admin());
      expect(await disable(me.id)).toEqual(
        refused('disableUser', 'LAST_ADMINISTRATOR', 'The last administrator cannot be removed'),
      );
    });
  });

  describe('an e-mail address', () => {
    async function asked(user: TestUser & { email: string }, after = 0): Promise<ReceivedMail> {
      expect(await app.data(RequestEmailVerificationDocument, {}, user.token)).toEqual({
        requestEmailVerification: { ok: true },
      });
      return nextMail(user.email, after);
    }
    let people = 0;
    const person = async () => {
      const email = `verify${++people}@example.org`;
      return { ...(await app.user({ email })), email };
    };
    const verify = async (input: object, token?: string) =>
      (await app.gql<unknown, object>(VerifyEmailDocument as never, { input }, token)).body;
    const done = { data: { verifyEmail: { ok: true } } };
    const wrong = refused('verifyEmail', 'INVALID_CODE', 'The code is wrong, used up or expired');
    const wrongLink = refused('verifyEmail', 'INVALID_LINK', 'The link was used or has expired; ask for a new mail');

    test('is proved by the code of the mail, which the session value and the answers show', async () => {
      const user = await person();
      const mail = await asked(user);
      expect(mail).toMatchObject({ subject: 'Xác nhận địa chỉ e-mail của bạn', recipients: [user.email] });
      expect(JSON.parse((await sessionValue(redis.url, user.id))!.text).is_verified).toBe(false);
      expect(await verify({ code: codeIn(mail) }, user.token)).toEqual(done);
      expect(await state(user.token)).toEqual({ isActive: true, isVerified: true });
      expect(JSON.parse((await sessionValue(redis.url, user.id))!.text).is_verified).toBe(true);
      const [event] = await app.sql(
        `select action, actor_id, detail from audit_events where target_id = $1 and action = 'email.verified'`,
        [user.id],
      );
      expect(event).toEqual({ action: 'email.verified', actor_id: user.id, detail: {} });
      // proved: nothing more to mail
      await app.data(RequestEmailVerificationDocument, {}, user.token);
      expect(mailsTo(user.email)).toHaveLength(1);
    });

    test('is proved by the token of the link, without a login', async () => {
      const user = await person();
      const mail = await asked(user);
      expect(linkIn(mail)).toMatch(/^https:\/\/id\.example\.org\/verify-email\?token=[\w-]{43}$/);
      expect(await verify({ linkToken: tokenIn(mail) })).toEqual(done);
      expect(await state(user.token)).toEqual({ isActive: true, isVerified: true });
      expect(await verify({ linkToken: tokenIn(mail) })).toEqual(wrongLink);
    });

    test("opening the link changes nothing, however often; its page's button proves the address, once", async () => {
      const user = await person();
      const token = tokenIn(await asked(user));
      const page = `${app.origin}/verify-email?token=${token}`;
      for (const method of ['GET', 'GET', 'HEAD']) {
        const response = await fetch(page, { method });
        expect(response.status).toBe(200);
        expect(response.headers.get('referrer-policy')).toBe('no-referrer');
        expect(response.headers.get('cache-control')).toBe('no-store');
        if (method === 'GET') expect(await response.text()).toContain(`value="${token}"`);
      }
      expect(await state(user.token)).toEqual({ isActive: true, isVerified: false });
      const press = () =>
        fetch(`${app.origin}/verify-email`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded', 'accept-language': 'en' },
          body: new URLSearchParams({ token }).toString(),
        });
      const first = await press();
      expect([first.status, (await first.text()).includes('Thank you')]).toEqual([200, true]);
      expect(await state(user.token)).toEqual({ isActive: true, isVerified: true });
      const second = await press();
      expect([second.status, (await second.text()).includes('That did not work')]).toEqual([400, true]);
    });

    test('of twenty clients that use the link at once one succeeds', async () => {
      const user = await person();
      const linkToken = tokenIn(await asked(user));
      const bodies = await Promise.all(Array.from({ length: 20 }, () => verify({ linkToken })));
      expect(bodies.filter(({ errors }) => !errors)).toHaveLength(1);
      for (const body of bodies) if (body.errors) expect(body).toEqual(wrongLink);
    });

    test('code and link are valid for five minutes and used once; the code for its owner alone, five tries', async () => {
      const [late, twice, guessed, stranger] = [await person(), await person(), await person(), await person()];
      const [first, second] = [await asked(twice), await asked(twice, 1)];
      expect(await verify({ code: codeIn(second) }, stranger.token)).toEqual(wrong);
      expect(await verify({ code: codeIn(second) })).toEqual(
        refused(
          'verifyEmail',
          'UNAUTHENTICATED',
          'Sign in first: send a valid token as "Authorization: Bearer <token>"',
          {
            reason: 'missing',
          },
        ),
      );
      expect(await verify({ code: codeIn(second) }, twice.token)).toEqual(done);
      expect(await verify({ linkToken: tokenIn(second) })).toEqual(wrongLink);
      expect(await verify({ linkToken: tokenIn(first) })).toEqual(done);

      const guess = await asked(guessed);
      const other = String((Number(codeIn(guess)) + 1) % 1_000_000).padStart(6, '0');
      for (let i = 0; i < 5; i++) expect(await verify({ code: other }, guessed.token)).toEqual(wrong);
      expect(await verify({ code: codeIn(guess) }, guessed.token)).toEqual(wrong);

      const mail = await asked(late);
      app.clock.advance(301);
      expect(await verify({ linkToken: tokenIn(mail) })).toEqual(wrongLink);
      expect(await verify({ code: codeIn(mail) }, (await app.login(late.username)).accessToken)).toEqual(wrong);
    });

    test('that was changed since the mail, of an account that was disabled, or no token at all: nothing is proved', async () => {
      const [moved, disabled] = [await person(), await person()];
      const [toMoved, toDisabled] = [await asked(moved), await asked(disabled)];
      await app.data(UpdateUserDocument, { input: { id: moved.id, email: `new-${moved.email}` } }, await app.admin());
      await app.data(DisableUserDocument, { input: { id: disabled.id } }, await app.admin());
      for (const linkToken of [tokenIn(toMoved), tokenIn(toDisabled), 'x', '', '\0', moved.token]) {
        const { errors } = await verify({ linkToken });
        expect(errors).toHaveLength(1);
      }
      const rows = await app.sql('select is_verified from users where id = any($1)', [[moved.id, disabled.id]]);
      expect(rows).toEqual([{ is_verified: false }, { is_verified: false }]);
    });

    test('that is proved is not proved any more when it is changed, and stays so when only its case is', async () => {
      const user = await person();
      await verify({ linkToken: tokenIn(await asked(user)) });
      const admin = await app.admin();
      await app.data(UpdateUserDocument, { input: { id: user.id, email: user.email.toUpperCase() } }, admin);
      expect(await state(user.token)).toEqual({ isActive: true, isVerified: true });
      await app.data(UpdateUserDocument, { input: { id: user.id, email: `other-${user.email}` } }, admin);
      expect(await state(user.token)).toEqual({ isActive: true, isVerified: false });
    });

    test('an account without one gets an error that names it', async () => {
      const { token } = await app.user();
      expect(await app.outcome(RequestEmailVerificationDocument, {}, token)).toBe('VALIDATION_FAILED');
    });
  });

  describe('a changed password', () => {
    const change = async (currentPassword: string, newPassword: string, token: string) =>
      (await app.gql(ChangePasswordDocument, { input: { currentPassword, newPassword } }, token)).body;

    test('ends every other session and token; the session that made it goes on, and can be refreshed', async () => {
      const user = await app.user();
      const other = await app.login(user.username);
      const identity = await compatToken({ subject: user.username, userId: user.id, issuedAt: app.clock.seconds });
      expect(await isLive(app, identity)).toBe(true);
      expect(await change(PASSWORD, 'the next one', user.token)).toEqual({ data: { changePassword: { ok: true } } });
      expect(await Promise.all([user.token, other.accessToken, identity].map((token) => isLive(app, token)))).toEqual([
        true,
        false,
        false,
      ]);
      expect(await refresh(app, other.refreshToken)).toEqual(refreshRefused);
      expect((await refresh(app, user.tokens.refreshToken)).errors).toBeUndefined();
      expect(await sessionValue(redis.url, user.id)).not.toBeNull();
      expect(await app.outcome(LoginDocument, { input: { username: user.username, password: PASSWORD } })).toBe(
        'INVALID_CREDENTIALS',
      );
    });

    test('of twenty at once one counts, and its token is the only one that lives', async () => {
      const user = await app.user();
      const sessions = await Promise.all(Array.from({ length: 20 }, () => app.login(user.username)));
      const bodies = await Promise.all(
        sessions.map(({ accessToken }, i) => change(PASSWORD, `number ${i}`, accessToken)),
      );
      const winners = bodies.flatMap(({ errors }, i) => (errors ? [] : [i]));
      expect(winners).toHaveLength(1);
      const live = await Promise.all(sessions.map(({ accessToken }) => isLive(app, accessToken)));
      expect(live.flatMap((lives, i) => (lives ? [i] : []))).toEqual(winners);
      expect(
        await app.outcome(LoginDocument, { input: { username: user.username, password: `number ${winners[0]}` } }),
      ).toBe('ok');
    });
  });
});
