import type { Browser, Page } from 'playwright-core';
import { type ReceivedMail, type SmtpTestServer, startSmtpServer } from '../../fakes/smtp/smtp';
import { ADMIN, PASSWORD, startApp, type TestApp } from '../../support/app';
import { eventually } from '../../support/eventually';
import { describeWithBrowser, launchBrowser, openPage, type WatchedPage } from '../support';
import { goTo, heading, openConsole, signIn } from './console-page';

describeWithBrowser('the console', () => {
  let smtp: SmtpTestServer;
  let app: TestApp;
  let browser: Browser;
  const opened: WatchedPage[] = [];

  beforeAll(async () => {
    smtp = await startSmtpServer();
    [app, browser] = await Promise.all([startApp({ env: { SMTP_URL: smtp.url } }), launchBrowser()]);
  });

  afterAll(async () => {
    await browser?.close();
    await app?.close();
    await smtp?.close();
  });

  afterEach(async () => {
    const watched = opened.splice(0);
    await Promise.all(watched.map(({ page }) => page.context().close()));
    expect(watched.flatMap(({ complaints, foreignHosts }) => [...complaints, ...foreignHosts])).toEqual([]);
  });

  const visit = async (path: string): Promise<Page> => {
    const watched = await openPage(browser, { url: `${app.origin}/console/${path}` });
    opened.push(watched);
    return watched.page;
  };
  const enter = async (path: string, user: { username: string; password: string } = ADMIN): Promise<Page> => {
    const watched = await openConsole(browser, app.origin, { path, user });
    opened.push(watched);
    return watched.page;
  };
  const mailTo = (address: string): Promise<ReceivedMail> =>
    eventually(`a mail to ${address}`, () => smtp.received.find(({ recipients }) => recipients.includes(address)));
  /** What is after `/console/` in the link of a mail. */
  const linkIn = ({ text }: ReceivedMail): string => /\/console\/(\S+)/.exec(text)![1]!;

  test('shows the page that was asked for after the sign-in, and again after a reload', async () => {
    const page = await enter('users');
    await page.getByRole('link', { name: ADMIN.username, exact: true }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/console/users');
    await page.reload();
    await page.getByRole('link', { name: ADMIN.username, exact: true }).waitFor();
  });

  test('says that the password is wrong, in the language of the page', async () => {
    const page = await visit('sign-in');
    await signIn(page, { ...ADMIN, password: 'a wrong password' });
    expect(await page.getByRole('alert').innerText()).toBe('The user name or the password is wrong');
    await page.getByLabel('Language').selectOption('vi');
    await page.getByRole('button', { name: 'Đăng nhập' }).click();
    await page.getByText('Tên người dùng hoặc mật khẩu sai').waitFor();
  });

  test('creates an account, gives it a role, disables and deletes it, and says what will happen before', async () => {
    const role = await app.role(['READ_USERS']);
    const page = await enter('users');
    await page.getByRole('button', { name: 'New user' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('User name').fill('admin');
    await dialog.locator('input[type=password]').fill(PASSWORD);
    await dialog.getByRole('button', { name: 'New user' }).click();
    await dialog.getByText('The user name is taken').waitFor();
    await dialog.getByLabel('User name').fill('thanh');
    await dialog.getByRole('button', { name: 'New user' }).click();
    await heading(page, 'thanh').waitFor();

    await page.getByRole('region', { name: 'Roles' }).locator('input:not([type=hidden])').click();
    await page.getByRole('option', { name: role }).click();
    await page.getByText(`Scopes: ROLE_${role}, READ_USERS`).waitFor();
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'Actions' }).click();
    await page.getByRole('menuitem', { name: 'Disable' }).click();
    await page.getByText(/Every session and token of the account ends at once/).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
    await page.getByText('Disabled', { exact: true }).waitFor();

    await page.getByRole('button', { name: 'Actions' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await heading(page, 'Users').waitFor();
    await page.getByRole('link', { name: 'thanh' }).waitFor({ state: 'detached' });
  });

  test('asks for 25 users and shows 25, however many there are, up to the last page', async () => {
    await app.sql(`insert into users (username, password_hash, password_scheme)
      select 'many-' || i, 'none', 'bcrypt' from generate_series(1, 60) i`);
    const page = await visit('users?text=many-');
    const asked: unknown[] = [];
    page.on('request', (request) => {
      const { operationName, variables } = request.postDataJSON() ?? {};
      if (operationName === 'UserPage') asked.push(variables.first ?? variables.last);
    });
    await signIn(page, ADMIN);
    const rows = page.getByRole('row').filter({ hasText: 'many-' });
    await page.getByText('60 records').waitFor();
    expect(await rows.count()).toBe(25);
    await page.getByRole('button', { name: 'Last page' }).click();
    await page.getByRole('link', { name: 'many-9', exact: true }).waitFor();
    expect(await rows.count()).toBe(25);
    expect(new Set(asked)).toEqual(new Set([25]));
  });

  test('is used by keyboard alone: the skip link, a menu, a question, and its answer', async () => {
    const { username, id } = await app.user();
    const page = await visit(`users/${id}`);
    const { keyboard } = page;
    const focused = () =>
      page.evaluate(() => {
        const active = document.activeElement;
        return active === document.body ? '' : (active?.textContent ?? '');
      });
    const tabTo = (what: string) =>
      eventually(what, async () => {
        await keyboard.press('Tab');
        return (await focused()).includes(what);
      });
    const chooseItem = async (name: string) => {
      const item = page.getByRole('menuitem', { name });
      await item.waitFor();
      // an arrow that comes before the menu has the focus moves nothing
      await eventually(name, async () => {
        await keyboard.press('ArrowDown');
        return item.evaluate((element) => element === document.activeElement);
      });
      await keyboard.press('Enter');
    };
    await page.getByLabel('User name or e-mail address').focus();
    await keyboard.type(ADMIN.username);
    await keyboard.press('Tab');
    await keyboard.type(ADMIN.password);
    await keyboard.press('Enter');
    await heading(page, username).waitFor();
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await tabTo('Skip to content');
    await keyboard.press('Enter');
    expect(await focused()).toContain(username);
    await tabTo('Actions');
    await keyboard.press('Enter');
    await chooseItem('Disable');
    await page.getByRole('dialog').waitFor();
    await keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await eventually('focus on the button again', async () => (await focused()).includes('Actions'));
    await keyboard.press('Enter');
    await chooseItem('Disable');
    await page.getByRole('dialog').waitFor();
    await tabTo('Disable');
    await keyboard.press('Enter');
    await page.getByText('Disabled', { exact: true }).waitFor();
  });

  test('keeps what was typed and not saved while other pages are looked at', async () => {
    const user = await app.user();
    const page = await enter('account', user);
    await page.getByLabel('First name').fill('Lan');
    await goTo(page, 'Sessions');
    await page.getByText('This session').waitFor();
    await goTo(page, 'Profile');
    await page.getByText('You have unsaved changes.').waitFor();
    expect(await page.getByLabel('First name').inputValue()).toBe('Lan');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    await page.reload();
    await page.getByLabel('First name').waitFor();
    await eventually('the saved name', async () => (await page.getByLabel('First name').inputValue()) === 'Lan');
  });

  test('changes the own password, which ends the other sessions', async () => {
    const user = await app.user();
    const page = await enter('account/security', user);
    await page.getByLabel('Current password').first().fill(user.password);
    await page.getByLabel('New password', { exact: true }).fill('another password');
    await page.getByLabel('Repeat the new password').fill('another password');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('Every other session has ended').waitFor();
    await goTo(page, 'Sessions');
    await page.getByText('This session').waitFor();
    expect(await page.getByRole('button', { name: 'End', exact: true }).count()).toBe(0);
  });

  test('grants a permission to a role in the matrix, and asks before it is taken away', async () => {
    const role = await app.role();
    const page = await enter('roles');
    const cell = page.getByRole('checkbox', { name: `${role}: READ_ROLES` });
    await cell.check();
    await page.getByText(`${role} now allows READ_ROLES.`).waitFor();
    await cell.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText(`${role} no longer allows READ_ROLES.`).waitFor();
    await eventually('an empty box', async () => !(await cell.isChecked()));
  });

  test('deletes a permission, and says before who loses it and what needs it', async () => {
    const name = 'PUBLISH_NEWS';
    const created =
      'mutation ($input: CreatePermissionInput!) { createPermission(input: $input) { permission { id } } }';
    await app.data(created, { input: { name } }, await app.admin());
    await app.role([name]);
    const page = await enter('roles');
    await page.getByRole('button', { name: 'Delete READ_USERS' }).click();
    await page.getByRole('dialog').getByText('These operations need it').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: `Delete ${name}` }).click();
    await page.getByRole('dialog').getByText('One role loses this permission').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText(`Permission ${name} deleted.`).waitFor();
    await page.getByRole('rowheader', { name }).waitFor({ state: 'detached' });
  });

  test('filters users by dates, role, state and text, and has all of it in the address', async () => {
    const [old, recent] = [await app.user({ username: 'datedold' }), await app.user({ username: 'datednew' })];
    await app.sql("update users set created_at = '2020-02-10T12:00Z', last_login_at = null where id = $1", [old.id]);
    const page = await enter('users?text=dated');
    const link = ({ username }: { username: string }) => page.getByRole('link', { name: username, exact: true });
    await link(old).waitFor();
    await page.getByRole('button', { name: 'Created: Any time' }).click();
    await page.getByLabel('From', { exact: true }).fill('2020-02-01');
    await page.getByLabel('To', { exact: true }).fill('2020-02-11');
    await link(recent).waitFor({ state: 'detached' });
    await link(old).waitFor();
    expect(new URL(page.url()).search).toBe('?text=dated&createdFrom=2020-02-01&createdTo=2020-02-11');
    await page.getByRole('button', { name: 'Any time', exact: true }).click();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Last login: Any time' }).click();
    await page.getByRole('dialog', { name: 'Last login: Any time' }).getByLabel('From').fill('2021-01-01');
    await link(recent).waitFor();
    await link(old).waitFor({ state: 'detached' });
    await page.reload();
    await link(recent).waitFor();
    expect(await page.getByLabel('Search').inputValue()).toBe('dated');
    expect(await page.getByRole('button', { name: /^Last login: .*2021/ }).count()).toBe(1);
  });

  test('shows an event of the audit log without a reload when it happens', async () => {
    const page = await enter('audit');
    await page.getByRole('row').nth(1).waitFor();
    const role = await app.role();
    await page.getByRole('row').filter({ hasText: role }).first().waitFor();
  });

  test('decodes a token, says whose it is, and why a changed one is refused', async () => {
    const user = await app.user();
    const page = await enter('tokens');
    await page.getByLabel('Token', { exact: true }).fill(user.token);
    await page.getByRole('button', { name: 'Inspect' }).click();
    await page.getByText(`It belongs to ${user.username}.`).waitFor();
    await page.getByLabel('Token', { exact: true }).fill('not a token');
    await page.getByRole('button', { name: 'Inspect' }).click();
    await page.getByText('It is not a JSON Web Token').waitFor();
    await app.data('mutation ($input: LogoutInput!) { logout(input: $input) { ok } }', {
      input: { token: user.token },
    });
    await page.getByLabel('Token', { exact: true }).fill(user.token);
    await page.getByRole('button', { name: 'Inspect' }).click();
    await page.getByText('Its session has ended.').waitFor();
  });

  test('registers, and resets a forgotten password by mail', async () => {
    const page = await visit('register');
    await page.getByLabel('User name').fill('phuong');
    await page.getByLabel('E-mail address').fill('phuong@example.com');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Create account' }).click();
    await heading(page, 'Profile').waitFor();

    const asking = await visit('forgot-password');
    await asking.getByLabel('E-mail address').fill('phuong@example.com');
    await asking.getByRole('button', { name: 'Send code' }).click();
    await asking.getByText('a six-digit code is on its way').waitFor();
    const mail = await mailTo('phuong@example.com');
    const code = /\b\d{6}\b/.exec(mail.text)![0];
    const other = await visit(linkIn(mail));
    await other.getByLabel('Digit 1').click();
    await other.keyboard.type(code);
    await other.getByLabel('New password').fill('a new password');
    await other.getByRole('button', { name: 'Change password' }).click();
    await other.getByText('Your password has been changed').waitFor();
    // the session of the other browser has ended with it
    await heading(page, 'Sign in').waitFor();
  });

  test('invites a person, who opens the account behind the link', async () => {
    const page = await enter('users');
    await page.getByRole('button', { name: 'Invite' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('E-mail address').fill('tuan@example.com');
    await dialog.getByRole('button', { name: 'Invite' }).click();
    await page.getByText('Invitation sent to tuan@example.com.').waitFor();
    const invited = await visit(linkIn(await mailTo('tuan@example.com')));
    await invited.getByLabel('User name').fill('tuan');
    await invited.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await invited.getByRole('button', { name: 'Open my account' }).click();
    await heading(invited, 'Profile').waitFor();
  });
});
