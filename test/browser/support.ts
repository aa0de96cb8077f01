import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

// The server under test: one function, so that what is behind it can change without the tests.
export { startTestApp, type TestApp } from './test-app';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser of this machine, or undefined. */
const browserPath = [process.env.CHROMIUM_PATH ?? '', ...CANDIDATES].find((file) => file !== '' && existsSync(file));

/**
 * A suite that needs a browser: registered as skipped, with the reason, on a machine without one,
 * and an error in CI.
 */
export function describeWithBrowser(name: string, suite: () => void): void {
  if (browserPath) {
    describe(name, suite);
    return;
  }
  const reason = `no chromium on this machine (looked for ${CANDIDATES.join(', ')}; CHROMIUM_PATH names another)`;
  if (process.env.CI === 'true') throw new Error(`${name}: ${reason}`);
  const { skip } = describe;
  skip(`${name} [skipped: ${reason}]`, suite); // test/support/closing-summary.cjs prints this form at the end of the run
}

/** Starts the browser headless and without a network: every name but 127.0.0.1 fails to resolve. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: browserPath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    ],
  });
}

export interface WatchedPage {
  page: Page;
  /** Policy violations, script errors and console errors, as the browser words them. */
  complaints: string[];
  /** Hosts that the page asked for anything, other than the server under test. */
  foreignHosts: string[];
}

/** A page of a fresh profile that takes note of everything that should not happen. */
export async function openPage(
  browser: Browser,
  { url, width = 1400, height = 860 }: { url: string; width?: number; height?: number },
): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width, height },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  context.setDefaultTimeout(120_000); // below jest's own, so that a failure names the element it waited for
  const page = await context.newPage();
  const complaints: string[] = [];
  const foreignHosts: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || /content security policy/i.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith('http') && host !== new URL(url).host) foreignHosts.push(host);
  });
  await page.goto(url);
  return { page, complaints, foreignHosts };
}
