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
  // one module, since Node wants file names where bundlers take './cache'
  const client = codeOf('apollo: 4').replace("import { createCache } from './cache';\n", () => codeOf('apollo: cache'));
  fs.writeFileSync(file, client);
  app = await startApp();
  identity = require(file).createIdentityClient(app.url);
});
afterAll(() => app?.close());

const codeOf = (marker: string) => blocksOf('docs/react.md').find((block) => block.marker === marker)!.body;

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
