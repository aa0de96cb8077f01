import { failed, ok, type RestWorld, uncategorized } from '../../../support/rest';
import { type Case, casesOf } from './case';

const SENT = ok(null, 'If an account has this address, a code has been sent to it');

/** A user who has asked for a code, and the code. */
async function withCode(world: RestWorld): Promise<{ email: string; otp: string; username: string; token: string }> {
  const { email, username, token } = await world.member();
  await world.main.call('POST /auth/forgot-password', { body: { email } });
  return { email, username, token, otp: await world.codeFor(email) };
}

const wrong = (otp: string): string => otp.replace(/^./, (digit) => String((Number(digit) + 1) % 10));

const forgotCases = casesOf('POST /auth/forgot-password', 'beyond', [
  {
    promise: 'mails a code of six digits',
    given: async (world) => ({ body: { email: (await world.member()).email } }),
    status: 200,
    body: SENT,
    after: async (world, _answer, { body }) => {
      expect(await world.codeFor((body as { email: string }).email)).toMatch(/^\d{6}$/);
    },
  },
  {
    promise: 'answers the same when no account has the address',
    given: (world) => ({ body: { email: `${world.unique('nobody')}@example.org` } }),
    status: 200,
    body: SENT,
  },
  ...['', 'no address', 'nul\0@example.org', '\ud800@example.org', null].map((email) => ({
    promise: `answers the same to ${JSON.stringify(email)}`,
    given: () => ({ body: { email } }),
    status: 200,
    body: SENT,
  })),
  {
    promise: 'says 1010 when one address is asked for too often',
    shows: 'RATE_LIMITED' as const,
    given: async (world) => {
      const body = { email: (await world.member()).email };
      for (let i = 0; i < 3; i++) await world.main.call('POST /auth/forgot-password', { body });
      return { body };
    },
    status: 429,
    body: failed(1010, 'Too many requests'),
    headers: { 'retry-after': '300' },
  },
  {
    promise: 'says 1001 of what is no text',
    shows: 'MALFORMED_BODY' as const,
    given: () => ({ body: { email: 7 } }),
    status: 400,
    body: uncategorized('email', 'email must be a string'),
  },
]);

const verifyCases = casesOf('POST /auth/verify-otp', 'beyond', [
  {
    promise: 'says true of the right code, which stays good',
    given: async (world) => {
      const { email, otp } = await withCode(world);
      return { body: { email, otp } };
    },
    status: 200,
    body: ok(true),
    after: async (_world, _answer, { body }, channel) => {
      expect((await channel.call('POST /auth/verify-otp', { body })).body).toEqual(ok(true));
    },
  },
  {
    promise: 'says false of a wrong code',
    given: async (world) => {
      const { email, otp } = await withCode(world);
      return { body: { email, otp: wrong(otp) } };
    },
    status: 200,
    body: ok(false),
  },
  {
    promise: 'returns false where no code was requested',
    given: async (world) => ({ body: { email: (await world.member()).email, otp: '123456' } }),
    status: 200,
    body: ok(false),
  },
  ...['', '12345', '1234567', 'abcdef', '\0', '\ud800'].map((otp) => ({
    promise: `says false of ${JSON.stringify(otp)}`,
    given: async (world: RestWorld) => ({ body: { email: (await withCode(world)).email, otp } }),
    status: 200,
    body: ok(false),
  })),
  {
    promise: 'says 1001 of a code that is a number',
    shows: 'MALFORMED_BODY' as const,
    given: async (world) => ({ body: { email: (await withCode(world)).email, otp: 123_456 } }),
    status: 400,
    body: uncategorized('otp', 'otp must be a string'),
  },
]);

const badCode = uncategorized('otp', 'The code is wrong, used up or expired');

const resetCases = casesOf('POST /auth/reset-password', 'beyond', [
  {
    promise: 'sets the new password, ends the tokens of the account and uses the code up',
    given: async (world) => {
      const { email, otp, username, token } = await withCode(world);
      return { params: { username, old: token }, body: { email, otp, newPassword: 'a new password' } };
    },
    status: 200,
    body: ok(null, 'The password has been changed'),
    after: async (world, _answer, { params, body }, channel) => {
      expect(await world.login(params!.username!, 'a new password')).toEqual(expect.any(String));
      expect((await channel.call('GET /users/my-info', { token: params!.old })).status).toBe(401);
      expect((await channel.call('POST /auth/reset-password', { body })).body).toEqual(badCode);
    },
  },
  {
    promise: 'says 1001 of a wrong code, and changes nothing',
    shows: 'INVALID_CODE' as const,
    given: async (world) => {
      const { email, otp, username } = await withCode(world);
      return { params: { username }, body: { email, otp: wrong(otp), newPassword: 'a new password' } };
    },
    status: 400,
    body: badCode,
    after: async (world, _answer, { params }) => {
      expect(await world.login(params!.username!)).toEqual(expect.any(String));
    },
  },
  {
    promise: 'says 1001 of a code that five minutes have passed over',
    given: async (world) => {
      const { email, otp } = await withCode(world);
      await world.app.sql("update one_time_codes set expires_at = now() - interval '1 second'");
      return { body: { email, otp, newPassword: 'a new password' } };
    },
    status: 400,
    body: badCode,
  },
  {
    promise: 'says 1004 of a password of 5 characters, and the code stays good',
    shows: 'PASSWORD_TOO_SHORT' as const,
    given: async (world) => {
      const { email, otp } = await withCode(world);
      return { body: { email, otp, newPassword: 'five5' } };
    },
    status: 400,
    body: failed(1004, 'Password must be at least 6 characters'),
    after: async (_world, _answer, { body }, channel) => {
      const again = { ...(body as object), newPassword: 'six666' };
      expect((await channel.call('POST /auth/reset-password', { body: again })).status).toBe(200);
    },
  },
  {
    promise: 'says 1001 of what is no text',
    shows: 'MALFORMED_BODY' as const,
    given: () => ({ body: { email: 'a@example.org', otp: '123456', newPassword: ['x'] } }),
    status: 400,
    body: uncategorized('newPassword', 'newPassword must be a string'),
  },
]);

export const recoveryCases: Case[] = [...forgotCases, ...verifyCases, ...resetCases];
