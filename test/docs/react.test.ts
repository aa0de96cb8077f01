import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { type ApolloClient, gql } from '@apollo/client';
import { ADMIN, startApp, type TestApp } from '../support/app';
import { blocksOf, root } from './documents';
import { folderLikeAClone } from './shell';

interface IdentityClient {
  client: ApolloClient;
  login(username: string, password: string): Promise<void>;
  logout(): Promise<void>;
}

const ME = gql`{ me { username } }`;
const folder = folderLikeAClone();
const file = path.join(folder, 'client.ts');
let app: TestApp;
let identity: IdentityClient;

beforeAll(async () => {
  const [block] = blocksOf('docs/react.md').filter(({ language }) => language === 'ts');
  fs.writeFileSync(file, block!.body);
  app = await startApp();
  identity = require(file).createIdentityClient(app.url);
});
afterAll(() => app?.close());

/** Sends it to the server, whatever the cache holds. */
const me = () => identity.client.query<{ me: { username: string } }>({ query: ME, fetchPolicy: 'network-only' });

test('the client of docs/react.md compiles', () => {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const options = [
    '--strict',
    '--noEmit',
    '--skipLibCheck',
    '--target',
    'ES2024',
    '--module',
    'NodeNext',
    '--types',
    'node',
    '--ignoreConfig',
  ];
  const { stdout } = spawnSync(process.execPath, [tsc, ...options, file], { cwd: folder, encoding: 'utf8' });
  expect(stdout).toBe('');
});

test('the client of docs/react.md refreshes once for all queries that find the access token expired', async () => {
  await identity.login(ADMIN.username, ADMIN.password);
  app.clock.advance(901);
  const answers = await Promise.all([me(), me(), me()]);
  expect(answers.map(({ data }) => data?.me.username)).toEqual([ADMIN.username, ADMIN.username, ADMIN.username]);
});

test('the client of docs/react.md is signed out after its logout', async () => {
  await identity.logout();
  await expect(me()).rejects.toThrow('Sign in first');
});
