import { startApp, type TestApp } from '../support/app';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ env: { PLAYGROUND: 'on' } });
});
afterAll(() => app.close());

test.each(['/openapi.json', '/.well-known/jwks.json', '/docs', '/playground'])(
  '%s is sent once and revalidated by its ETag',
  async (path) => {
    const first = await fetch(`${app.origin}${path}`);
    const etag = first.headers.get('etag')!;
    expect([first.status, etag]).toEqual([200, expect.stringMatching(/^"[\w-]{27}"$/)]);
    expect((await first.text()).length).toBeGreaterThan(10);

    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await fetch(`${app.origin}${path}`, { headers: { 'if-none-match': known } });
      expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
      expect(again.headers.get('cache-control')).toBe(first.headers.get('cache-control'));
    }
    const other = await fetch(`${app.origin}${path}`, { headers: { 'if-none-match': '"other"' } });
    expect(other.status).toBe(200);
    await other.text();
    const head = await fetch(`${app.origin}${path}`, { method: 'HEAD' });
    expect([head.status, head.headers.get('etag'), head.headers.get('content-length')]).toEqual([
      200,
      etag,
      first.headers.get('content-length'),
    ]);
  },
);
