import fs from 'node:fs';
import path from 'node:path';
import { Migration } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import { Client } from 'pg';
import { migrationsList } from '../../migrations';
import { migrate } from '../../src/database/migrate';
import { ormOptions } from '../../src/database/orm-options';
import { MeDocument, RefreshDocument } from '../../src/rest/generated/operations';
import { startApp } from '../support/app';
import { createEmptyDatabase, createSeededDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';

const fixture = path.join(__dirname, '../fixtures/2ad7310');
const tokens = JSON.parse(fs.readFileSync(path.join(fixture, 'tokens.json'), 'utf8')) as {
  accepted: Record<string, string>;
  refused: Record<string, string>;
  /** Session access tokens. */
  refreshed: Record<string, string>;
  refresh: Record<string, string>;
  usedRefresh: string;
};
/** The newest migration of commit 2ad7310. */
const OLD_VERSION = '0002-announce-changes';

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Every row of every table, but for the list of migrations. */
const contentOf = (url: string): Promise<Record<string, unknown[]>> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      "select table_name::text as name from information_schema.tables where table_schema = 'public' and table_name not like 'mikro_orm%' order by 1",
    );
    const content: Record<string, unknown[]> = {};
    for (const { name } of rows)
      content[name] = (await client.query(`select to_jsonb(t) as row from ${name} as t order by t::text`)).rows;
    return content;
  });

type Migrations = typeof migrationsList;

async function withOrm<T>(
  url: string,
  work: (orm: MikroORM) => Promise<T>,
  list: Migrations = migrationsList,
): Promise<T> {
  const options = ormOptions({ url, replicaUrls: [], pool: 2 });
  const orm = await MikroORM.init({ ...options, migrations: { ...options.migrations, migrationsList: list } });
  try {
    return await work(orm);
  } finally {
    await orm.close(true);
  }
}

describe('from the schema of commit 2ad7310', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createEmptyDatabase();
    await withClient(database.url, (client) =>
      client.query(fs.readFileSync(path.join(fixture, 'database.sql'), 'utf8')),
    );
  });
  afterAll(() => database.drop());
  const shared = () => ({ url: database.url, drop: async () => {} });

  test('up, down and up again, with all data', async () => {
    const before = await contentOf(database.url);
    await withOrm(database.url, migrate);
    const after = await contentOf(database.url);
    await withOrm(database.url, (orm) => orm.migrator.down({ to: OLD_VERSION }));
    expect(await contentOf(database.url)).toEqual(before);
    await withOrm(database.url, migrate);
    expect(await contentOf(database.url)).toEqual(after);
  });

  test('logins and tokens go on', async () => {
    const app = await startApp({ database: shared() });
    for (const [username, password] of [
      ['linh', 'correct horse'],
      ['LINH@example.com', 'correct horse'],
      ['Ωmega-ñ', 'correct horse "quoted" ; --'],
      ['admin', 'password123'],
    ] as const)
      expect(await app.outcome(MeDocument, {}, (await app.login(username, password)).accessToken)).toBe('ok');
    const outcomes = async (of: Record<string, string>) =>
      Promise.all(Object.entries(of).map(async ([name, token]) => [name, await app.outcome(MeDocument, {}, token)]));
    const all = (of: Record<string, string>, outcome: string) => Object.keys(of).map((name) => [name, outcome]);
    expect(await outcomes(tokens.accepted)).toEqual(all(tokens.accepted, 'ok'));
    expect(await outcomes(tokens.refused)).toEqual(all(tokens.refused, 'UNAUTHENTICATED'));
    // these did not tell their kind then: for the quarter of an hour that they live, clients refresh
    expect(await outcomes(tokens.refreshed)).toEqual(all(tokens.refreshed, 'UNAUTHENTICATED'));
    for (const refreshToken of Object.values(tokens.refresh)) {
      const { refresh } = await app.data(RefreshDocument, { input: { refreshToken } });
      expect(await app.outcome(MeDocument, {}, refresh!.tokens.accessToken)).toBe('ok');
    }
    await app.close();
  });

  test('a refresh token that was used before is still known as reused', async () => {
    const app = await startApp({ database: shared() });
    const refreshed = async (refreshToken: string) => app.outcome(RefreshDocument, { input: { refreshToken } });
    expect(await refreshed(tokens.usedRefresh)).toBe('INVALID_REFRESH_TOKEN');
    const [ended] = await app.sql(
      "select count(*)::int as count from sessions where revoke_reason = 'refresh token reused'",
    );
    expect(ended).toEqual({ count: 1 });
    await app.close();
  });
});

/** What a later version may add. */
class AddNicknames extends Migration {
  override up(): void {
    this.addSql('alter table users add column nickname text null;');
    this.addSql("alter table sessions add column kind text not null default 'plain';");
    this.addSql('create table nicknames (id uuid primary key, name text not null);');
    this.addSql('create index users_nickname_index on users (nickname);');
  }
}

/** What a later version may take away once no process needs it. */
class DropNicknames extends Migration {
  override up(): void {
    this.addSql('drop table nicknames;');
  }
}

describe('a rolling upgrade', () => {
  const additive = { name: '9998-add-nicknames', class: AddNicknames };
  const incompatible = { name: '9999-incompatible-drop-nicknames', class: DropNicknames };

  /** Starts as far as its migrations. */
  const newerVersion = (url: string, list: Migrations) => withOrm(url, migrate, list);

  test('a version before an additive migration works, and starts, beside one after it', async () => {
    const database = await createSeededDatabase();
    const shared = { url: database.url, drop: async () => {} };
    const running = await startApp({ database: shared });
    let isOver = false;
    let turns = 0;
    const traffic = Array.from({ length: 4 }, async () => {
      for (; !isOver; turns++) {
        const user = await running.user();
        expect(await running.outcome(MeDocument, {}, user.token)).toBe('ok');
        const input = { refreshToken: user.tokens.refreshToken };
        expect(await running.outcome(RefreshDocument, { input })).toBe('ok');
      }
    });
    await eventually('traffic before', () => turns > 8);
    await newerVersion(database.url, [...migrationsList, additive]);
    const started = await startApp({ database: shared });
    const seen = turns;
    await eventually('traffic after', () => turns > seen + 8);
    isOver = true;
    await Promise.all(traffic);
    const user = await started.user({ username: 'started' });
    expect(await running.outcome(MeDocument, {}, user.token)).toBe('ok');

    await newerVersion(database.url, [...migrationsList, additive, incompatible]);
    await expect(startApp({ database: shared })).rejects.toThrow(
      'The database has migration 9999-incompatible-drop-nicknames, with which this version cannot work: start the ' +
        'newer version',
    );
    for (const app of [running, started]) await app.close();
    await database.drop();
  });

  test('a database of another branch is left alone', async () => {
    const database = await createEmptyDatabase();
    const last = migrationsList.at(-1) as { name: string };
    await withOrm(database.url, (orm) => orm.migrator.up(), [...migrationsList.slice(0, -1), additive]);
    await expect(startApp({ database: { url: database.url, drop: async () => {} } })).rejects.toThrow(
      `The database has migration 9998-add-nicknames, which this version does not know, and lacks ${last.name}: it ` +
        'belongs to another program or branch',
    );
    await database.drop();
  });

  /** They put another table in the place of one, with its name and its columns. */
  const SAME_AFTERWARDS = ['0017-monthly-histories'];

  /** Renames and removals, and columns that an insert of an older version would have to fill. */
  const BREAKING =
    /\bdrop (?:table|column)\b|\brename\b|\balter column\b.*\b(?:type|set not null)\b|\badd column\b(?!.*\bdefault\b).*\bnot null\b/is;

  test('every migration from 0015 on adds only, or has `incompatible` in its name', async () => {
    const later = migrationsList.filter((migration) => 'name' in migration && migration.name >= '0015');
    await withOrm(process.env.TEST_DATABASE_URL!, async ({ em, config }) => {
      for (const migration of later as { name: string; class: new (...args: unknown[]) => Migration }[]) {
        if (/^\d+-incompatible-/.test(migration.name) || SAME_AFTERWARDS.includes(migration.name)) continue;
        const made = new migration.class(em.getDriver(), config);
        await made.up();
        const statements = made.getQueries().map((query) => String(query).replace(/\$\$.*?\$\$/gs, '')); // without functions
        for (const statement of statements)
          expect([migration.name, statement]).toEqual([migration.name, expect.not.stringMatching(BREAKING)]);
      }
    });
  });
});
