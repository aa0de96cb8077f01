import type { Browser } from 'playwright-core';
import { describeWithBrowser, launchBrowser, openPage, startTestApp, type TestApp } from './support';

describeWithBrowser('the API reference in a browser', () => {
  let app: TestApp;
  let browser: Browser;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startTestApp(), launchBrowser()]);
  });

  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  test('shows the operations of the OpenAPI document, without another host and without breaking its policy', async () => {
    const { page, complaints, foreignHosts } = await openPage(browser, { url: `${app.url}/docs` });
    const login = page.locator('.opblock', { hasText: '/identity/auth/token' });
    await login.waitFor();
    await login.locator('.opblock-summary-control').click();
    await login.getByRole('button', { name: 'Execute' }).waitFor();
    expect(await page.locator('img[src*="validator"], .online-validator').count()).toBe(0);
    expect(complaints).toEqual([]);
    expect(foreignHosts).toEqual([]);
  });
});
