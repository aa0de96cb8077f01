import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { databaseAccount } from '../../src/embedded-postgres/os-account';
import { MeDocument } from '../../src/rest/generated/operations';
import { createTestDatabase } from '../support/database';
import { ServerProcess, temporaryFolder } from '../support/processes';

const root = path.resolve(__dirname, '../..');
/** Another account than root, which may write nothing of the program: as the image runs it. */
const account = databaseAccount();
const runsAsRoot = process.getuid?.() === 0;

function mayRead(folder: string): boolean {
  try {
    execFileSync('ls', [folder], { uid: account.uid, gid: account.gid, cwd: '/', stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const whereItCanBe = runsAsRoot && mayRead(path.join(root, 'dist')) ? test : test.skip;

whereItCanBe('as another account, the server writes to DATA_DIR and nowhere else', async () => {
  const database = await createTestDatabase();
  const folder = temporaryFolder();
  const data = path.join(folder, 'data');
  fs.mkdirSync(data);
  fs.chownSync(data, account.uid!, account.gid!);
  const server = await ServerProcess.start({ DATABASE_URL: database.url, DATA_DIR: data }, folder, account);
  const user = await server.user();
  expect(await server.outcome(MeDocument, {}, user.token)).toBe('ok');
  expect(await server.kill('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
  expect(fs.readdirSync(folder)).toEqual(['data']);
  const written = execFileSync('find', [path.join(root, 'dist'), '-uid', String(account.uid)], { encoding: 'utf8' });
  expect(written).toBe('');
  await database.drop();
});
