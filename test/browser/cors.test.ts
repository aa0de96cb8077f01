import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { type RestWorld, startRest } from '../support/rest';
import { describeWithBrowser, launchBrowser } from './support';

/** A front end of another origin: an empty page, all that a script needs to be somewhere. */
async function startFrontEnd(): Promise<{ origin: string; close(): void }> {
  const server = http.createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end('<title>front end</title>'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

interface Sent {
  url: string;
  method?: string;
  token?: string;
  body?: object;
}

/**
 * What a script of the page sees of an answer; a refusal of the browser is an Error
 * there.
 */
const send = (page: Page, sent: Sent) =>
  page.evaluate(async ({ url, method = 'GET', token, body }: Sent) => {
    const response = await fetch(url, {
      method,
      credentials: 'include',
      headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, retryAfter: response.headers.get('retry-after'), body: await response.json() };
  }, sent);

describeWithBrowser('a browser at another origin', () => {
  let world: RestWorld;
  let browser: Browser;
  const frontEnds: { origin: string; close(): void }[] = [];
  let page: Page;
  let stranger: Page;

  beforeAll(async () => {
    frontEnds.push(await startFrontEnd(), await startFrontEnd());
    const [listed, unlisted] = frontEnds;
    world = await startRest({ env: { CORS_ORIGINS: listed!.origin, LOGIN_RATE_LIMIT: '3/60' } });
    browser = await launchBrowser();
    page = await browser.newPage();
    await page.goto(listed!.origin);
    stranger = await browser.newPage();
    await stranger.goto(unlisted!.origin);
  });
  afterAll(async () => {
    await browser?.close();
    for (const frontEnd of frontEnds) frontEnd.close();
    await world?.close();
  });

  describe.each(['gateway', 'main'] as const)('through the %s port', (port) => {
    const url = (path: string) => world[port].base + path;

    test('logs in, reads and changes its profile, and logs out', async () => {
      const member = await world.member();
      const login = await send(page, {
        url: url('/auth/token'),
        method: 'POST',
        body: { username: member.username, password: member.password },
      });
      expect(login).toMatchObject({ status: 200, body: { code: 1000, result: { authenticated: true } } });
      const { token } = login.body.result;
      expect(await send(page, { url: url('/users/my-info'), token })).toMatchObject({
        status: 200,
        body: { result: { id: member.id } },
      });
      const change = { url: url(`/users/${member.id}`), method: 'PUT', token, body: { firstName: 'Ann' } };
      expect(await send(page, change)).toMatchObject({ status: 200, body: { result: { firstName: 'Ann' } } });
      expect(await send(page, { url: url('/auth/logout'), method: 'POST', body: { token } })).toMatchObject({
        body: { code: 1000, result: null },
      });
    });

    test('reads a 401, so that the client refreshes', async () => {
      expect(await send(page, { url: url('/users/my-info'), token: 'over' })).toEqual({
        status: 401,
        retryAfter: null,
        body: { code: 1006, message: 'Unauthenticated' },
      });
    });

    test('reads a 403 to DELETE, a 404, a 405 and a 400', async () => {
      const { id, token } = await world.member();
      const statuses = [
        await send(page, { url: url(`/users/${id}`), method: 'DELETE', token }),
        await send(page, { url: url('/nothing'), token }),
        await send(page, { url: url('/auth/token'), method: 'PUT', body: {} }),
        await send(page, { url: url('/auth/token'), method: 'POST', body: {} }),
      ].map(({ status }) => status);
      expect(statuses).toEqual([403, 404, 405, 400]);
    });

    test('reads nothing from an origin that is not on the list', async () => {
      const body = { username: 'admin', password: 'password123' };
      await expect(send(stranger, { url: url('/auth/token'), method: 'POST', body })).rejects.toThrow(
        /Failed to fetch/,
      );
      await expect(send(stranger, { url: url('/users/my-info') })).rejects.toThrow(/Failed to fetch/);
    });
  });

  test('reads the waiting time of a 429', async () => {
    const { username } = await world.member();
    const attempt = {
      url: `${world.gateway.base}/auth/token`,
      method: 'POST',
      body: { username, password: 'wrong password' },
    };
    for (let i = 0; i < 3; i++) await send(page, attempt);
    expect(await send(page, attempt)).toEqual({
      status: 429,
      retryAfter: expect.stringMatching(/^\d+$/),
      body: { code: 1010, message: 'Too many requests' },
    });
  });
});
