// Pictures of every page, in both colour schemes and at 360 pixels, of a server with made-up accounts:
// `npm run console:screenshots`. They are written to docs/screenshots, or to the folder that is named.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { makeUp } from './made-up-accounts.mjs';

const root = path.resolve(import.meta.dirname, '..');
const folder = path.resolve(process.argv[2] ?? path.join(root, 'docs/screenshots'));
const only = process.argv[3];
const administrator = { username: 'admin', password: 'password123' };

/** Name of the picture → address below /console; those in `open` need no session. */
const open = { 'sign-in': 'sign-in', 'forgot-password': 'forgot-password', register: 'register' };
const pages = {
  overview: '',
  users: 'users',
  user: (made) => `users/${made.userId}`,
  roles: 'roles',
  audit: 'audit',
  logins: 'logins',
  tokens: 'tokens',
  keys: 'keys',
  profile: 'account',
  security: 'account/security',
  sessions: 'account/sessions',
  history: 'account/history',
};
const invitation = { invitation: 'invitation?token=picture', verification: 'verify-email?token=picture' };

const MAX_BYTES = 60_000;
const wide = { width: 1200, height: 780 };
const narrow = { width: 360, height: 740 };
const views = [
  { suffix: 'light', colorScheme: 'light', viewport: wide },
  { suffix: 'dark', colorScheme: 'dark', viewport: wide },
  { suffix: '360', colorScheme: 'light', viewport: narrow },
];

const dataDir = await mkdtemp(path.join(os.tmpdir(), 'console-pictures-'));
const server = spawn(process.execPath, [path.join(root, 'dist/src/main.js')], {
  env: { PATH: process.env.PATH, DATA_DIR: dataDir, PORT: '0', GATEWAY_PORT: 'off', LOGIN_RATE_LIMIT: '1000/60' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--hide-scrollbars'],
});
try {
  const origin = await started(server);
  const made = await makeUp(`${origin}/graphql`, administrator);
  await mkdir(folder, { recursive: true });
  for (const view of views) await takePictures(`${origin}/console`, made, view);
} finally {
  await browser.close();
  server.kill('SIGTERM');
  await once(server, 'close');
  await rm(dataDir, { recursive: true, force: true });
}

/** The origin of the server, from what it prints when it is ready. */
async function started({ stdout }) {
  let text = '';
  for await (const chunk of stdout) {
    text += chunk;
    const origin = /Console +(http:\S+)\/console/.exec(text)?.[1];
    if (origin) {
      stdout.resume();
      return origin.replace('0.0.0.0', 'localhost');
    }
  }
  throw new Error(`The server did not start: ${text}`);
}

async function takePictures(url, made, { suffix, colorScheme, viewport }) {
  const context = await browser.newContext({ viewport, colorScheme, locale: 'en-GB', reducedMotion: 'reduce' });
  const page = await context.newPage();
  const take = async (entries) => {
    for (const [name, place] of Object.entries(entries)) {
      if (only && !name.startsWith(only)) continue;
      await page.goto(`${url}/${typeof place === 'function' ? place(made) : place}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.locator('.mantine-Skeleton-root').first().waitFor({ state: 'detached' });
      await page.waitForTimeout(500); // charts and tables are drawn; the live stream keeps the network busy
      if (name === 'tokens') {
        await page.getByLabel('Token', { exact: true }).fill(made.token);
        await page.getByRole('button', { name: 'Inspect' }).click();
        await page.getByText('The token is accepted').waitFor();
      }
      await takePicture(page, path.join(folder, `${name}-${suffix}`));
    }
  };
  await take({ ...open, ...invitation });
  await page.goto(url);
  await page.getByLabel('User name or e-mail address').fill(administrator.username);
  await page.getByLabel('Password', { exact: true }).fill(administrator.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await take(pages);
  await context.close();
}

/** WebP, which a screenshot of Playwright cannot be, is a third of the size of PNG. */
async function takePicture(page, file) {
  if (process.env.PICTURE_FORMAT === 'png') return void (await page.screenshot({ path: `${file}.png` }));
  const session = await page.context().newCDPSession(page);
  let picture = Buffer.alloc(MAX_BYTES + 1);
  for (let quality = 80; picture.length > MAX_BYTES && quality > 0; quality -= 20) {
    const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality });
    picture = Buffer.from(data, 'base64');
  }
  await session.detach();
  await writeFile(`${file}.webp`, picture);
}
