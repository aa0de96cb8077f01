import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';

const ADVISORY = {
  id: 1,
  url: 'https://github.com/advisories/GHSA-2222-3333-4444',
  title: 'Something is wrong',
  severity: 'high',
  vulnerable_versions: '>=0.0.0',
};

/** What a registry answers to an audit; null where it knows none. */
let answer: object | null;
let registry: Server;
beforeAll(async () => {
  registry = createServer((request, response) => {
    const isAudit = request.url === '/-/npm/v1/security/advisories/bulk' && answer !== null;
    request.resume();
    response.writeHead(isAudit ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isAudit ? answer : {}));
  }).listen(0, '127.0.0.1');
  await once(registry, 'listening');
});
afterAll(() => registry.close());

async function audit(): Promise<{ code: number; stdout: string }> {
  const { port } = registry.address() as AddressInfo;
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, npm_config_registry: `http://127.0.0.1:${port}/` };
  return promisify(execFile)(process.execPath, ['src/cli/audit.mjs'], { env }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }) => ({ code, stdout }),
  );
}

test.each([
  ['no findings', {}, 0, '0 known vulnerabilities, 0 of them not explained in docs/security.md.\n'],
  [
    'a finding that is not explained',
    { jose: [ADVISORY] },
    1,
    `NEW  high  jose  ${ADVISORY.url}\n1 known vulnerabilities, 1 of them not explained in docs/security.md.\n`,
  ],
  [
    'a registry that does not answer audits',
    null,
    2,
    'The registry does not answer audits: nothing is known. Set npm_config_registry to one that does.\n',
  ],
])('%s', async (_case, given, code, stdout) => {
  answer = given;
  expect(await audit()).toEqual({ code, stdout });
});
