import { spawn } from 'node:child_process';
import fs from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { startDemo } from '../fakes/kong/demo';
import { startApp, type TestApp } from '../support/app';

const readme = fs.readFileSync(path.join(__dirname, '../../README.md'), 'utf8');

interface Step {
  command: string;
  output: string;
}

/** The commands of a part of README with what it says that they print. */
function stepsOf(part: string): Step[] {
  const text = readme.split(`<!-- ${part} -->`)[1]!.split(`<!-- /${part} -->`)[0]!;
  const blocks = [...text.matchAll(/```console\n([\s\S]*?)```/g)].map(([, block]) => block!);
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .filter(Boolean)
      .map((step) => {
        const [command = '', ...output] = step.trimEnd().split('\n');
        return { command, output: output.join('\n') };
      }),
  );
}

/** Runs commands in one shell, each with its own output. */
async function run(commands: string[]): Promise<string[]> {
  const shell = spawn('bash', [], { stdio: ['pipe', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  shell.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  shell.stdin.end(commands.map((command) => `${command}\nprintf '\\036'\n`).join(''));
  await new Promise((resolve) => shell.once('close', resolve));
  return Buffer.concat(chunks).toString('utf8').split('\u001e').slice(0, -1);
}

const masked = (text: string): string => text.trim().replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>');

/** Runs a part, with its addresses replaced, and compares what it prints. */
async function expectAsPrinted(part: string, addresses: Record<string, string>): Promise<void> {
  const steps = stepsOf(part);
  const here = (command: string) =>
    Object.entries(addresses).reduce((text, [documented, actual]) => text.replaceAll(documented, actual), command);
  const outputs = await run(steps.map(({ command }) => here(command)));

  expect(steps.length).toBeGreaterThan(5);
  expect(steps.map(({ command }, i) => ({ command, output: masked(outputs[i]!) }))).toEqual(
    steps.map(({ command, output }) => ({ command, output: masked(output) })),
  );
}

describe('README', () => {
  let app: TestApp;

  beforeEach(async () => {
    app = await startApp({ env: { GATEWAY_PORT: '0' } });
  });
  afterEach(() => app.close());

  it.each(['main-job', 'rest'])('shows in part "%s" what its commands really print', async (part) => {
    const gateway = app.app.gatewayHttp?.server.address() as AddressInfo;
    await expectAsPrinted(part, {
      'http://localhost:9000': app.origin,
      'http://localhost:8080': `http://127.0.0.1:${gateway.port}`,
    });
  });

  it('shows what the three phases of the sign-in at Kong really print', async () => {
    const demo = await startDemo({ ports: { api: 0, proxy: 0, admin: 0 }, print: () => undefined });
    try {
      await expectAsPrinted('kong', { 'http://localhost:9000': demo.apiUrl, 'http://localhost:8000': demo.proxyUrl });
    } finally {
      await demo.stop();
    }
  });
});
