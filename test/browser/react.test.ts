import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { blocksOf } from '../docs/documents';
import { ADMIN, startApp, type TestApp } from '../support/app';
import { describeWithBrowser, launchBrowser } from './support';

/** What a page does with the client of docs/react.md; its last expression is what the test reads. */
const DRIVER = `
import { gql } from '@apollo/client';
import { createIdentityClient } from './client';

const { client, login, logout } = createIdentityClient('/graphql');
const USERS = gql\`query Users($after: String) {
  users(first: 2, after: $after) { edges { node { id username } } pageInfo { hasNextPage endCursor } }
}\`;
const names = (data) => data.users.edges.map(({ node }) => node.username);

globalThis.steps = {
  login: () => login(${JSON.stringify(ADMIN.username)}, ${JSON.stringify(ADMIN.password)}),
  async pages() {
    const query = client.watchQuery({ query: USERS });
    const { data } = await new Promise((resolve) => query.subscribe((result) => result.data?.users && resolve(result)));
    await query.fetchMore({ variables: { after: data.users.pageInfo.endCursor } });
    return [names(data), names(client.readQuery({ query: USERS }))];
  },
  async knownUser() {
    const { users } = client.readQuery({ query: USERS });
    const { id, username } = users.edges[0].node;
    const query = gql\`query User($id: ID!) { user(id: $id) { id username } }\`;
    const { data } = await client.query({ query, variables: { id }, fetchPolicy: 'cache-only' });
    return data.user.username === username;
  },
  async keys() {
    await client.query({ query: gql\`{ permissions { name description } roles { id name } }\` });
    return Object.keys(client.cache.extract());
  },
  async me() {
    const query = gql\`{ me { id username } }\`;
    const all = await Promise.all([1, 2, 3].map(() => client.query({ query, fetchPolicy: 'network-only' })));
    return all.map(({ data }) => data.me.username);
  },
  logout,
};
`;

describeWithBrowser('the code of docs/react.md in a browser', () => {
  let app: TestApp;
  let browser: Browser;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startApp(), launchBrowser()]);
    for (const username of ['anna1', 'binh2', 'cuong3', 'dung4']) await app.user({ username });
  });

  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  test('signs in, pages, keeps and refreshes', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const script = await bundle();
    await page.route('**/page', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
    await page.goto(`${app.origin}/page`);
    await page.addScriptTag({ content: script });
    const step = (name: string) =>
      page.evaluate((it) => (globalThis as unknown as { steps: Record<string, () => unknown> }).steps[it]!(), name);

    await step('login');
    const [first, both] = (await step('pages')) as string[][];
    expect([first?.length, both?.length, both?.slice(0, 2)]).toEqual([2, 4, first]);
    expect(await step('knownUser')).toBe(true);
    expect(await step('keys')).toEqual(
      expect.arrayContaining(['Permission:{"name":"READ_USERS"}', expect.stringMatching(/^Role:/)]),
    );
    app.clock.advance(901);
    expect(await step('me')).toEqual([ADMIN.username, ADMIN.username, ADMIN.username]);
    await step('logout');
    await expect(step('me')).rejects.toThrow('Sign in first');
    await context.close();
  });
});

/** One script of the document's code, and the driver. */
async function bundle(): Promise<string> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'react-'));
  try {
    for (const [name, marker] of [
      ['client', 'apollo: 4'],
      ['cache', 'apollo: cache'],
    ])
      fs.writeFileSync(
        path.join(folder, `${name}.ts`),
        blocksOf('docs/react.md').find((block) => block.marker === marker)!.body,
      );
    fs.writeFileSync(path.join(folder, 'driver.js'), DRIVER);
    const { outputFiles } = await build({
      entryPoints: [path.join(folder, 'driver.js')],
      bundle: true,
      write: false,
      format: 'iife',
      target: 'es2022',
      nodePaths: [path.resolve('node_modules')],
      define: { 'process.env.NODE_ENV': '"production"' },
    });
    return outputFiles[0]!.text;
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}
