// npm run drill:console [-- USERS]: what the pages of the console ask of the processor with that many users.
import { readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { seedUsers } from '../../bench/seed.mjs';
import { ADMIN, startServer } from '../../bench/server-process.mjs';

const USERS = Number(process.argv[2] ?? 100_000);
/** Processor time of one task of the page's main thread, which other processes do not lengthen. */
const MAX_TASK_MS = 200;

/** Name → what a person does there. */
const steps = {
  'the sign-in page': async (page, url) => {
    await page.goto(url);
    await page.getByLabel('Password', { exact: true }).waitFor();
  },
  'sign in, overview': async (page) => {
    await page.getByLabel('User name or e-mail address').fill(ADMIN.username);
    await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page
      .getByRole('region', { name: 'Users' })
      .getByText(/\d,\d{3}/)
      .waitFor();
  },
  users: async (page) => {
    await goTo(page, 'Users');
    await rows(page).waitFor();
  },
  'sorted by last login': async (page) => {
    await page.locator('th', { hasText: 'Last login' }).click();
    await page.waitForURL(/sort=LAST_LOGIN_AT/);
    await rows(page).waitFor();
  },
  'searched while typing': async (page) => {
    await page.getByLabel('Search').pressSequentially('first12345', { delay: 40 });
    await page.waitForURL(/text=first12345/);
    await rows(page).waitFor();
    await page.getByLabel('Search').fill('');
    await page.waitForURL((place) => !place.searchParams.has('text'));
  },
  'the last page': async (page) => {
    await page.getByRole('button', { name: 'Last page' }).click();
    await page.waitForURL(/page=last/);
    await rows(page).waitFor();
  },
  'one user': async (page) => {
    await page.getByRole('table').getByRole('link').first().click();
    await page.getByLabel('First name').waitFor();
  },
  'roles and permissions': async (page) => {
    await goTo(page, 'Roles and permissions');
    await page.getByRole('checkbox').first().waitFor();
    await page.getByRole('tab', { name: 'What operations need' }).click();
    await page.getByText('createUser').first().waitFor();
  },
  'audit log': async (page) => {
    await goTo(page, 'Audit log');
    await rows(page).waitFor();
  },
  logins: async (page) => {
    await goTo(page, 'Logins');
    await rows(page).waitFor();
  },
  'in Vietnamese, and dark': async (page) => {
    await page.getByLabel('Language').selectOption('vi');
    await page.getByText('Lượt đăng nhập').first().waitFor();
    await page.getByRole('button', { name: 'Chuyển sang giao diện tối' }).click();
    await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
  },
};

async function goTo(page, name) {
  await page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}
const rows = (page) => page.getByRole('table').getByRole('row').nth(1);

async function main() {
  const server = await startServer({ databaseUrl: null, redisUrl: null });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    await seedUsers(server.embeddedUrl(), USERS);
    const page = await browser.newPage({ locale: 'en-GB' });
    for (const [name, act] of Object.entries(steps)) {
      const { cpuMs, wallMs } = await longestTask(browser, page, () => act(page, `${server.url}/console`));
      process.stdout.write(
        `${name.padEnd(26)} longest task ${format(cpuMs)} of processor, ${format(wallMs)} by the clock\n`,
      );
      if (cpuMs <= MAX_TASK_MS) continue;
      process.stderr.write(`too long: ${name}\n`);
      process.exitCode = 1;
    }
  } finally {
    await browser.close();
    await server.stop();
  }
}

const format = (ms) => `${ms.toFixed(0).padStart(4)} ms`;

/** The longest task of a renderer's main thread while `act` goes on. */
async function longestTask(browser, page, act) {
  const file = path.join(os.tmpdir(), `console-trace-${process.pid}.json`);
  await browser.startTracing(page, { path: file, categories: ['toplevel', 'disabled-by-default-devtools.timeline'] });
  await act();
  await browser.stopTracing();
  const { traceEvents } = JSON.parse(await readFile(file, 'utf8'));
  await rm(file);
  const id = ({ pid, tid }) => `${pid} ${tid}`;
  const mainThreads = new Set(
    traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(id),
  );
  const tasks = traceEvents.filter((event) => /RunTask$/.test(event.name) && mainThreads.has(id(event)));
  if (tasks.length === 0) throw new Error('the trace has no tasks');
  const longest = (member) => Math.max(...tasks.map((task) => task[member] ?? 0)) / 1000;
  return { cpuMs: longest('tdur'), wallMs: longest('dur') };
}

await main();
