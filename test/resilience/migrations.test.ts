import { MikroORM } from '@mikro-orm/postgresql';
import { migrationsList } from '../../migrations';
import { migrate } from '../../src/database/migrate';
import { ormOptions } from '../../src/database/orm-options';
import { startApp } from '../support/app';
import { createEmptyDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
let orm: MikroORM;
beforeEach(async () => {
  database = await createEmptyDatabase();
  orm = await MikroORM.init(ormOptions({ url: database.url, replicaUrls: [], pool: 2 }));
});
afterEach(async () => {
  await orm.close(true);
  await database.drop();
});

/** Everything that a migration can leave behind, by kind and name. */
const OBJECTS = `
  select kind, name from (
    select 'table' as kind, table_name::text as name from information_schema.tables where table_schema = 'public'
    union all select 'column', table_name || '.' || column_name from information_schema.columns where table_schema = 'public'
    union all select 'index', indexname from pg_indexes where schemaname = 'public'
    union all select 'trigger', tgname || ' on ' || tgrelid::regclass from pg_trigger where not tgisinternal
    union all select 'function', p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname = 'public' and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
    union all select 'type', t.typname from pg_type t join pg_namespace n on n.oid = t.typnamespace where n.nspname = 'public' and t.typtype in ('e', 'd')
    union all select 'sequence', sequencename from pg_sequences where schemaname = 'public'
  ) as all_of_them where name not like 'mikro_orm_migrations%' order by kind, name`;
const objects = () => orm.em.execute<{ kind: string; name: string }[]>(OBJECTS);
const names = migrationsList.map((migration) => ('name' in migration ? migration.name : ''));

test('every migration runs on an empty database, and the result is the schema of the entities', async () => {
  await migrate(orm);
  expect((await orm.migrator.getExecuted()).map(({ name }) => name)).toEqual(names);
  expect(await orm.schema.getUpdateSchemaSQL()).toBe('');
  expect((await objects()).filter(({ kind }) => kind === 'table').map(({ name }) => name)).toContain('users');
});

test('a second start has nothing to do', async () => {
  await migrate(orm);
  const before = await objects();
  await migrate(orm);
  expect(await orm.migrator.getPending()).toEqual([]);
  expect(await objects()).toEqual(before);
});

test('down to nothing leaves nothing, and up again makes the same', async () => {
  await migrate(orm);
  const first = await objects();
  await orm.migrator.down({ to: 0 });
  expect(await objects()).toEqual([]);
  expect(await orm.migrator.getExecuted()).toEqual([]);
  await migrate(orm);
  expect(await objects()).toEqual(first);
  expect(await orm.schema.getUpdateSchemaSQL()).toBe('');
});

test.each(names)('%s alone can be taken back and done again', async (name) => {
  await orm.migrator.up({ to: name });
  const with_ = await objects();
  await orm.migrator.down({ to: names[names.indexOf(name) - 1] ?? 0 });
  const without = await objects();
  expect(without).not.toEqual(with_);
  await orm.migrator.up({ to: name });
  expect(await objects()).toEqual(with_);
});

test('rows survive a migration that is taken back and done again, where it made no table', async () => {
  await migrate(orm);
  await orm.em.execute(
    "insert into users (username, password_hash, password_scheme) values ('kept', 'none', 'bcrypt')",
  );
  await orm.migrator.down({ to: names[0]! });
  await migrate(orm);
  expect(await orm.em.execute('select username from users')).toEqual([{ username: 'kept' }]);
});

test('three processes that start together on an empty database migrate and seed it once', async () => {
  const shared = { url: database.url, drop: async () => {} };
  const apps = await Promise.all([1, 2, 3].map(() => startApp({ database: shared })));
  expect(apps.map(({ app }) => app.administrator).filter(Boolean)).toHaveLength(1);
  expect(await apps[0]!.sql('select count(*)::int as n from users')).toEqual([{ n: 1 }]);
  for (const app of apps)
    expect(await app.outcome('{ me { id } }', {}, (await app.login('admin', 'password123')).accessToken)).toBe('ok');
  for (const app of apps) await app.close();
});
