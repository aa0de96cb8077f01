import type { Browser, Page } from 'playwright-core';
import { openPage } from '../support';

/** Signs in on a page that shows the sign-in form. */
export async function signIn(page: Page, { username, password }: { username: string; password: string }) {
  await page.getByLabel('User name or e-mail address').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** A page of a browser of its own, signed in, at an address of the console. */
export async function openConsole(
  browser: Browser,
  origin: string,
  { path = '', user, ...size }: { path?: string; user: { username: string; password: string }; width?: number },
) {
  const watched = await openPage(browser, { url: `${origin}/console/${path}`, ...size });
  await signIn(watched.page, user);
  await watched.page.getByRole('navigation', { name: 'Main navigation' }).waitFor({ state: 'attached' });
  return watched;
}

/** Goes to another page without loading the application again. */
export const goTo = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name, exact: true }).click();

export const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true });
