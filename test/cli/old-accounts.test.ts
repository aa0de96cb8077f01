import { randomUUID } from 'node:crypto';
import bcrypt from 'bcrypt';
import jwt from 'jsonwebtoken';
import { ChangePasswordDocument } from '../../src/rest/generated/operations';
import { SIGNER_KEY, startApp, type TestApp } from '../support/app';
import { account, OLD_HASH, OLD_PASSWORD, openWorkplace, type Workplace } from './support';

const NOW = Math.floor(Date.now() / 1000);
const HOUR = 3600;

/** What other programs have made of known passwords. */
const FOREIGN = {
  php: { password: 'rasmuslerdorf', hash: '$2y$07$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq' },
  crypt_blowfish: { password: 'U*U', hash: '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW' },
  node: { password: OLD_PASSWORD, hash: OLD_HASH },
};

/**
 * A token as the service before has issued it: with the same key, and nothing in it that this one
 * knows.
 */
function oldToken(sub: string, issuedAt: number, scope = ''): string {
  const header = { alg: 'HS512' as const, typ: undefined };
  return jwt.sign(
    { sub, iss: 'edufinai.uth.vn', iat: issuedAt, exp: NOW + 2 * HOUR, jti: randomUUID(), scope },
    SIGNER_KEY,
    {
      algorithm: 'HS512',
      header,
    },
  );
}

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

let place: Workplace;
let app: TestApp;
beforeEach(async () => {
  place = await openWorkplace();
});
afterEach(async () => {
  await app?.close();
  await place.close();
});

/** Brings them in before the first start of the server. */
async function moveIn(rows: readonly object[], ...args: string[]): Promise<void> {
  const outcome = await place.import([place.ndjson(rows), '--create-roles', ...args]);
  expect(outcome).toMatchObject({ code: 0, stderr: [] });
  app = await startApp({ database: { url: place.url, drop: async () => undefined } });
}

const whoIs = async (token: string): Promise<unknown> =>
  (await app.gql('{ me { username roles { name } } }', undefined, token)).body.data;
const known = (username: string, ...roles: string[]) => ({ me: { username, roles: roles.map((name) => ({ name })) } });
const UNKNOWN = { me: null };

describe('every imported account', () => {
  test.each(Object.entries(FOREIGN))(
    'logs in with the old password, whose hash %s has made',
    async (_, { password, hash }) => {
      await moveIn([account('Anna', { email: 'anna@example.org', passwordHash: hash })]);
      await expect(app.login('anna', `${password}x`)).rejects.toThrow('INVALID_CREDENTIALS');
      for (const name of ['anna', 'ANNA@example.org', 'Anna'])
        expect(await whoIs((await app.login(name, password)).accessToken)).toEqual(known('Anna'));
      expect(await place.sql(`select password_scheme from users where username = 'Anna'`)).toEqual([
        { password_scheme: 'bcrypt' },
      ]);
    },
  );

  test('logs in with a password that the service before took no more than 72 bytes of', async () => {
    // bcrypt looks at 72 bytes: the service before let both in
    const password = 'ô'.repeat(40);
    await moveIn([account('anna', { passwordHash: bcrypt.hashSync(password, 4).replace('$2b$', '$2y$') })]);
    expect(await whoIs((await app.login('anna', password)).accessToken)).toEqual(known('anna'));
    expect(await whoIs((await app.login('anna', password)).accessToken)).toEqual(known('anna'));
  });

  test('who was disabled stays so', async () => {
    await moveIn([account('anna', { isActive: false })]);
    await expect(app.login('anna', OLD_PASSWORD)).rejects.toThrow('ACCOUNT_DISABLED');
    expect(await whoIs(oldToken('anna', NOW - 60))).toEqual(UNKNOWN);
  });

  test('is unchanged when the import is run again after logins', async () => {
    const rows = [account('anna', { roles: ['LEARNER'] })];
    await moveIn(rows);
    await app.login('anna', OLD_PASSWORD);
    expect(await place.import([place.ndjson(rows), '--on-conflict', 'update'])).toMatchObject({ code: 0, stderr: [] });
    await app.login('anna', OLD_PASSWORD);
  });
});

describe('a token of the service before', () => {
  test('stays valid for an account that began before it, with the scopes that the account has', async () => {
    await moveIn([
      account('anna', { createdAt: iso(NOW - 2 * HOUR), roles: ['LEARNER'] }),
      account('berta', { roles: ['LEARNER'] }), // with no date of creation
    ]);
    for (const name of ['anna', 'berta']) {
      expect(await whoIs(oldToken(name, NOW - HOUR, 'ROLE_LEARNER ROLE_ADMIN'))).toEqual(known(name, 'LEARNER'));
      const listing = await app.gql(
        '{ users(first: 1) { totalCount } }',
        undefined,
        oldToken(name, NOW - HOUR, 'ROLE_LEARNER ROLE_ADMIN'),
      );
      expect(listing.body.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    }
  });

  test('keeps the rights of an administrator', async () => {
    await moveIn([account('chief', { roles: ['ADMIN'] })]);
    const token = oldToken('chief', NOW - HOUR, 'ROLE_ADMIN CREATE_USER READ_USERS');
    const { body } = await app.gql('{ users(first: 10) { edges { node { username } } } }', undefined, token);
    expect(body).toEqual({ data: { users: { edges: [{ node: { username: 'chief' } }] } } });
  });

  test('is refused for an account that began after it: the name was taken again', async () => {
    await moveIn([account('anna', { createdAt: iso(NOW - HOUR) })]);
    expect(await whoIs(oldToken('anna', NOW - HOUR - 1))).toEqual(UNKNOWN);
    expect(await whoIs(oldToken('anna', NOW - HOUR))).toEqual(known('anna'));
  });

  test('is refused for every account where --created-at dates them from now', async () => {
    await moveIn([account('anna')], '--created-at', iso(NOW));
    expect(await whoIs(oldToken('anna', NOW - 60))).toEqual(UNKNOWN);
  });

  test('is refused after its owner has changed the password here', async () => {
    await moveIn([account('anna')]);
    const token = oldToken('anna', NOW - 60);
    const { accessToken } = await app.login('anna', OLD_PASSWORD);
    await app.data(
      ChangePasswordDocument,
      { input: { currentPassword: OLD_PASSWORD, newPassword: 'a new password' } },
      accessToken,
    );
    expect(await whoIs(token)).toEqual(UNKNOWN);
  });

  test('ends at once when an update disables its account or gives it another password', async () => {
    await moveIn([account('anna'), account('berta'), account('carla')]);
    const tokens = ['anna', 'berta', 'carla'].map((name) => oldToken(name, NOW - 60));
    expect(await Promise.all(tokens.map(whoIs))).toEqual([known('anna'), known('berta'), known('carla')]);
    const rows = [
      account('anna', { isActive: false }),
      account('berta', { passwordHash: FOREIGN.php.hash }),
      account('carla', { phone: '0901234567' }),
    ];
    await place.import([place.ndjson(rows), '--on-conflict', 'update']);
    expect(await Promise.all(tokens.map(whoIs))).toEqual([UNKNOWN, UNKNOWN, known('carla')]);
    await app.login('berta', FOREIGN.php.password);
  });
});

describe('an account that moves on to another database', () => {
  test('takes its password along, and what has ended its tokens', async () => {
    await moveIn([account('anna')]);
    const ended = oldToken('anna', NOW - 60);
    const { accessToken } = await app.login('anna', OLD_PASSWORD);
    const newPassword = 'a new password that is longer than the seventy-two bytes which bcrypt looks at';
    await app.data(ChangePasswordDocument, { input: { currentPassword: OLD_PASSWORD, newPassword } }, accessToken);
    await place.export(['all.ndjson']);
    await app.close();

    const next = await openWorkplace();
    try {
      await next.import([place.file('all.ndjson')]);
      app = await startApp({ database: { url: next.url, drop: async () => undefined } });
      expect(await whoIs(ended)).toEqual(UNKNOWN);
      await expect(app.login('anna', OLD_PASSWORD)).rejects.toThrow('INVALID_CREDENTIALS');
      expect(await whoIs((await app.login('anna', newPassword)).accessToken)).toEqual(known('anna'));
      await app.close();
    } finally {
      await next.close();
    }
  });
});
