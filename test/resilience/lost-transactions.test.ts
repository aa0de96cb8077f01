import { MikroORM } from '@mikro-orm/postgresql';
import { ormOptions } from '../../src/database/orm-options';
import { inTransaction } from '../../src/database/transaction';
import { createTestDatabase, type TestDatabase } from '../support/database';

const POOL = 2;

let database: TestDatabase;
let orm: MikroORM;
beforeAll(async () => {
  database = await createTestDatabase();
  orm = await MikroORM.init(ormOptions({ url: database.url, replicaUrls: [], pool: POOL, timeoutMs: 20_000 }));
});
afterAll(async () => {
  await orm.close(true);
  await database.drop();
});

test('transactions whose connections are lost, more of them than the pool has, leave it usable', async () => {
  for (let i = 0; i <= POOL; i++)
    await expect(
      inTransaction(orm.em, async (em) => {
        await em.execute('select pg_terminate_backend(pg_backend_pid())');
      }),
    ).rejects.toThrow(/terminat/);
  const found = await inTransaction(orm.em, (em) => em.execute('select 1 as one'));
  expect(found).toEqual([{ one: 1 }]);
});

test('a transaction on a lost connection does not commit, whatever it swallows', async () => {
  await expect(
    inTransaction(orm.em, async (em) => {
      await em.execute("insert into permissions (name) values ('LOST')");
      await em.execute('select pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
      await em.execute("insert into permissions (name) values ('LATE')").catch(() => undefined);
    }),
  ).rejects.toThrow();
  expect(await orm.em.execute("select name from permissions where name in ('LOST', 'LATE')")).toEqual([]);
});
