import { build, type Plugin } from 'esbuild';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { AssignRoleDocument, RevokeAllSessionsDocument } from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp, type TestUser } from '../support/app';
import { createSeededDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { apollo3 } from './apollo-3';
import type { Kit } from './client-kit/page.mjs';
import { describeWithBrowser, launchBrowser } from './support';

describeWithBrowser('the client kit in a browser', () => {
  let app: TestApp;
  let browser: Browser;
  let database: TestDatabase;
  let script: string;
  let context: BrowserContext;
  let user: TestUser;
  /** Names of operations, and `stream`, in the order in which the tabs sent them. */
  let sent: string[];

  beforeAll(async () => {
    database = await createSeededDatabase();
    [app, browser, script] = await Promise.all([startApp({ database }), launchBrowser(), bundle()]);
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
    await database?.drop();
  });

  beforeEach(async () => {
    sent = [];
    user = await app.user({ permissions: ['READ_ROLES'] });
    context = await browser.newContext();
    await context.route('**/page', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><script src="/kit.js"></script>' }),
    );
    await context.route('**/kit.js', (route) => route.fulfill({ contentType: 'text/javascript', body: script }));
    context.on('request', (request) => {
      if (request.url().endsWith('/graphql/stream')) sent.push('stream');
      else if (request.url().endsWith('/graphql')) sent.push(/(?:mutation|query) (\w+)/.exec(request.postData()!)![1]!);
    });
  });
  afterEach(() => context.close());

  const openTab = async (): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(`${app.origin}/page`);
    return page;
  };
  const kit = <K extends keyof Kit, R>(page: Page, name: K, ...args: unknown[]): Promise<R> =>
    page.evaluate(
      ([member, values]) => {
        const value = (globalThis as unknown as { kit: Kit }).kit[member as 'state'] as unknown;
        return typeof value === 'function' ? value(...(values as [])) : value;
      },
      [name, args] as const,
    ) as Promise<R>;
  const statusOf = async (page: Page) => (await kit<'state', ReturnType<Kit['state']>>(page, 'state')).status;
  const reaches = (page: Page, status: string) =>
    eventually(`a tab that is ${status}`, async () => (await statusOf(page)) === status);
  const signIn = async (page: Page) => {
    await reaches(page, 'signedOut');
    await kit(page, 'login', user.username, PASSWORD);
  };
  const count = (name: string) => sent.filter((it) => it === name).length;
  const sees = (page: Page, kind: string) =>
    eventually(kind, async () => (await kit<'changes', string[]>(page, 'changes')).includes(kind));

  test('signs in, keeps no token where a script could find it, and is signed in again after a reload', async () => {
    const page = await openTab();
    await signIn(page);
    expect(await kit(page, 'state')).toEqual({
      status: 'signedIn',
      user: { id: user.id, username: user.username, email: null, firstName: null, lastName: null },
      scopes: [expect.stringMatching(/^ROLE_TEAM/), 'READ_ROLES'],
    });
    expect(await kit(page, 'me')).toBe(user.username);
    expect(await kit(page, 'stored')).toBe('[{},{},""]');
    await page.reload();
    await reaches(page, 'signedIn');
    expect(await kit(page, 'me')).toBe(user.username);
  });

  test('refreshes once for all requests that find the token expired, and sends them again', async () => {
    const page = await openTab();
    await signIn(page);
    const before = count('Refresh');
    app.clock.advance(901);
    const names = await page.evaluate(() =>
      Promise.all([1, 2, 3].map(() => (globalThis as unknown as { kit: Kit }).kit.me())),
    );
    expect(names).toEqual([user.username, user.username, user.username]);
    expect(count('Refresh')).toBe(before + 1);
  });

  test('with Apollo Client 3 it sends the token, and an operation again that found it expired', async () => {
    const older = await bundle([apollo3]);
    await context.route('**/kit.js', (route) => route.fulfill({ contentType: 'text/javascript', body: older }));
    const page = await openTab();
    await signIn(page);
    expect(await kit(page, 'me')).toBe(user.username);
    app.clock.advance(901);
    expect(await kit(page, 'me')).toBe(user.username);
    await kit(page, 'logout');
    await expect(kit(page, 'me')).rejects.toThrow('Sign in first');
  });

  test('refreshes before the token expires, without a request that fails', async () => {
    const page = await context.newPage();
    await page.clock.install();
    await page.goto(`${app.origin}/page`);
    await signIn(page);
    const before = count('Refresh');
    await page.clock.fastForward(841_000);
    await eventually('a silent refresh', () => count('Refresh') === before + 1);
    expect(await kit(page, 'me')).toBe(user.username);
    expect(count('Refresh')).toBe(before + 1);
  });

  test('tabs that open later ask the first one, and those that open at once refresh once', async () => {
    const first = await openTab();
    await signIn(first);
    sent.length = 0;
    const second = await openTab();
    await reaches(second, 'signedIn');
    expect(await kit(second, 'me')).toBe(user.username);
    expect(count('Refresh')).toBe(0);
    for (const page of context.pages()) await page.close();
    const tabs = await Promise.all(Array.from({ length: 10 }, openTab));
    for (const tab of tabs) await reaches(tab, 'signedIn');
    expect(count('Refresh')).toBe(1);
    app.clock.advance(901);
    expect(await Promise.all(tabs.map((tab) => kit(tab, 'me')))).toEqual(tabs.map(() => user.username));
    expect(count('Refresh')).toBe(2);
  });

  test('a login in one tab signs in the other, and a logout ends both', async () => {
    const [first, second] = [await openTab(), await openTab()];
    await reaches(second, 'signedOut');
    await signIn(first);
    await reaches(second, 'signedIn');
    await kit(second, 'logout');
    await reaches(first, 'signedOut');
    expect(await kit(first, 'users')).toEqual([user.username, null]);
    await expect(kit(first, 'me')).rejects.toThrow('Sign in first');
    const third = await openTab();
    await reaches(third, 'signedOut');
  });

  test('another user who signs in takes the place of the first in every tab', async () => {
    const [first, second] = [await openTab(), await openTab()];
    await signIn(first);
    await reaches(second, 'signedIn');
    const other = await app.user();
    await kit(second, 'login', other.username, PASSWORD);
    await eventually('the other user', async () => (await kit(first, 'me')) === other.username);
    expect(await kit(first, 'users')).toEqual([user.username, other.username]);
    expect(await statusOf(second)).toBe('signedIn');
  });

  test('one tab holds the stream, every tab sees the changes, and another goes on when it closes', async () => {
    const first = await openTab();
    await signIn(first);
    await eventually('the stream', () => count('stream') === 1);
    const second = await openTab();
    await reaches(second, 'signedIn');
    const role = await app.role(['READ_USERS']);
    // the stream of the first tab compares with what it has read when it opened
    await eventually('the change of a profile', async () => {
      await kit(second, 'rename', `name ${Math.random()}`);
      return (await kit<'changes', string[]>(second, 'changes')).includes('PROFILE_CHANGED');
    });
    await sees(first, 'PROFILE_CHANGED');
    await app.data(AssignRoleDocument, { input: { userId: user.id, role } }, await app.admin());
    for (const tab of [first, second]) {
      await sees(tab, 'ROLES_CHANGED');
      await eventually('the new scope', async () =>
        (await kit<'state', ReturnType<Kit['state']>>(tab, 'state')).scopes.includes('READ_USERS'),
      );
    }
    expect(count('stream')).toBe(1);
    await first.close();
    await eventually('the stream of the second tab', () => count('stream') === 2);
  });

  test('a session that is revoked elsewhere ends in every tab, without a request of theirs', async () => {
    const [first, second] = [await openTab(), await openTab()];
    await signIn(first);
    await reaches(second, 'signedIn');
    await eventually('the stream', () => count('stream') === 1);
    await app.data(RevokeAllSessionsDocument, { input: { userId: user.id } }, await app.admin());
    await reaches(first, 'signedOut');
    await reaches(second, 'signedOut');
    expect(count('Whoami')).toBe(0);
  });

  test('a subscription of the application is one stream for all tabs, and ends with what it needs', async () => {
    const watcher = await app.user({ permissions: ['READ_AUDIT_LOG'] });
    user = watcher;
    const [first, second] = [await openTab(), await openTab()];
    await signIn(first);
    await reaches(second, 'signedIn');
    await eventually('the stream of the account', () => count('stream') === 1);
    for (const tab of [first, second]) await kit(tab, 'watchEvents');
    await eventually('the stream of events', () => count('stream') === 2);
    for (const tab of [first, second])
      await eventually('an event', async () => {
        await app.role();
        return (await kit<'events', string[]>(tab, 'events')).includes('role.created');
      });
    expect(count('stream')).toBe(2);
    const other = await app.user();
    await kit(first, 'login', other.username, PASSWORD);
    for (const tab of [first, second])
      await eventually('the refusal', async () => (await kit<'failures', string[]>(tab, 'failures')).length === 1);
  });

  test('without a network nobody is signed out, and it goes on when the network is back', async () => {
    const page = await openTab();
    await signIn(page);
    await eventually('the stream', () => count('stream') === 1);
    await context.setOffline(true);
    app.clock.advance(901);
    await expect(kit(page, 'me')).rejects.toThrow(/fetch/);
    expect(await statusOf(page)).toBe('signedIn');
    await context.setOffline(false);
    expect(await kit(page, 'me')).toBe(user.username);
  });

  test('a page that opens while the server is away waits, and a restart is noticed', async () => {
    const page = await openTab();
    await signIn(page);
    await eventually('the stream', () => count('stream') === 1);
    const { port } = new URL(app.origin);
    await app.close();
    const late = await openTab(); // the page itself comes from the test
    await expect(kit(page, 'me')).rejects.toThrow(/fetch/);
    expect(await statusOf(page)).toBe('signedIn');
    await page.close();
    app = await startApp({ database, env: { PORT: port } });
    await reaches(late, 'signedIn');
    expect(await kit(late, 'me')).toBe(user.username);
    await eventually('the stream of the late tab', () => count('stream') > 1);
  });
});

async function bundle(plugins: Plugin[] = []): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ['test/browser/client-kit/page.mts'],
    bundle: true,
    write: false,
    plugins,
    format: 'iife',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"', 'globalThis.__DEV__': 'false' },
  });
  return outputFiles[0]!.text;
}
