import { failed } from '../../../support/rest';
import { type Case, casesOf } from './case';

const tooMany = failed(1010, 'Too many requests');
const A_MINUTE = '60';

/** How many failures per minute the server of these cases takes. */
export const LIMIT = 3;

/** What takes a server with its own limit: the others could not log in any more. */
export const limitCases: Case[] = [
  ...casesOf('POST /auth/token', 'reading', [
    {
      promise: 'says 1010 after too many wrong passwords, also to the right one',
      shows: 'RATE_LIMITED',
      given: async (world, channel) => {
        const { username, password } = await world.member();
        for (let i = 0; i < LIMIT; i++)
          await channel.call('POST /auth/token', { body: { username, password: 'wrong password' } });
        return { body: { username, password } };
      },
      status: 429,
      body: tooMany,
      headers: { 'retry-after': A_MINUTE, 'access-control-expose-headers': 'Authorization, Retry-After, X-Request-Id' },
    },
    {
      promise: 'returns 1010 after too many unknown names',
      given: async (world, channel) => {
        const body = { username: world.unique('nobody'), password: 'password123' };
        for (let i = 0; i < LIMIT; i++) await channel.call('POST /auth/token', { body });
        return { body };
      },
      status: 429,
      body: tooMany,
      headers: { 'retry-after': A_MINUTE },
    },
  ]),
  ...casesOf('POST /auth/verify-otp', 'beyond', [
    {
      promise: 'says 1010 after too many codes from one address',
      shows: 'RATE_LIMITED',
      given: async (world, channel) => {
        const body = { email: (await world.member()).email, otp: '000000' };
        for (let i = 0; i < 60; i++) await channel.call('POST /auth/verify-otp', { body });
        return { body };
      },
      status: 429,
      body: tooMany,
    },
  ]),
  ...casesOf('POST /auth/reset-password', 'beyond', [
    {
      promise: 'says 1010 after too many codes from one address',
      shows: 'RATE_LIMITED',
      given: async (world) => ({
        body: { email: (await world.member()).email, otp: '000000', newPassword: 'a new password' },
      }),
      status: 429,
      body: tooMany,
    },
  ]),
];
