import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres';
import { account, counted, counts, openWorkplace, type RunOptions, type Workplace } from './support';

let place: Workplace;
let dataDir: string;
let own: RunOptions;
beforeEach(async () => {
  place = await openWorkplace();
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'identity-embedded-'));
  fs.chmodSync(dataDir, 0o755); // root's PostgreSQL runs as another account
  own = { env: { DATABASE_URL: '', DATA_DIR: dataDir }, isProcess: true };
});
afterEach(async () => {
  await place.close();
  fs.rmSync(dataDir, { recursive: true, force: true });
});

describe('without DATABASE_URL', () => {
  test('the embedded database is filled and read while no server is running', async () => {
    const file = place.ndjson([account('anna')]);
    const dry = await place.import([file, '--dry-run'], own);
    expect(counts(dry)).toEqual(counted({ created: 1 }));
    expect(fs.readdirSync(dataDir)).toEqual([]);
    expect(counts(await place.import([file], own))).toEqual(counted({ created: 1 }));
    expect(counts(await place.import([file, '--dry-run'], own))).toEqual(counted({ unchanged: 1 }));
    expect(await place.export(['all.csv'], own)).toMatchObject({ code: 0, stdout: '' });
    expect(fs.readFileSync(place.file('all.csv'), 'utf8').split('\r\n')[1]).toContain(',anna,');
  });

  test('one that a running server uses is left alone, and the sentence says by whom', async () => {
    const server = await startEmbeddedPostgres({
      dataDir: path.join(dataDir, 'postgres'),
      database: 'identity',
      settings: { fsync: 'off' },
    });
    const sentence = `The data directory ${fs.realpathSync(dataDir)}/postgres is in use by process ${process.pid}, which is running: stop it first, or choose another directory.`;
    try {
      const refused = { code: 1, stdout: '', stderr: [sentence] };
      const file = place.ndjson([account('anna')]);
      expect(await place.import([file], own)).toEqual(refused);
      expect(await place.import([file, '--dry-run'], own)).toEqual(refused);
      expect(await place.export(['all.ndjson'], own)).toEqual(refused);
    } finally {
      await server.stop();
    }
  });
});
