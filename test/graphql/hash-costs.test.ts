import bcrypt from 'bcrypt';
import { pino } from 'pino';
import { PasswordHasher } from '../../src/security/passwords/password-hasher';
import { HashCostCount } from '../../src/services/users/hash-cost-count';
import { startApp, type TestApp } from '../support/app';

let app: TestApp;
afterAll(() => app.close());

test('the costs of the stored passwords are counted, and what is no bcrypt hash is left out', async () => {
  app = await startApp();
  await app.sql(
    `insert into users (username, password_hash, password_scheme)
     select 'five-' || i, $1, 'bcrypt' from generate_series(1, 30) i
     union all select 'six-' || i, $2, 'imported' from generate_series(1, 10) i
     union all select 'none-' || i, 'locked', 'bcrypt' from generate_series(1, 5) i`,
    [bcrypt.hashSync('x', 5), bcrypt.hashSync('x', 6).replace('$2b$', '$2a$')],
  );
  const hasher = { setCostsInUse: jest.fn<void, Parameters<PasswordHasher['setCostsInUse']>>() };
  const { em } = app.app.database.orm;
  const count = new HashCostCount({ em: em.fork({ useContext: false }), hasher, logger: pino({ level: 'silent' }) });
  await count.start();
  await count.stop();
  const [counts] = hasher.setCostsInUse.mock.calls[0]!;
  expect([...counts].sort((a, b) => a.cost - b.cost)).toEqual([
    { cost: 4, count: 1 }, // the administrator
    { cost: 5, count: 30 },
    { cost: 6, count: 10 },
  ]);
});
