import type { Browser, Locator, Page } from 'playwright-core';
import { emailVerificationMail, invitationMail, passwordResetMail } from '../../src/integrations/mail/messages';
import { emailChangedMail } from '../../src/integrations/mail/notices';
import { describeWithBrowser, launchBrowser, openPage, startTestApp, type TestApp, type WatchedPage } from './support';

const PHONE = { width: 390, height: 844 };

describeWithBrowser('on a screen of 390 pixels', () => {
  let app: TestApp;
  let browser: Browser;
  let playground: WatchedPage;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startTestApp(), launchBrowser()]);
    playground = await openPage(browser, { url: `${app.url}/playground`, ...PHONE });
  });

  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  test('the playground shows the login, its variables and the result', async () => {
    const { page, complaints } = playground;
    const result = page.locator('.graphiql-response');
    await page.locator('.graphiql-query-editor .view-line').first().waitFor();
    await page.locator('.graphiql-execute-button').click();
    await result.locator('.view-line', { hasText: 'accessToken' }).waitFor();
    for (const part of [result, page.locator('.graphiql-query-editor'), page.locator('.token-note')])
      await expectOnScreen(part);
    expect(await page.locator('.graphiql-editor-tool').innerText()).toContain('username');
    await expectNoOverflow(page);
    expect(complaints).toEqual([]);
  });

  test('a panel of the playground takes the place of the editors until an example is chosen', async () => {
    const { page } = playground;
    const editor = page.locator('.graphiql-query-editor');
    await page.getByRole('button', { name: 'Show Examples' }).click();
    await expectOnScreen(page.locator('.examples h2'));
    expect(await editor.isVisible()).toBe(false);
    await page.locator('.examples').getByRole('button', { name: 'query Me', exact: true }).click();
    await editor.waitFor();
    await expectOnScreen(editor);
    await expectNoOverflow(page);
  });

  test('the API reference fits', async () => {
    const { page } = await openPage(browser, { url: `${app.url}/docs`, ...PHONE });
    await page.locator('.opblock').first().waitFor();
    await expectNoOverflow(page);
  });

  test('mails fit, with the longest names and links', async () => {
    const { page } = await openPage(browser, { url: `${app.url}/health`, ...PHONE });
    const to = `${'a'.repeat(64)}@${'example-'.repeat(7)}.org`;
    const link = `https://id.example.org/verify-email?token=${'x'.repeat(400)}`;
    const reader = { to, name: 'Nguyễn '.repeat(8), language: 'vi' } as const;
    const at = new Date();
    for (const { html } of [
      passwordResetMail({ ...reader, code: '004217' }),
      emailVerificationMail({ ...reader, code: '004217', link, validMinutes: 10 }),
      invitationMail({ ...reader, link, expiresAt: at }),
      emailChangedMail({ ...reader, at, address: '2001:db8:1111:2222:3333:4444:5555:6666' }),
    ]) {
      await page.setContent(html ?? '');
      expect(await page.locator('p').count()).toBeGreaterThan(1);
      await expectNoOverflow(page);
    }
  });
});

async function expectOnScreen(part: Locator): Promise<void> {
  const { x, y, width, height } = (await part.boundingBox())!;
  expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
  expect([Math.round(x + width) <= PHONE.width, Math.round(y + height) <= PHONE.height]).toEqual([true, true]);
  expect(Math.min(width, height)).toBeGreaterThan(20);
}

async function expectNoOverflow(page: Page): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.width);
}
