import fs from 'node:fs';
import os from 'node:os';
import { type Demo, startDemo } from '../fakes/kong/demo';
import { type ChannelResponse, send } from '../fakes/kong/kong-world';

let demo: Demo;
let printed = '';
beforeAll(async () => {
  demo = await startDemo({ ports: { api: 0, proxy: 0, admin: 0 }, print: (text) => (printed += text) });
});
afterAll(() => demo.stop());

/** What a shell would do with one of the printed lines. */
function typed(line: string): Promise<ChannelResponse> {
  const [, method = 'GET', url = ''] = /^curl (?:-X (\w+) )?(\S+)/.exec(line) ?? [];
  const headers = Object.fromEntries(
    [...line.matchAll(/ -H '([^:]+): ([^']*)'/g)].map(([, name, value]) => [name!.toLowerCase(), value!]),
  );
  const body = / -d '([^']*)'/.exec(line)?.[1];
  return send(url, method, { headers, ...(body !== undefined && { body }) });
}

test('says what runs where, and the three printed commands lead to the protected resource, one after the other', async () => {
  for (const url of [demo.apiUrl, demo.proxyUrl, demo.adminUrl]) expect(printed).toContain(`  ${url} `);
  expect(printed).toContain('  created plugin jwt on service graphql-identity-protected\n');
  expect(printed).toContain('Ctrl-C stops everything.');
  const [signIn = '', getToken = '', use = '', ...more] = printed
    .split('\n')
    .filter((line) => line.startsWith('curl '));
  expect(more).toEqual([]);

  const { jwt_issuer_key: key } = (await typed(signIn)).body;
  const { access_token: token } = (await typed(getToken.replace('<jwt_issuer_key>', key))).body;
  expect(await typed(use.replace('<access_token>', token))).toMatchObject({ status: 200, body: { username: 'admin' } });
  expect((await typed(use)).status).toBe(401);
});

test('listens on this machine only, and leaves nothing behind', async () => {
  expect(demo.proxyUrl).toMatch(/^http:\/\/localhost:/);
  expect(demo.adminUrl).toMatch(/^http:\/\/127\.0\.0\.1:/);
  const folders = () => fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith('identity-kong-demo-'));
  const before = folders().length;
  await demo.stop();
  expect(folders()).toHaveLength(before - 1);
  for (const url of [demo.apiUrl, demo.proxyUrl, demo.adminUrl])
    await expect(send(url)).rejects.toThrow('fetch failed');
});
