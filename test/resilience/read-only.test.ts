import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { databaseAccount, type OsAccount } from '../../src/embedded-postgres/os-account';
import { MeDocument } from '../../src/rest/generated/operations';
import { createTestDatabase } from '../support/database';
import { ServerProcess, temporaryFolder } from '../support/processes';

const root = path.resolve(__dirname, '../..');
function mayRead(folder: string, account: OsAccount): boolean {
  try {
    execFileSync('ls', [folder], { ...account, cwd: '/', stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const dist = path.join(root, 'dist');
/** Where root runs the tests, an account that may write nothing of the program: as the image runs it. */
const lent = databaseAccount();
const account = mayRead(dist, lent) ? lent : {};

test('the server writes to DATA_DIR and to nothing of its own', async () => {
  const database = await createTestDatabase();
  const folder = temporaryFolder();
  const data = path.join(folder, 'data');
  fs.mkdirSync(data);
  if (account.uid !== undefined) fs.chownSync(data, account.uid, account.gid!);
  const server = await ServerProcess.start({ DATABASE_URL: database.url, DATA_DIR: data }, folder, account);
  const user = await server.user();
  expect(await server.outcome(MeDocument, {}, user.token)).toBe('ok');
  expect(await server.kill('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
  expect(fs.readdirSync(folder)).toEqual(['data']);
  expect(execFileSync('find', [dist, '-newer', data, '-type', 'f'], { encoding: 'utf8' })).toBe('');
  await database.drop();
});
