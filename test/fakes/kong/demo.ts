import '../../../src/runtime/node-version';
import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createApp } from '../../../src/app';
import { kongSetup } from '../../../src/cli/kong-setup';
import { loadConfig, StartupError } from '../../../src/config/config';
import { createLogger } from '../../../src/runtime/logger';
import { startFakeKong } from './fake-kong';

/**
 * `npm run kong:demo`: the API and the test gateway in Kong's place, set up by kong:setup, in one
 * process.
 */
export interface DemoOptions {
  /** Of the API, of the gateway's proxy and of its Admin API; 0 is any free port. */
  ports: { api: number; proxy: number; admin: number };
  print: (text: string) => void;
}

export interface Demo {
  apiUrl: string;
  proxyUrl: string;
  adminUrl: string;
  /** Stops both and deletes what they have written. */
  stop(): Promise<void>;
}

const ADMIN = { username: 'admin', password: 'password123' };

/**
 * @throws StartupError when the API cannot start, an error with the code EADDRINUSE for a port that
 *   is taken
 */
export async function startDemo({ ports, print }: DemoOptions): Promise<Demo> {
  const closers: (() => unknown)[] = [];
  const stop = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const gateway = await startFakeKong({ proxyPort: ports.proxy, adminPort: ports.admin });
    closers.push(() => gateway.stop());
    const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'identity-kong-demo-'));
    closers.push(() => fs.rmSync(dataDir, { recursive: true, force: true }));
    fs.chmodSync(dataDir, 0o755); // PostgreSQL runs under another account when root starts it
    const sharedSecret = randomBytes(24).toString('base64url');
    const config = loadConfig({
      PORT: String(ports.api),
      GATEWAY_PORT: 'off',
      DATA_DIR: dataDir,
      ADMIN_USERNAME: ADMIN.username,
      ADMIN_PASSWORD: ADMIN.password,
      TRUST_PROXY: 'loopback',
      KONG_ADMIN_URL: gateway.adminUrl,
      KONG_SHARED_SECRET: sharedSecret,
    });
    const app = await createApp(config, createLogger('warn'));
    closers.push(() => app.close());
    const apiUrl = `http://localhost:${(await app.listen()).port}`;
    const proxyUrl = gateway.proxyUrl.replace('127.0.0.1', 'localhost');

    const changes: string[] = [];
    const setup = {
      adminUrl: gateway.adminUrl,
      timeoutMs: config.kong.timeoutMs,
      upstreamUrl: apiUrl.replace('localhost', '127.0.0.1'),
      corsOrigins: config.http.corsOrigins,
      loginRateLimit: config.loginLimit.amount,
      sharedSecret,
    };
    if ((await kongSetup(setup, (line) => changes.push(line))) !== 0) throw new StartupError(changes.join('\n'));
    print(explanation({ apiUrl, proxyUrl, adminUrl: gateway.adminUrl, changes }));
    return { apiUrl, proxyUrl, adminUrl: gateway.adminUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function explanation({
  apiUrl,
  proxyUrl,
  adminUrl,
  changes,
}: {
  apiUrl: string;
  proxyUrl: string;
  adminUrl: string;
  changes: string[];
}) {
  const json = "-H 'Content-Type: application/json'";
  return `
Sign-in at Kong, with the test gateway in Kong's place. Everything is in memory or a temporary folder, and gone at the end.

  API              ${apiUrl}   (embedded database; ${ADMIN.username} / ${ADMIN.password})
  Gateway          ${proxyUrl}   what clients talk to
  its Admin API    ${adminUrl}   from this machine only, as Kong's has to be

npm run kong:setup made
${changes.map((line) => `  ${line}`).join('\n')}

Type these in another terminal:

1. Sign in at the API. Kong gets a consumer and a credential, the client its key.

curl -X POST ${apiUrl}/api/public/signin ${json} -d '${JSON.stringify(ADMIN)}'

2. Get a token for the key at the gateway.

curl -X POST ${proxyUrl}/auth-jwt ${json} -d '{"key":"<jwt_issuer_key>"}'

3. Use it: the gateway checks it and tells the API who it is.

curl ${proxyUrl}/api/jwt/info -H 'Authorization: Bearer <access_token>'

Ctrl-C stops everything.
`;
}

async function main(): Promise<void> {
  const port = (fallback: string) => ({ type: 'string', default: fallback }) as const;
  const { values } = parseArgs({ options: { api: port('9000'), proxy: port('8000'), admin: port('8001') } });
  const ports = { api: Number(values.api), proxy: Number(values.proxy), admin: Number(values.admin) };
  const starting = startDemo({ ports, print: (text) => process.stdout.write(text) });
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await (await starting).stop();
    process.exit(0);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  await starting;
}

if (require.main === module) {
  main().catch((error: NodeJS.ErrnoException & { port?: number }) => {
    const busy = error.code === 'EADDRINUSE' ? error.port : undefined;
    process.stderr.write(
      busy === undefined
        ? `${error.message}\n`
        : `Port ${busy} is in use: stop what uses it, or choose others: npm run kong:demo -- --api 9000 --proxy 8000 --admin 8001\n`,
    );
    process.exit(1);
  });
}
