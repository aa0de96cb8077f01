import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import type { AddressInfo } from 'node:net';
import { Client } from 'pg';
import { startDemo } from '../fakes/kong/demo';
import { SIGNER_KEY, startApp } from '../support/app';
import { type Block, blocksOf, documents, isUpdating, masked, stepsOf, updateOutputs } from './documents';
import { environment, folderLikeAClone, runInShell } from './shell';

/** A fresh server for one document. */
interface Server {
  /** Documented address → actual address. */
  addresses: Record<string, string>;
  env: Record<string, string>;
  url: string;
  databaseUrl?: string;
  close(): Promise<void>;
}

async function startServer(): Promise<Server> {
  const app = await startApp({ env: { GATEWAY_PORT: '0' } });
  const gateway = app.app.gatewayHttp?.server.address() as AddressInfo;
  return {
    addresses: { 'http://localhost:9000': app.origin, 'http://localhost:8080': `http://127.0.0.1:${gateway.port}` },
    env: { DATABASE_URL: app.databaseUrl, JWT_SIGNER_KEY: SIGNER_KEY },
    url: app.url,
    databaseUrl: app.databaseUrl,
    close: () => app.close(),
  };
}

async function startKongDemo(): Promise<Server> {
  const demo = await startDemo({ ports: { api: 0, proxy: 0, admin: 0 }, print: () => undefined });
  return {
    addresses: { 'http://localhost:9000': demo.apiUrl, 'http://localhost:8000': demo.proxyUrl },
    env: {},
    url: `${demo.apiUrl}/graphql`,
    close: () => demo.stop(),
  };
}

const NOT_RUN = /^not run: \S/;
const START = 'run: npm start';
/** Run by the test that it names, which reads the document. */
const BY_TEST = /^run: (test\/\S+\.test\.ts)$/;
/** Run by test/browser/react.test.ts. */
const IN_BROWSER = /^(?:apollo|kit): \S+$/;

const all = documents.flatMap(blocksOf);
const isRun = (block: Block): boolean => block.marker === undefined;
const runIn = (document: string, language: string): Block[] =>
  all.filter((block) => block.document === document && block.language === language && isRun(block));

test.each(all.map((block) => [`${block.document}:${block.line}`, block] as const))(
  'the block at %s is run, or states why it is not',
  (_, { document, language, marker }) => {
    const named = BY_TEST.exec(marker ?? '')?.[1];
    if (named !== undefined) {
      expect(fs.readFileSync(named, 'utf8')).toContain(document);
      return;
    }
    if (marker === START || (marker !== undefined && (NOT_RUN.test(marker) || IN_BROWSER.test(marker)))) return;
    expect(marker).toBeUndefined();
    const run =
      document === 'docs/react.md'
        ? ['console', 'graphql', 'json', 'sql', 'ts']
        : ['console', 'graphql', 'json', 'sql'];
    expect(run).toContain(language);
  },
);

describe.each(
  documents.filter((document) =>
    ['console', 'graphql', 'sql'].some((language) => runIn(document, language).length > 0),
  ),
)('%s', (document) => {
  let server: Server;
  beforeAll(async () => {
    server = await (document === 'docs/kong.md' ? startKongDemo() : startServer());
  });
  afterAll(() => server?.close());

  const toActual = (text: string) =>
    Object.entries(server.addresses).reduce((all, [from, to]) => all.replaceAll(from, to), text);
  const toDocumented = (text: string) =>
    Object.entries(server.addresses).reduce((all, [from, to]) => all.replaceAll(to, from), text);

  test('shows what its commands print', async () => {
    const blocks = runIn(document, 'console');
    const steps = blocks.flatMap(stepsOf);
    const printed = await runInShell(
      steps.map(({ command }) => toActual(command)),
      server.env,
    );
    const outputs = printed.map(toDocumented);
    if (isUpdating) for (const block of blocks) updateOutputs(block, outputs.splice(0, stepsOf(block).length));
    else
      expect(steps.map(({ command }, i) => ({ command, output: masked(outputs[i] ?? 'was not run') }))).toEqual(
        steps.map(({ command, output }) => ({ command, output: masked(output) })),
      );
  });

  test('shows what its GraphQL documents answer, each with the JSON below it', async () => {
    const pairs = all.filter((block) => block.document === document && ['graphql', 'json'].includes(block.language));
    for (let i = 0; i < pairs.length; i += 2) {
      const [query, answer] = pairs.slice(i, i + 2);
      expect([query?.language, answer?.language]).toEqual(['graphql', 'json']);
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(server.url, {
        method: 'POST',
        headers,
        body: JSON.stringify({ query: query!.body }),
      });
      expect(JSON.parse(masked(await response.text()))).toEqual(JSON.parse(masked(answer!.body)));
    }
  });

  test('shows SQL that finds something to change', async () => {
    for (const { body } of runIn(document, 'sql')) {
      const client = new Client({ connectionString: server.databaseUrl });
      await client.connect();
      const { rowCount } = await client.query(body);
      await client.end();
      expect(rowCount).toBe(1);
    }
  });
});

test('README.md shows what npm start prints', async () => {
  const [block] = all.filter(({ marker }) => marker === START);
  const folder = folderLikeAClone();
  const env = { ...environment(), PORT: '0', GATEWAY_PORT: '0' };
  const child = spawn('npm', ['-s', 'start'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.setEncoding('utf8');
  for await (const chunk of child.stdout) {
    printed += chunk;
    if (/\n\n$/.test(printed) && printed.includes('***')) child.kill('SIGTERM');
  }
  if (child.exitCode === null) await once(child, 'close');
  const port = (path: string) => new RegExp(`http://localhost:(\\d+)/${path}`).exec(printed)?.[1];
  const documented = printed
    .replaceAll(`localhost:${port('graphql')}`, 'localhost:9000')
    .replaceAll(`localhost:${port('auth')}`, 'localhost:8080')
    .replaceAll(`${folder}/`, '')
    .replace(/^\{.*\}\n/gm, ''); // the log, one line for each address
  const [step] = stepsOf(block!);
  if (isUpdating) updateOutputs(block!, [documented]);
  else expect({ ...step, output: masked(documented) }).toEqual({ command: 'npm start', output: masked(step!.output) });
  expect(child.exitCode).toBe(0);
});
