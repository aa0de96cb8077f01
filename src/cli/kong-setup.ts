import '../runtime/node-version';
import { pino } from 'pino';
import { type Config, defaultOrigins, loadConfig, StartupError } from '../config/config';
import { readEnvironment } from '../config/environment';
import { KongAdmin, type KongAdminOptions, kongAdminOptions } from '../integrations/kong/kong-admin';
import { KongFailureError, KongUnreachableError } from '../integrations/kong/kong-errors';
import { kongHints } from '../integrations/kong/kong-hints';
import { describeChange, setUpKong } from '../integrations/kong/kong-setup';
import type { KongSetupOptions } from '../integrations/kong/kong-setup-plan';

export interface KongSetupConfig
  extends KongSetupOptions,
    Pick<KongAdminOptions, 'adminUrl' | 'timeoutMs' | 'credential'> {
  /** Printed at the end: settings of the server that do not fit. */
  hints?: readonly string[];
}

/** What the commands read, so that they run where the server's own secrets are not known. */
const VARIABLES = [
  'KONG_ADMIN_URL',
  'KONG_ADMIN_URL_FILE',
  'KONG_ADMIN_TOKEN',
  'KONG_ADMIN_TOKEN_FILE',
  'KONG_ADMIN_HEADER',
  'KONG_UPSTREAM_URL',
  'KONG_TIMEOUT',
  'KONG_SHARED_SECRET',
  'KONG_SHARED_SECRET_FILE',
  'CORS_ORIGINS',
  'LOGIN_RATE_LIMIT',
  'PORT',
  'TRUST_PROXY',
] as const;

function readConfig(env: Record<string, string | undefined>): Config {
  const origins = env.NODE_ENV === 'production' ? defaultOrigins.production.join(',') : undefined;
  return loadConfig({ CORS_ORIGINS: origins, ...pick(env) });
}

const pick = (env: Record<string, string | undefined>) =>
  Object.fromEntries(VARIABLES.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));

/**
 * What Kong is to have. KONG_UPSTREAM_URL is where Kong reaches the API, which is rarely where a
 * browser does. @throws StartupError naming what is wrong
 */
export function kongPlanOptions(env: Record<string, string | undefined>): KongSetupOptions {
  const { kong, http, loginLimit } = readConfig(env);
  return {
    upstreamUrl: kong.upstreamUrl,
    corsOrigins: http.corsOrigins,
    loginRateLimit: Math.max(1, Math.round((loginLimit.amount * 60) / loginLimit.seconds)),
    sharedSecret: kong.sharedSecret,
  };
}

/** @throws StartupError naming what is wrong */
export function kongSetupConfig(env: Record<string, string | undefined>): KongSetupConfig {
  const config = readConfig(env);
  const { kong } = config;
  if (!kong.adminUrl)
    throw new StartupError('Set KONG_ADMIN_URL to the Admin API of Kong, http://127.0.0.1:8001 for example.');
  return { ...kongPlanOptions(env), ...kongAdminOptions(kong, kong.adminUrl), hints: kongHints(config) };
}

/**
 * Prints one line for each change, or one plain sentence about what is wrong. @returns the exit
 * code
 */
export async function kongSetup(config: KongSetupConfig, print: (line: string) => void): Promise<number> {
  const { adminUrl, timeoutMs, credential, hints, ...options } = config;
  const admin = new KongAdmin({ adminUrl, timeoutMs, credential, logger: pino({ level: 'silent' }) });
  try {
    const changes = await setUpKong(admin, options, (change) => print(describeChange(change)));
    if (changes.every(({ action }) => action === 'kept')) print('nothing to change');
    for (const hint of hints ?? []) print(hint);
    return 0;
  } catch (error) {
    print(whatIsWrong(error, new URL(adminUrl).origin));
    return 1;
  }
}

const REASONS: Record<KongUnreachableError['reason'], string> = {
  refused: 'nothing listens there',
  'unknown-host': 'the host name is unknown',
  broken: 'the connection broke',
  timeout: 'it did not answer in time',
  failed: 'the connection failed',
};

function whatIsWrong(error: unknown, address: string): string {
  if (error instanceof RangeError) return error.message;
  if (error instanceof KongUnreachableError) {
    return (
      `Kong's Admin API at ${address} cannot be reached: ${REASONS[error.reason]}. Is Kong running, and is ` +
      'KONG_ADMIN_URL right?'
    );
  }
  if (!(error instanceof KongFailureError)) throw error;
  if (error.status === 401 || error.status === 403)
    return (
      `Kong at ${address} asks for a credential: set KONG_ADMIN_TOKEN and KONG_ADMIN_HEADER, or put user ` +
      'and password into KONG_ADMIN_URL.'
    );
  if (error.refusal !== undefined) return `Kong refused ${error.operation}: ${error.refusal}.`;
  if (error.status === 405)
    return `Kong refused ${error.operation}: it runs without a database, so that its Admin API only reads.`;
  const hint =
    (error.status ?? 0) >= 500
      ? 'Kong or its database is in trouble'
      : 'Is KONG_ADMIN_URL the address of the Admin API, not of the proxy?';
  return `Kong at ${address} did not do ${error.operation}: ${error.problem}. ${hint}${hint.endsWith('?') ? '' : '.'}`;
}

async function main(): Promise<void> {
  try {
    process.exitCode = await kongSetup(kongSetupConfig(readEnvironment()), console.log);
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

if (require.main === module) void main();
