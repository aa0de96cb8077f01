import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { IntrospectDocument, LogoutDocument, MeDocument, RefreshDocument } from '../../src/rest/generated/operations';
import { blocksOf } from '../docs/documents';
import { startApp, type TestUser } from '../support/app';
import { describeUnless } from '../support/describe-unless';
import { ENVIRONMENT } from '../support/environment';
import { eventually } from '../support/eventually';
import { installedPostgres, startInstalledPostgres } from '../support/installed-postgres';
import { ServerProcess, temporaryFolder } from '../support/processes';

const root = path.resolve(__dirname, '../..');
const MARKER = 'run: test/resilience/backup.test.ts';
/** What docs/operations.md says: a backup and a restore over the network, the end of all sessions, a copy of files. */
const [dump, revoke, copy] = blocksOf('docs/operations.md')
  .filter(({ marker }) => marker === MARKER)
  .map(({ body }) => body) as [string, string, string];

async function run(commands: string, env: Record<string, string>, cwd = root): Promise<string> {
  const PATH = `${installedPostgres ?? ''}:${process.env.PATH}`;
  const { stdout } = await promisify(execFile)('bash', ['-euc', commands], {
    cwd,
    env: { ...ENVIRONMENT, PATH, HOME: process.env.HOME, ...env },
  });
  return stdout;
}

const missing = installedPostgres === undefined ? 'no PostgreSQL with pg_dump below /usr/lib/postgresql' : undefined;

describeUnless(missing, 'pg_dump and pg_restore', () => {
  test('a dump under load is restored elsewhere, where tokens go on; then all sessions end', restoreElsewhere);
});

async function restoreElsewhere(): Promise<void> {
  const postgres = await startInstalledPostgres();
  const admin = new Client({ connectionString: postgres.url('postgres') });
  await admin.connect();
  await admin.query('create database identity');
  const shared = { url: postgres.url('identity'), drop: async () => {} };
  const app = await startApp({ database: shared });

  const made: TestUser[] = [];
  let isOver = false;
  const load = Array.from({ length: 3 }, async () => {
    while (!isOver) made.push(await app.user());
  });
  await eventually('users before the dump', () => made.length > 15);
  const loggedOut = await app.user({ username: 'logged-out' });
  const confirmed = [...made];
  const folder = temporaryFolder();
  const file = path.join(folder, 'identity.dump');
  const urls = { DATABASE_URL: shared.url, NEW_DATABASE_URL: postgres.url('restored') };
  await run(dump.replaceAll('identity.dump', file), urls);
  isOver = true;
  await Promise.all(load);
  const late = await app.user({ username: 'after-the-dump' });
  await app.data(LogoutDocument, { input: { token: loggedOut.token } });
  await app.close();

  const restored = { url: urls.NEW_DATABASE_URL, drop: async () => {} };
  const again = await startApp({ database: restored });
  for (const { token } of confirmed) expect(await again.outcome(MeDocument, {}, token)).toBe('ok');
  const refreshToken = confirmed[0]!.tokens.refreshToken;
  expect(await again.outcome(RefreshDocument, { input: { refreshToken } })).toBe('ok');
  expect(await again.outcome(MeDocument, {}, late.token)).toBe('UNAUTHENTICATED');
  // what was revoked after the dump lives again: the reason for the command
  expect(await again.outcome(MeDocument, {}, loggedOut.token)).toBe('ok');
  expect(await run(revoke, urls)).toMatch(/^All tokens have ended, and the sessions of \d+ accounts\.\n$/);
  for (const { token } of [loggedOut, ...confirmed])
    await eventually('the refusal', async () => (await again.outcome(MeDocument, {}, token)) === 'UNAUTHENTICATED');
  expect(await again.outcome(RefreshDocument, { input: { refreshToken: confirmed[1]!.tokens.refreshToken } })).toBe(
    'INVALID_REFRESH_TOKEN',
  );
  const token = (await again.login('logged-out')).accessToken;
  expect((await again.data(IntrospectDocument, { input: { token } }, token)).introspect).toMatchObject({
    active: true,
  });
  await again.close();
  await admin.end();
  await postgres.stop();
}

test('a copy of DATA_DIR of a stopped server is a backup, with its keys', async () => {
  const folder = temporaryFolder();
  const DATA_DIR = path.join(folder, '.data');
  const env = { DATABASE_URL: '', JWT_SIGNER_KEY: '', NODE_ENV: 'development', DATA_DIR };
  const server = await ServerProcess.start(env, folder);
  const before = await server.user({ username: 'before' });
  await server.kill('SIGTERM');
  await run(copy, {}, folder);
  expect(fs.existsSync(path.join(folder, 'backup/signer.key'))).toBe(true);

  const later = await ServerProcess.start(env, folder);
  await later.user({ username: 'later' });
  await later.kill('SIGTERM');
  fs.rmSync(DATA_DIR, { recursive: true });
  fs.renameSync(path.join(folder, 'backup'), DATA_DIR);

  const restored = await ServerProcess.start(env, folder);
  expect(await restored.outcome(MeDocument, {}, before.token)).toBe('ok');
  await expect(restored.login('later')).rejects.toThrow();
  await restored.kill('SIGTERM');
});
