import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { loadExamples } from '../../web/playground/examples.mjs';
import { eventually } from '../support/eventually';
import { describeWithBrowser, launchBrowser, openPage, startTestApp, type TestApp, type WatchedPage } from './support';

const PASSWORD = 'password123';

describeWithBrowser('the playground in a browser', () => {
  let app: TestApp;
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startTestApp(), launchBrowser()]);
  });

  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  afterEach(() => {
    expect([...watched.complaints.splice(0), ...watched.foreignHosts.splice(0)]).toEqual([]);
  });

  // a page costs two seconds of processor time, so the tests of a group go on where the one before has ended
  const onOnePage = (title: string, tests: () => void): void =>
    describe(title, () => {
      beforeAll(async () => {
        app.requests.length = 0;
        watched = await openPage(browser, { url: `${app.url}/playground` });
        page = watched.page;
        await waitForEditors();
      });
      afterAll(() => page.context().close());
      tests();
    });

  onOnePage('before a login', () => {
    test('opens the operations of the repository as tabs, in teaching order', async () => {
      const examples = loadExamples({
        operationsDir: path.resolve('schema/operations'),
        schemaFile: path.resolve('schema/schema.graphql'),
      });
      const expected = examples.filter(({ tab }) => tab).map(({ name }) => name);
      expect(expected.slice(0, 2)).toEqual(['Login', 'Me']);
      expect(await tabTitles()).toEqual(expected);
    });

    test('shows the variables of the login and the Authorization header beside each other', async () => {
      expect(JSON.parse(await textOf('variables'))).toEqual({ input: { username: 'admin', password: PASSWORD } });
      expect(JSON.parse(await textOf('headers'))).toEqual({ Authorization: 'Bearer <token>' });
    });

    test('opens an example from the side panel again after its tab was closed', async () => {
      await page.locator('[role=tab]', { hasText: 'Login' }).locator('.graphiql-tab-close').click();
      expect(await tabTitles()).not.toContain('Login');
      await openExample('mutation Login');
      await page.waitForFunction(() =>
        document.querySelector('[role=tab][aria-selected=true]')?.textContent?.startsWith('Login'),
      );
      expect(JSON.parse(await textOf('variables'))).toEqual({ input: { username: 'admin', password: PASSWORD } });
    });

    test('sends no Authorization header before a login, and never the placeholder', async () => {
      await selectTab('Me');
      await run();
      await waitForResponse('"errors"');
      expect(app.requests.map(({ authorization }) => authorization)).toEqual([undefined, undefined]);
    });

    test('underlines nothing in the examples, which are valid', async () => {
      const titles = await tabTitles();
      expect(titles).toContain('CreateRole');
      for (const title of titles) {
        await selectTab(title!);
        await pause(1000); // the language workers answer a moment after the text is shown
        expect([title, await page.locator('[class*="squiggly"]').count()]).toEqual([title, 0]);
      }
      await openExample('query LoginAttempts'); // its variable with a default is not given
      await pause(1000);
      expect(await page.locator('[class*="squiggly"]').count()).toBe(0);
    });

    test('explains the login and the main job before the fields for Kong', async () => {
      await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
      await page.locator('.graphiql-plugin a', { hasText: 'Mutation' }).first().click();
      const fields = page.locator('.graphiql-doc-explorer-item .graphiql-doc-explorer-field-name');
      await fields.first().waitFor();
      const names = await fields.allInnerTexts();
      expect(names[0]).toBe('login');
      expect(names.slice(-2)).toEqual(['kongSignIn', 'kongToken']);
    });

    test('runs a query and shows its result', async () => {
      await openTab('{ __typename }');
      await run();
      await waitForResponse('"__typename": "Query"');
    });

    test('underlines a field that the schema does not have, which takes the language worker', async () => {
      await openTab('{ noSuchField }');
      await page.locator('.graphiql-query-editor .squiggly-error').first().waitFor();
    });
  });

  onOnePage('with a login', () => {
    test('runs the login as it stands, at once', async () => {
      await run();
      await waitForResponse('accessToken');
    });

    test('puts the tokens of the last login where headers and variables ask for them', async () => {
      await logIn();
      expect(await page.locator('.token-note').innerText()).toContain('is the token of admin');

      await selectTab('Me');
      await run();
      await waitForResponse('"username": "admin"');
      expect(app.requests.at(-1)).toEqual({ operationName: 'Me', authorization: `Bearer ${await copiedToken()}` });

      await selectTab('Introspect');
      await run();
      await waitForResponse('"active": true');
    });

    test('sends the Authorization header that stands in the Headers tab', async () => {
      await openTab('query Pasted { __typename }');
      await write('headers', '{ "Authorization": "Bearer pasted.by.hand" }');
      await run();
      await waitForResponse('Query');
      expect(app.requests.at(-1)).toEqual({ operationName: 'Pasted', authorization: 'Bearer pasted.by.hand' });
    });

    test('shows the events of a subscription until it is stopped', async () => {
      await logIn();
      const token = await copiedToken();
      await openTab('subscription { accountChanged { kind } }');
      await write('headers', '{ "Authorization": "Bearer <token>" }');
      await run();
      const response = page.locator('.graphiql-response .view-lines');
      let changes = 0;
      await eventually('an event', async () => {
        await updateProfile(token, `Name ${++changes}`);
        return (await response.innerText()).includes('PROFILE_CHANGED');
      });
      await page.getByRole('button', { name: /stop/i }).click();
      await page.getByRole('button', { name: /execute/i }).waitFor();
    });

    test('is anonymous again after Forget', async () => {
      await logIn();
      await page.getByRole('button', { name: 'Forget' }).click();
      await selectTab('Me');
      expect(await sentBy(run)).toEqual({ operationName: 'Me', authorization: undefined });
      await waitForResponse('"errors"');
    });

    test('shows the tokens no more after their logout', async () => {
      await logIn();
      await selectTab('Logout');
      await run();
      await waitForResponse('"ok": true');
      expect(await page.locator('.token-note').innerText()).toMatch(/^Run Login/);
      await selectTab('Me');
      expect(await sentBy(run)).toEqual({ operationName: 'Me', authorization: undefined });
      await waitForResponse('"errors"');
    });

    test('leaves neither password nor token nor operation on the device, and starts afresh after a reload', async () => {
      await logIn();
      await write('headers', `{ "Authorization": "Bearer ${await copiedToken()}" }`);
      await pause(1000); // GraphiQL stores half a second after the last key
      expect(await page.evaluate(() => Object.keys({ ...localStorage, ...sessionStorage }))).toEqual([]);

      await page.reload();
      await waitForEditors();
      expect(JSON.parse(await textOf('variables'))).toEqual({ input: { username: 'admin', password: PASSWORD } });
    });

    test('keeps the tabs when the user chooses to', async () => {
      await openTab('query Kept { __typename }');
      await page.getByRole('button', { name: 'Open settings dialog' }).click();
      await page.locator('#enable-persist-headers').click();
      await page.keyboard.press('Escape');
      await pause(1000); // GraphiQL stores half a second after the last change

      await page.reload();
      await waitForEditors();
      expect(await tabTitles()).toContain('Kept');
    });
  });

  async function updateProfile(token: string, fullName: string): Promise<void> {
    const query = 'mutation($input: UpdateProfileInput!) { updateProfile(input: $input) { profile { id } } }';
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables: { input: { fullName } } }),
    });
    expect(response.status).toBe(200);
  }

  async function openExample(name: string): Promise<void> {
    const examples = page.locator('.examples');
    if (!(await examples.isVisible())) await page.getByRole('button', { name: 'Show Examples' }).click();
    await examples.getByRole('button', { name, exact: true }).click();
  }

  async function waitForEditors(): Promise<void> {
    for (const editor of ['query', 'variables', 'headers'] as const)
      await editorOf(editor).locator('.view-line').first().waitFor();
  }

  function editorOf(editor: 'query' | 'variables' | 'headers') {
    const selector = {
      query: '.graphiql-query-editor',
      variables: '.graphiql-editor-tool',
      headers: '.graphiql-editor-tool',
    }[editor];
    return page.locator(`${selector} > .graphiql-editor`).nth(editor === 'headers' ? 1 : 0);
  }

  /** What the editor shows; it draws spaces as no-break spaces. */
  async function textOf(editor: 'variables' | 'headers'): Promise<string> {
    return (await editorOf(editor).locator('.view-lines').innerText()).replaceAll('\u00a0', ' ');
  }

  /** By a timer of the page itself, so that those which it has set before have run, however busy the machine is. */
  async function pause(ms: number): Promise<void> {
    await page.evaluate((time) => new Promise((resolve) => setTimeout(resolve, time)), ms);
  }

  async function write(editor: 'query' | 'variables' | 'headers', text: string): Promise<void> {
    await editorOf(editor).locator('.view-lines').click();
    await page.keyboard.press('ControlOrMeta+a');
    // pasted, since the editor closes brackets that are typed
    await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
    await page.keyboard.press('ControlOrMeta+v');
    await pause(300); // the tab takes the editor's text a tenth of a second after the last key
  }

  async function openTab(query: string): Promise<void> {
    await page.getByRole('button', { name: 'New tab' }).click();
    await write('query', query);
  }

  async function selectTab(title: string): Promise<void> {
    await page.locator(`.graphiql-tab-button[title="${title}"]`).click();
    await pause(500); // GraphiQL reads the operation's name from the new text a moment after it is shown
  }

  async function tabTitles(): Promise<(string | null)[]> {
    return page.locator('.graphiql-tab-button').evaluateAll((tabs) => tabs.map((tab) => tab.getAttribute('title')));
  }

  async function run(): Promise<void> {
    await page.locator('.graphiql-execute-button').click();
  }

  /** The request that follows. */
  async function sentBy(action: () => Promise<void>) {
    const before = app.requests.length;
    await action();
    return eventually('a request', () => app.requests[before]);
  }

  async function waitForResponse(text: string): Promise<void> {
    await page.waitForFunction(
      (expected) =>
        document
          .querySelector('.graphiql-response .view-lines')
          ?.textContent?.replaceAll('\u00a0', ' ')
          .includes(expected),
      text,
    );
  }

  /** Unless the page has a token. */
  async function logIn(): Promise<void> {
    const signedIn = page.locator('.token-note', { hasText: 'is the token of admin' });
    if (await signedIn.isVisible()) return;
    await selectTab('Login');
    await write('variables', JSON.stringify({ input: { username: 'admin', password: PASSWORD } }));
    await run();
    await signedIn.waitFor();
  }

  async function copiedToken(): Promise<string> {
    await page.evaluate(() => navigator.clipboard.writeText(''));
    await page.getByRole('button', { name: /^(Copy token|Copied)$/ }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    return eventually('a copied token', () => page.evaluate(() => navigator.clipboard.readText()));
  }
});
