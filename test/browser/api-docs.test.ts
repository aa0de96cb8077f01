import type { Browser, Locator, Page } from 'playwright-core';
import { describeWithBrowser, launchBrowser, openPage, startTestApp, type TestApp, type WatchedPage } from './support';

describeWithBrowser('the API reference in a browser', () => {
  let app: TestApp;
  let browser: Browser;
  /** One for all tests: it costs three seconds of processor time. */
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startTestApp(), launchBrowser()]);
    watched = await openPage(browser, { url: `${app.url}/docs` });
    page = watched.page;
  });

  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  afterEach(() => {
    expect([...watched.complaints.splice(0), ...watched.foreignHosts.splice(0)]).toEqual([]);
  });

  test('shows the operations of the OpenAPI document, without another host and without breaking its policy', async () => {
    const login = await opened(page, '/identity/auth/token');
    await login.getByRole('button', { name: 'Execute' }).waitFor();
    expect(await page.locator('img[src*="validator"], .online-validator').count()).toBe(0);
  });

  test('authorizes the calls that follow a login, at the address that it was loaded from', async () => {
    await execute(operationAt(page, '/identity/auth/token'));
    const info = await execute(await opened(page, '/identity/users/my-info'));
    expect(info).toContain('"username": "admin"');

    await page.getByRole('button', { name: 'Authorize' }).click();
    const authorized = page.locator('.auth-container', { hasText: 'Authorized' });
    expect(await authorized.locator('h4').allInnerTexts()).toEqual([expect.stringContaining('identityToken')]);
  });

  test('is dark where the device is, also when that changes', async () => {
    const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.waitForFunction(() => document.documentElement.classList.contains('dark-mode'));
    const dark = await background();
    await page.emulateMedia({ colorScheme: 'light' });
    await page.waitForFunction(() => !document.documentElement.classList.contains('dark-mode'));
    expect(await background()).not.toBe(dark);
  });
});

const operationAt = (page: Page, path: string): Locator =>
  page.locator('.opblock', { has: page.locator(`[data-path="${path}"]`) }).first();

/** The operation at a path, unfolded. */
async function opened(page: Page, path: string): Promise<Locator> {
  const operation = operationAt(page, path);
  await operation.locator('.opblock-summary-control').click();
  return operation;
}

/** Runs an operation with the values that it shows. @returns the body of the answer */
async function execute(operation: Locator): Promise<string> {
  await operation.getByRole('button', { name: 'Execute' }).click();
  return operation.locator('.live-responses-table .response-col_description .highlight-code').first().innerText();
}
