import { randomUUID } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { ADMIN, startApp, type TestApp } from '../../support/app';
import { createTestDatabase } from '../../support/database';
import { eventually } from '../../support/eventually';
import { describeWithBrowser, launchBrowser, type WatchedPage } from '../support';
import { goTo, heading, openConsole } from './console-page';

describeWithBrowser('the console, when something happens meanwhile', () => {
  let app: TestApp;
  let browser: Browser;
  let watched: WatchedPage;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startApp(), launchBrowser()]);
  });

  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  afterEach(() => watched.page.context().close());

  test('an access token that has expired is replaced without a question', async () => {
    watched = await openConsole(browser, app.origin, {
      user: await app.user({ permissions: ['READ_ROLES', 'READ_PERMISSIONS'] }),
    });
    app.clock.advance(901);
    await goTo(watched.page, 'Roles and permissions');
    await watched.page.getByRole('columnheader', { name: /ADMIN/ }).waitFor();
    expect(watched.complaints).toEqual([]);
  });

  test('a session that is revoked elsewhere ends on every page of the browser', async () => {
    const user = await app.user();
    watched = await openConsole(browser, app.origin, { user, path: 'account' });
    const second = await watched.page.context().newPage();
    await second.goto(`${app.origin}/console/account/history`);
    await heading(second, 'Login history').waitFor();
    const { accessToken } = await app.login(user.username);
    await app.data('mutation { revokeOtherSessions { count } }', {}, accessToken);
    await heading(watched.page, 'Sign in').waitFor();
    await heading(second, 'Sign in').waitFor();
  });

  test('a sign-out in one tab ends the session in the other', async () => {
    const user = await app.user();
    watched = await openConsole(browser, app.origin, { user, path: 'account' });
    const second = await watched.page.context().newPage();
    await second.goto(`${app.origin}/console/account/sessions`);
    await heading(second, 'Sessions').waitFor();
    await second.getByRole('button', { name: `Account ${user.username}` }).click();
    await second.getByRole('menuitem', { name: 'Sign out' }).click();
    await heading(second, 'Sign in').waitFor();
    await heading(watched.page, 'Sign in').waitFor();
  });

  test('ten tabs that open at once refresh once, hold one stream, and end together', async () => {
    const user = await app.user();
    watched = await openConsole(browser, app.origin, { user, path: 'account' });
    const context = watched.page.context();
    await watched.page.goto('about:blank');
    const sent: string[] = [];
    context.on('request', (request) => {
      if (request.url().endsWith('/graphql/stream')) sent.push('stream');
      else if (request.postData()?.includes('mutation Refresh')) sent.push('refresh');
    });
    const tabs = await Promise.all(Array.from({ length: 10 }, () => context.newPage()));
    await Promise.all(tabs.map((tab) => tab.goto(`${app.origin}/console/account`)));
    await Promise.all(tabs.map((tab) => heading(tab, 'Profile').waitFor()));
    await eventually('the stream', () => sent.includes('stream'));
    expect(sent).toEqual(['refresh', 'stream']);
    await tabs[9]!.getByRole('button', { name: `Account ${user.username}` }).click();
    await tabs[9]!.getByRole('menuitem', { name: 'Sign out' }).click();
    await Promise.all(tabs.map((tab) => heading(tab, 'Sign in').waitFor()));
  });

  test('a role that is taken away while a page is open takes its pages along', async () => {
    const role = await app.role(['READ_USERS', 'READ_ROLES']);
    const user = await app.user({ roles: [role] });
    watched = await openConsole(browser, app.origin, { user, path: 'users' });
    await watched.page.getByRole('link', { name: ADMIN.username, exact: true }).waitFor();
    const input = { userId: user.id, role };
    const document = 'mutation ($input: UserRoleInput!) { unassignRole(input: $input) { user { id } } }';
    await app.data(document, { input }, await app.admin());
    await watched.page.getByRole('alert').filter({ hasText: 'You do not have permission' }).waitFor();
    await watched.page.getByRole('link', { name: 'Users', exact: true }).waitFor({ state: 'detached' });
  });

  test('what others change shows on the open page of a user, and keeps what was typed there', async () => {
    const { id, username } = await app.user();
    watched = await openConsole(browser, app.origin, { user: ADMIN, path: `users/${id}` });
    const { page } = watched;
    await heading(page, username).waitFor();
    await page.getByLabel('First name').fill('Lan');
    const document = 'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }';
    await eventually('the change on the page', async () => {
      await app.data(document, { input: { id, lastName: `Tran ${randomUUID()}` } }, await app.admin());
      return (await page.getByLabel('Last name').inputValue()).startsWith('Tran');
    });
    expect(await page.getByLabel('First name').inputValue()).toBe('Lan');
    await page.getByText('You have unsaved changes.').waitFor();
  });

  test('a network that is lost is said, and what was missed is shown when it is back', async () => {
    watched = await openConsole(browser, app.origin, { user: ADMIN, path: 'users' });
    await watched.page.getByRole('link', { name: ADMIN.username, exact: true }).waitFor();
    await watched.page.context().setOffline(true);
    await watched.page.getByText('You are offline').waitFor();
    const { username } = await app.user();
    await watched.page.context().setOffline(false);
    await watched.page.getByText('You are offline').waitFor({ state: 'detached' });
    await watched.page.getByRole('link', { name: username, exact: true }).waitFor();
  });

  test('a server that is started again finds the user still signed in', async () => {
    const database = await createTestDatabase();
    const first = await startApp({ database });
    watched = await openConsole(browser, first.origin, { user: ADMIN, path: 'account' });
    await goTo(watched.page, 'Login history');
    await watched.page.getByText('Signed in', { exact: true }).first().waitFor();
    await goTo(watched.page, 'Profile');
    await heading(watched.page, 'Profile').waitFor();
    const { port } = new URL(first.origin);
    await first.close();
    await goTo(watched.page, 'Login history');
    await watched.page.getByText('The server could not be reached').waitFor();
    const second = await startApp({ database, env: { PORT: port } });
    const retry = watched.page.getByRole('button', { name: 'Try again' });
    await retry.evaluateAll((buttons) => buttons.forEach((button) => void (button as HTMLElement).click())); // gone where the page was first
    await watched.page.getByText('The server could not be reached').waitFor({ state: 'detached' });
    await second.close();
    await database.drop();
  });
});
