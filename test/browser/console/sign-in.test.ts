import type { Browser, Page } from 'playwright-core';
import { ADMIN, startApp, type TestApp } from '../../support/app';
import { describeWithBrowser, launchBrowser, openPage, type WatchedPage } from '../support';

describeWithBrowser('the console', () => {
  let app: TestApp;
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startApp(), launchBrowser()]);
  });

  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  beforeEach(async () => {
    watched = await openPage(browser, { url: `${app.origin}/console/users` });
    page = watched.page;
  });

  afterEach(async () => {
    await page.context().close();
    expect(watched.complaints).toEqual([]);
    expect(watched.foreignHosts).toEqual([]);
  });

  test('shows the users to an administrator who signs in, on the page that was asked for', async () => {
    await signIn(ADMIN);
    await page.getByRole('link', { name: ADMIN.username, exact: true }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/console/users');
    await page.reload();
    await page.getByRole('link', { name: ADMIN.username, exact: true }).waitFor();
  });

  test('says that the password is wrong', async () => {
    await signIn({ ...ADMIN, password: 'a wrong password' });
    expect(await page.getByRole('alert').innerText()).toBe('The user name or the password is wrong');
  });

  async function signIn({ username, password }: { username: string; password: string }): Promise<void> {
    await page.getByLabel('User name or e-mail address').fill(username);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }
});
