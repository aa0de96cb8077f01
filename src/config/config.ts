import path from 'node:path';
import { z } from 'zod';
import { isGuessableKey } from './key-entropy';
import { parseNetwork } from './network';
import {
  choice,
  flag,
  gatewayPort,
  headerName,
  headerValue,
  list,
  networks,
  optionalText,
  origins,
  port,
  rate,
  seconds,
  signerKey,
  text,
  trustProxy,
  url,
  urls,
  whole,
} from './parsers';

export type { Rate } from './parsers';

/**
 * A mistake of the person who starts the server: its message is printed alone, without a stack, and
 * the exit code is 1.
 */
export class StartupError extends Error {
  override name = 'StartupError';
}

const LOOPBACK = ['127.0.0.0/8', '::1'].map((text) => parseNetwork(text)!);

const Environment = z.object({
  NODE_ENV: choice(['development', 'test', 'production'], 'development'),
  HOST: text('localhost'),
  PORT: port(9000),
  GATEWAY_PORT: gatewayPort,
  PUBLIC_URL: url(['http:', 'https:']),
  GATEWAY_PUBLIC_URL: url(['http:', 'https:']),
  WEB_CONCURRENCY: whole(1, 1, 256),
  DATABASE_URL: url(['postgres:', 'postgresql:']),
  DATABASE_REPLICA_URLS: urls(['postgres:', 'postgresql:']),
  DATABASE_POOL: whole(10, 2, 500),
  DATA_DIR: text('.data'),
  REDIS_URL: url(['redis:', 'rediss:']),
  SECURITY_PROFILE: choice(['documented', 'strict'], 'documented'),
  JWT_SIGNER_KEY: signerKey,
  JWT_PRIVATE_KEY: optionalText,
  JWT_ISSUER: text('edufinai.uth.vn'),
  JWT_AUDIENCE: optionalText,
  TOKEN_TTL: seconds(3600),
  TOKEN_REFRESHABLE: seconds(36_000),
  ACCESS_TOKEN_TTL: seconds(900),
  REFRESH_TOKEN_TTL: seconds(604_800),
  REFRESH_GRACE: whole(10, 0, 300),
  SESSION_MAX_AGE: seconds(2_592_000),
  BCRYPT_COST: whole(10, 4, 16),
  PASSWORD_MIN_LENGTH: whole(6, 6, 128),
  PASSWORD_WORKERS: whole(0, 0, 256),
  PASSWORD_QUEUE: whole(0, 0, 100_000),
  PASSWORD_NICE: whole(4, 0, 19),
  ADMIN_USERNAME: optionalText,
  ADMIN_PASSWORD: z
    .string()
    .transform((v) => (v === '' ? undefined : v))
    .optional(),
  DEFAULT_ROLES: list,
  SEED_ROLES: list,
  REGISTRATION: choice(['open', 'invite', 'closed'], 'open'),
  CORS_ORIGINS: origins('http://localhost:3000'),
  TRUST_PROXY: trustProxy,
  LOGIN_RATE_LIMIT: rate('5/60'),
  REGISTRATION_RATE_LIMIT: rate('150/60'),
  GRAPHQL_BODY_LIMIT: whole(131_072, 1024, 16_777_216),
  ANONYMOUS_COST_LIMIT: rate('3000/60'),
  INTROSPECTION: flag(),
  PLAYGROUND: flag(),
  SMTP_URL: url(['smtp:', 'smtps:']),
  MAIL_FROM: text('identity@localhost'),
  EUREKA_URL: urls(['http:', 'https:']),
  EUREKA_HOSTNAME: optionalText,
  KONG_ADMIN_URL: url(['http:', 'https:']),
  KONG_ADMIN_TOKEN: headerValue,
  KONG_ADMIN_HEADER: headerName('Kong-Admin-Token'),
  KONG_UPSTREAM_URL: url(['http:', 'https:']),
  KONG_TIMEOUT: whole(6000, 100, 120_000),
  KONG_SIGN_IN_TIMEOUT: whole(10_000, 100, 300_000),
  KONG_TRUSTED_PROXIES: networks,
  KONG_SHARED_SECRET: optionalText,
  KONG_SHARED_SECRET_PREVIOUS: optionalText,
  KONG_CREDENTIAL_TTL: seconds(36_000),
  KONG_MAX_CREDENTIALS: whole(5, 1, 100),
  LOG_LEVEL: choice(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'info'),
});

/** Characters of a password in the strict profile (NIST SP 800-63B-4 section 3.1.1.2). */
const STRICT_MIN_LENGTH = 15;

type Parsed = z.infer<typeof Environment>;

/** Every variable that is read; tests compare `.env.example` and docs/configuration.md with it. */
export const variableNames = Object.keys(Environment.shape) as (keyof Parsed)[];

export type Config = Readonly<ReturnType<typeof shape>>;

/**
 * Reads and checks the whole environment once.
 * @throws StartupError naming every variable that is wrong, one line each.
 */
export function loadConfig(env: Record<string, string | undefined>): Config {
  const parsed = Environment.safeParse(Object.fromEntries(variableNames.map((name) => [name, env[name]])));
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  if (parsed.success) problems.push(...contradictions(parsed.data));
  if (problems.length > 0 || !parsed.success) {
    throw new StartupError(`The configuration is not usable:\n${problems.map((p) => `  - ${p}`).join('\n')}`);
  }
  return Object.freeze(shape(parsed.data));
}

function contradictions(env: Parsed): string[] {
  const problems: string[] = [];
  const production = env.NODE_ENV === 'production';
  if (production && !env.JWT_SIGNER_KEY) {
    problems.push("JWT_SIGNER_KEY is required in production; make one with: openssl rand -base64 64 | tr -d '\\n'");
  }
  if (production && env.JWT_SIGNER_KEY && isGuessableKey(env.JWT_SIGNER_KEY)) {
    problems.push("JWT_SIGNER_KEY can be guessed; make one with: openssl rand -base64 64 | tr -d '\\n'");
  }
  if (production && env.SECURITY_PROFILE === 'strict' && !env.JWT_PRIVATE_KEY) {
    problems.push(
      'JWT_PRIVATE_KEY (PKCS#8 PEM; Ed25519, P-256 or RSA) is required in production with SECURITY_PROFILE=strict',
    );
  }
  if (production && (!env.ADMIN_USERNAME || !env.ADMIN_PASSWORD)) {
    problems.push('ADMIN_USERNAME and ADMIN_PASSWORD are required in production; there is no default administrator');
  }
  if (production && env.BCRYPT_COST < 10) problems.push('BCRYPT_COST must be at least 10 in production');
  if (env.TOKEN_REFRESHABLE < env.TOKEN_TTL) problems.push('TOKEN_REFRESHABLE must not be shorter than TOKEN_TTL');
  if (env.REFRESH_TOKEN_TTL < env.ACCESS_TOKEN_TTL)
    problems.push('REFRESH_TOKEN_TTL must not be shorter than ACCESS_TOKEN_TTL');
  if (env.SESSION_MAX_AGE < env.REFRESH_TOKEN_TTL)
    problems.push('SESSION_MAX_AGE must not be shorter than REFRESH_TOKEN_TTL');
  if (env.WEB_CONCURRENCY > 1 && !env.DATABASE_URL)
    problems.push('WEB_CONCURRENCY above 1 needs DATABASE_URL: the embedded database serves one process');
  if (production && env.KONG_TRUSTED_PROXIES.length > 0)
    problems.push(
      'KONG_TRUSTED_PROXIES is for development: in production set KONG_SHARED_SECRET, which proves where a request comes from',
    );
  if (env.KONG_SHARED_SECRET_PREVIOUS && !env.KONG_SHARED_SECRET)
    problems.push('KONG_SHARED_SECRET_PREVIOUS needs KONG_SHARED_SECRET, the secret that replaces it');
  if (env.PORT !== 0 && env.PORT === env.GATEWAY_PORT) problems.push('PORT and GATEWAY_PORT must differ');
  return problems;
}

function shape(env: Parsed) {
  const strict = env.SECURITY_PROFILE === 'strict';
  const production = env.NODE_ENV === 'production';
  const publicUrl = env.PUBLIC_URL ?? `http://localhost:${env.PORT}`;
  return {
    environment: env.NODE_ENV,
    production,
    strict,
    http: {
      host: env.HOST,
      port: env.PORT,
      gatewayPort: env.GATEWAY_PORT,
      publicUrl,
      gatewayPublicUrl: env.GATEWAY_PUBLIC_URL ?? withPort(publicUrl, env.GATEWAY_PORT),
      corsOrigins: env.CORS_ORIGINS,
      trustProxy: env.TRUST_PROXY,
      workers: env.WEB_CONCURRENCY,
    },
    database: { url: env.DATABASE_URL, replicaUrls: env.DATABASE_REPLICA_URLS, pool: env.DATABASE_POOL },
    dataDir: path.resolve(env.DATA_DIR),
    redisUrl: env.REDIS_URL,
    tokens: {
      signerKey: env.JWT_SIGNER_KEY,
      privateKey: env.JWT_PRIVATE_KEY?.replaceAll('\\n', '\n'),
      issuer: env.JWT_ISSUER,
      audience: env.JWT_AUDIENCE ?? env.JWT_ISSUER,
      compatTtl: env.TOKEN_TTL,
      compatRefreshable: env.TOKEN_REFRESHABLE,
      accessTtl: env.ACCESS_TOKEN_TTL,
      refreshTtl: env.REFRESH_TOKEN_TTL,
      refreshGrace: env.REFRESH_GRACE,
      sessionMaxAge: env.SESSION_MAX_AGE,
    },
    passwords: {
      cost: env.BCRYPT_COST,
      workers: env.PASSWORD_WORKERS,
      queue: env.PASSWORD_QUEUE,
      nice: env.PASSWORD_NICE,
      minLength: strict ? Math.max(STRICT_MIN_LENGTH, env.PASSWORD_MIN_LENGTH) : env.PASSWORD_MIN_LENGTH,
      refusesGuessable: strict,
      /** The first administrator's in production: it must withstand what any attacker tries first. */
      administratorMinLength: production ? Math.max(STRICT_MIN_LENGTH, env.PASSWORD_MIN_LENGTH) : undefined,
      guardsEmail: strict,
    },
    registration: env.REGISTRATION,
    loginLimit: env.LOGIN_RATE_LIMIT,
    registrationLimit: env.REGISTRATION_RATE_LIMIT,
    seed: {
      username: env.ADMIN_USERNAME,
      password: env.ADMIN_PASSWORD,
      roles: env.SEED_ROLES,
      defaultRoles: env.DEFAULT_ROLES,
    },
    graphql: {
      bodyLimit: env.GRAPHQL_BODY_LIMIT,
      /** Milliseconds of processor time for one client network without a token. */
      anonymousCostLimit: env.ANONYMOUS_COST_LIMIT,
      introspection: env.INTROSPECTION ?? !(production || strict),
      playground: env.PLAYGROUND ?? !(production || strict),
    },
    mail: { smtpUrl: env.SMTP_URL, from: env.MAIL_FROM },
    eureka: { urls: env.EUREKA_URL, hostname: env.EUREKA_HOSTNAME },
    kong: {
      adminUrl: env.KONG_ADMIN_URL,
      adminToken: env.KONG_ADMIN_TOKEN,
      /** The header that carries `adminToken`. */
      adminHeader: env.KONG_ADMIN_HEADER,
      /** Where Kong reaches this API, for kong:setup. */
      upstreamUrl: env.KONG_UPSTREAM_URL ?? `http://127.0.0.1:${env.PORT}`,
      timeoutMs: env.KONG_TIMEOUT,
      signInTimeoutMs: env.KONG_SIGN_IN_TIMEOUT,
      // any process of the machine has a loopback address: enough in development, and without a secret
      trustedProxies:
        production || env.KONG_SHARED_SECRET || env.KONG_TRUSTED_PROXIES.length > 0
          ? env.KONG_TRUSTED_PROXIES
          : LOOPBACK,
      sharedSecret: env.KONG_SHARED_SECRET,
      /** Accepted too while the secret is rotated. */
      previousSharedSecret: env.KONG_SHARED_SECRET_PREVIOUS,
      credentialTtl: env.KONG_CREDENTIAL_TTL,
      maxCredentials: env.KONG_MAX_CREDENTIALS,
    },
    logLevel: env.LOG_LEVEL,
  };
}

/** The host of a URL at another port, without its path; the given URL where there is no such port. */
function withPort(url: string, port: number | 'off'): string {
  if (port === 'off') return url;
  const { protocol, hostname } = new URL(url);
  return `${protocol}//${hostname}:${port}`;
}
