import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { ADMIN, startApp, type TestApp } from '../../support/app';
import { describeWithBrowser, launchBrowser, openPage, type WatchedPage } from '../support';
import { openConsole } from './console-page';

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const NARROW = 360;

const open = ['sign-in', 'forgot-password', 'register', 'invitation?token=x', 'verify-email?token=x', 'no-such-page'];
const closed = [
  '',
  'users',
  'users/ID',
  'roles',
  'audit',
  'logins',
  'tokens',
  'keys',
  'account',
  'account/security',
  'account/sessions',
  'account/history',
];

describeWithBrowser('every page of the console', () => {
  let app: TestApp;
  let browser: Browser;
  let administrator: WatchedPage;
  let visitor: WatchedPage;
  let userId: string;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startApp(), launchBrowser()]);
    userId = (await app.user({ email: 'mai@example.com', permissions: ['READ_USERS'] })).id;
    [visitor, administrator] = await Promise.all([
      openPage(browser, { url: `${app.origin}/console/sign-in`, width: NARROW }),
      openConsole(browser, app.origin, { user: ADMIN, width: NARROW }),
    ]);
    await Promise.all([visitor, administrator].map(({ page }) => page.addInitScript({ content: axe })));
  });

  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  test.each(open)('/%s is accessible and fits into 360 pixels', (path) => inspect(visitor, path));
  test.each(closed)('/%s is accessible and fits into 360 pixels', (path) => inspect(administrator, path));

  test('the first page transfers less than 200 KB', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('Network.enable');
    let bytes = 0;
    devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await page.goto(`${app.origin}/console`);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await page.waitForLoadState('networkidle');
    await context.close();
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(200_000);
  });

  test('pages violate no policy, ask no other host, and meet no error', () => {
    expect(
      [administrator, visitor].flatMap(({ complaints, foreignHosts }) => [...complaints, ...foreignHosts]),
    ).toEqual([]);
  });

  async function inspect({ page }: WatchedPage, path: string): Promise<void> {
    await page.goto(`${app.origin}/console/${path.replace('ID', userId)}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.locator('.mantine-Skeleton-root, .mantine-Loader-root').first().waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(NARROW);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
      await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== 'running'));
      expect(await violations(page)).toEqual([]);
    }
  }
});

interface AxeWindow {
  axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
}

/** What axe finds serious, with the first element that it is about. */
const violations = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const found = await (window as unknown as AxeWindow).axe.run();
    return found.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 300)}`);
  });
