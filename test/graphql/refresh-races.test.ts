import { setTimeout as pause } from 'node:timers/promises';
import {
  ChangePasswordDocument,
  DeleteUserDocument,
  DisableUserDocument,
  LogoutDocument,
  RevokeAllSessionsDocument,
  RevokeSessionDocument,
  UpdateUserDocument,
} from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp, type TestUser } from '../support/app';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { describeWithRedis } from '../support/redis';
import { isLive, refresh, refreshRefused, sessionValue } from '../support/sessions';

/** Interleavings of each pair; the moment of each start is random. */
const ROUNDS = 14;
/** Until both sides have won. */
const MAX_ROUNDS = 60;
const STEP_MS = 1;

type End = (at: TestApp, user: TestUser & { elsewhere?: string }, admin: string) => Promise<unknown>;

const ends: [string, End][] = [
  ['a logout', (at, { tokens }) => at.data(LogoutDocument, { input: { token: tokens.accessToken } })],
  [
    'a logout by the refresh token',
    (at, { tokens }) => at.data(LogoutDocument, { input: { token: tokens.refreshToken } }),
  ],
  [
    'its revocation',
    (at, { tokens }, admin) => at.data(RevokeSessionDocument, { input: { id: tokens.sessionId } }, admin),
  ],
  [
    'the end of all sessions',
    (at, { id }, admin) => at.data(RevokeAllSessionsDocument, { input: { userId: id } }, admin),
  ],
  [
    'a change of the password from another session',
    (at, { elsewhere }) =>
      at.data(
        ChangePasswordDocument,
        { input: { currentPassword: PASSWORD, newPassword: 'a new password' } },
        elsewhere!,
      ),
  ],
  [
    'a new password and address by an administrator',
    (at, { id, username }, admin) =>
      at.data(
        UpdateUserDocument,
        { input: { id, password: 'a new password', email: `${username}@example.org` } },
        admin,
      ),
  ],
  ['disabling the account', (at, { id }, admin) => at.data(DisableUserDocument, { input: { id } }, admin)],
  ['deleting the account', (at, { id }, admin) => at.data(DeleteUserDocument, { input: { id } }, admin)],
];

describeWithRedis('in the very moment of a refresh', (redis) => {
  let database: TestDatabase;
  let one: TestApp;
  let other: TestApp;
  beforeAll(async () => {
    database = await createTestDatabase();
    one = await startApp({ database, env: { REDIS_URL: redis.url } });
    other = await startApp({ database, env: { REDIS_URL: redis.url }, clock: one.clock });
  });
  afterAll(async () => {
    await Promise.all([one.close(), other.close()]);
    await database.drop();
  });

  test.each(ends)(
    `%s leaves no live token and no session value, in either order (${ROUNDS} interleavings)`,
    async (what, end) => {
      const spared = what.includes('another session');
      const admin = await one.admin();
      const firsts = { refreshed: 0, refused: 0 };
      // refreshes start that much after the end; it follows the outcomes, and so stays at the very
      // border between them
      let offset = 0;
      // grows while one side wins again and again: on a busy machine the border is far away
      let step = STEP_MS;
      let wonBefore: boolean | undefined;
      const isOneSided = () => Math.min(firsts.refreshed, firsts.refused) === 0;
      for (let round = 0; round < ROUNDS || (isOneSided() && round < MAX_ROUNDS); round++) {
        const user: TestUser & { elsewhere?: string } = await one.user();
        if (spared) user.elsewhere = (await other.login(user.username)).accessToken;
        const after = async <T>(ms: number, work: () => Promise<T>) => {
          await pause(Math.max(0, ms + Math.random() * 2));
          return work();
        };
        const [, ...answers] = await Promise.all([
          after(-offset, () => end(other, user, admin)),
          after(offset, () => refresh(one, user.tokens.refreshToken)),
          after(offset, () => refresh(other, user.tokens.refreshToken)),
          after(offset, () => refresh(one, user.tokens.refreshToken)),
        ]);
        for (const body of answers) {
          const won = body.data?.refresh?.tokens;
          firsts[won ? 'refreshed' : 'refused']++;
          step = Boolean(won) === wonBefore ? step * 1.2 : STEP_MS;
          wonBefore = Boolean(won);
          offset += won ? step : -step;
          if (!won) {
            expect(body).toEqual(refreshRefused);
            continue;
          }
          expect(await isLive(other, won.accessToken)).toBe(false);
          expect(await isLive(one, won.accessToken)).toBe(false);
          expect(await refresh(one, won.refreshToken!)).toEqual(refreshRefused);
        }
        expect(await isLive(one, user.token)).toBe(false);
        expect(await refresh(one, user.tokens.refreshToken)).toEqual(refreshRefused);
        expect(
          await one.sql('select count(*)::int as n from sessions where user_id = $1 and revoked_at is null', [user.id]),
        ).toEqual([{ n: spared ? 1 : 0 }]);
        if (!spared) expect(await sessionValue(redis.url, user.id)).toBeNull();
      }
      // both must have happened, or the test has seen no race
      expect(isOneSided()).toBe(false);
    },
  );
});
