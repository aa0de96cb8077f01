import { isIP } from 'node:net';
import path from 'node:path';
import { z } from 'zod';
import { type Network, parseNetwork } from './network';

/** A mistake of the person who starts the server: its message is printed alone, without a stack, and the exit code is 1. */
export class StartupError extends Error {
  override name = 'StartupError';
}

/** `amount` events in `seconds` seconds. */
export interface Rate {
  amount: number;
  seconds: number;
}

const LOOPBACK = ['127.0.0.0/8', '::1'].map((text) => parseNetwork(text)!);

const bare = (value: string | undefined) => (value === undefined || value.trim() === '' ? undefined : value);
const optionalText = z.string().transform(bare).optional();
const text = (fallback: string) =>
  z
    .string()
    .transform((v) => bare(v) ?? fallback)
    .default(fallback);
const list = z
  .string()
  .default('')
  .transform((v) =>
    v
      .split(',')
      .map((s) => s.trim())
      .filter(Boolean),
  );

const whole = (fallback: number, min: number, max: number) =>
  z
    .string()
    .default('')
    .transform((v, context) => {
      const given = bare(v);
      if (given === undefined) return fallback;
      const n = Number(given);
      if (Number.isInteger(n) && n >= min && n <= max) return n;
      context.addIssue({ code: 'custom', message: `must be a whole number from ${min} to ${max}, not "${given}"` });
      return z.NEVER;
    });

const port = (fallback: number) => whole(fallback, 0, 65_535);
const seconds = (fallback: number) => whole(fallback, 1, 10 * 365 * 86_400);

const choice = <const T extends readonly [string, ...string[]]>(values: T, fallback: T[number]) =>
  z
    .string()
    .default('')
    .transform((v, context): T[number] => {
      const given = bare(v);
      if (given === undefined) return fallback;
      if (values.includes(given)) return given;
      context.addIssue({ code: 'custom', message: `must be one of ${values.join(', ')}, not "${given}"` });
      return z.NEVER;
    });

const flag = (fallback?: boolean) =>
  z
    .string()
    .default('')
    .transform((v, context): boolean | undefined => {
      const given = bare(v)?.toLowerCase();
      if (given === undefined) return fallback;
      if (['true', 'on', 'yes', '1'].includes(given)) return true;
      if (['false', 'off', 'no', '0'].includes(given)) return false;
      context.addIssue({ code: 'custom', message: `must be on or off, not "${given}"` });
      return z.NEVER;
    });

const isUrlOf = (text: string, protocols: string[]) =>
  URL.canParse(text) && protocols.includes(new URL(text).protocol) && /^\w+:\/\//.test(text);

const url = (protocols: string[]) =>
  z
    .string()
    .default('')
    .transform((v, context): string | undefined => {
      const given = bare(v);
      if (given === undefined) return undefined;
      if (isUrlOf(given, protocols)) return given;
      // the value is not shown: it may hold a password
      context.addIssue({ code: 'custom', message: `must be a URL that starts with ${protocols.map((p) => `${p}//`).join(' or ')}` });
      return z.NEVER;
    });

const urls = (protocols: string[]) =>
  list.refine((all) => all.every((u) => isUrlOf(u, protocols)), {
    error: `must be URLs separated by commas, each starting with ${protocols.map((p) => `${p}//`).join(' or ')}`,
  });

const networks = list.transform((all, context): Network[] =>
  all.flatMap((entry) => {
    const network = parseNetwork(entry);
    if (network) return network;
    context.addIssue({ code: 'custom', message: `holds "${entry}", which is neither an address nor a network such as 10.0.0.0/8` });
    return [];
  }),
);

const origins = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((v) =>
      v
        .split(',')
        .map((s) => s.trim().replace(/\/$/, ''))
        .filter(Boolean),
    )
    .refine((all) => all.every((o) => o !== '*' && URL.canParse(o) && new URL(o).origin === o), {
      error: 'must be origins separated by commas, such as https://app.example.org ("*" cannot go with credentials)',
    });

const rate = (fallback: string) =>
  z
    .string()
    .default('')
    .transform((v, context): Rate => {
      const [amount, window, ...rest] = (bare(v) ?? fallback).split('/').map(Number);
      if (rest.length === 0 && Number.isInteger(amount) && Number.isInteger(window) && amount! > 0 && window! > 0) {
        return { amount: amount!, seconds: window! };
      }
      context.addIssue({ code: 'custom', message: `must be AMOUNT/SECONDS, such as 5/60, not "${v}"` });
      return z.NEVER;
    });

/** An address, a network in CIDR form, or one of the names that stand for several. */
function isNetwork(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

const trustProxy = z
  .string()
  .default('')
  .transform((v, context): boolean | number | string[] => {
    const given = bare(v);
    if (given === undefined || given === 'off' || given === 'false') return false;
    if (/^\d+$/.test(given)) return Number(given);
    const all = given.split(',').map((s) => s.trim());
    if (all.every(isNetwork)) return all;
    context.addIssue({ code: 'custom', message: 'must be off, a number of hops, or addresses and networks separated by commas' });
    return z.NEVER;
  });

const gatewayPort = z
  .string()
  .default('')
  .transform((v, context): number | 'off' => {
    const given = bare(v);
    if (given === undefined) return 8080;
    if (given === 'off') return 'off';
    const n = Number(given);
    if (Number.isInteger(n) && n >= 0 && n <= 65_535) return n;
    context.addIssue({ code: 'custom', message: `must be a port or "off", not "${given}"` });
    return z.NEVER;
  });

const signerKey = z
  .string()
  .default('')
  .transform((v, context): string | undefined => {
    const given = bare(v) === undefined ? undefined : v;
    if (given === undefined) return undefined;
    const bytes = Buffer.byteLength(given, 'utf8');
    if (bytes < 64) {
      context.addIssue({
        code: 'custom',
        message: `must be at least 64 bytes long (it has ${bytes}); make one with: openssl rand -base64 64 | tr -d '\\n'`,
      });
      return z.NEVER;
    }
    if (new Set(given).size < 10) {
      context.addIssue({ code: 'custom', message: 'is too regular to be a key; make one with: openssl rand -base64 64' });
      return z.NEVER;
    }
    return given;
  });

const Environment = z.object({
  NODE_ENV: choice(['development', 'test', 'production'], 'development'),
  HOST: text('localhost'),
  PORT: port(9000),
  GATEWAY_PORT: gatewayPort,
  PUBLIC_URL: url(['http:', 'https:']),
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
  PASSWORD_WORKERS: whole(0, 0, 256),
  PASSWORD_QUEUE: whole(0, 0, 100_000),
  PASSWORD_NICE: whole(8, 0, 19),
  ADMIN_USERNAME: optionalText,
  ADMIN_PASSWORD: z
    .string()
    .transform((v) => (v === '' ? undefined : v))
    .optional(),
  DEFAULT_ROLES: list,
  SEED_ROLES: list,
  CORS_ORIGINS: origins('http://localhost:3000'),
  TRUST_PROXY: trustProxy,
  LOGIN_RATE_LIMIT: rate('5/60'),
  INTROSPECTION: flag(),
  PLAYGROUND: flag(),
  SMTP_URL: url(['smtp:', 'smtps:']),
  MAIL_FROM: text('identity@localhost'),
  EUREKA_URL: urls(['http:', 'https:']),
  EUREKA_HOSTNAME: optionalText,
  KONG_ADMIN_URL: url(['http:', 'https:']),
  KONG_UPSTREAM_URL: url(['http:', 'https:']),
  KONG_TIMEOUT: whole(6000, 100, 120_000),
  KONG_TRUSTED_PROXIES: networks,
  KONG_SHARED_SECRET: optionalText,
  KONG_CREDENTIAL_TTL: seconds(36_000),
  KONG_MAX_CREDENTIALS: whole(5, 1, 100),
  LOG_LEVEL: choice(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'info'),
});

type Parsed = z.infer<typeof Environment>;

/** The names of every variable that is read; `.env.example` and README are held to it by a test. */
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
  if (production && env.SECURITY_PROFILE === 'strict' && !env.JWT_PRIVATE_KEY) {
    problems.push('JWT_PRIVATE_KEY (PKCS#8 PEM; Ed25519, P-256 or RSA) is required in production with SECURITY_PROFILE=strict');
  }
  if (production && (!env.ADMIN_USERNAME || !env.ADMIN_PASSWORD)) {
    problems.push('ADMIN_USERNAME and ADMIN_PASSWORD are required in production; there is no default administrator');
  }
  if (production && env.BCRYPT_COST < 10) problems.push('BCRYPT_COST must be at least 10 in production');
  if (env.TOKEN_REFRESHABLE < env.TOKEN_TTL) problems.push('TOKEN_REFRESHABLE must not be shorter than TOKEN_TTL');
  if (env.REFRESH_TOKEN_TTL < env.ACCESS_TOKEN_TTL) problems.push('REFRESH_TOKEN_TTL must not be shorter than ACCESS_TOKEN_TTL');
  if (env.SESSION_MAX_AGE < env.REFRESH_TOKEN_TTL) problems.push('SESSION_MAX_AGE must not be shorter than REFRESH_TOKEN_TTL');
  if (env.WEB_CONCURRENCY > 1 && !env.DATABASE_URL)
    problems.push('WEB_CONCURRENCY above 1 needs DATABASE_URL: the embedded database serves one process');
  if (env.PORT !== 0 && env.PORT === env.GATEWAY_PORT) problems.push('PORT and GATEWAY_PORT must differ');
  return problems;
}

function shape(env: Parsed) {
  const strict = env.SECURITY_PROFILE === 'strict';
  const production = env.NODE_ENV === 'production';
  return {
    environment: env.NODE_ENV,
    production,
    strict,
    http: {
      host: env.HOST,
      port: env.PORT,
      gatewayPort: env.GATEWAY_PORT,
      publicUrl: env.PUBLIC_URL ?? `http://localhost:${env.PORT}`,
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
      identityTtl: env.TOKEN_TTL,
      identityRefreshable: env.TOKEN_REFRESHABLE,
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
      minLength: strict ? 15 : 6,
      blocklist: strict,
      guardsEmail: strict,
    },
    loginLimit: env.LOGIN_RATE_LIMIT,
    seed: { username: env.ADMIN_USERNAME, password: env.ADMIN_PASSWORD, roles: env.SEED_ROLES, defaultRoles: env.DEFAULT_ROLES },
    graphql: { introspection: env.INTROSPECTION ?? !(production || strict), playground: env.PLAYGROUND ?? !(production || strict) },
    mail: { smtpUrl: env.SMTP_URL, from: env.MAIL_FROM },
    eureka: { urls: env.EUREKA_URL, hostname: env.EUREKA_HOSTNAME },
    kong: {
      adminUrl: env.KONG_ADMIN_URL,
      /** Where Kong reaches this API, for kong:setup. */
      upstreamUrl: env.KONG_UPSTREAM_URL ?? `http://127.0.0.1:${env.PORT}`,
      timeoutMs: env.KONG_TIMEOUT,
      // with a secret nobody is believed for his address alone, unless it is said
      trustedProxies: env.KONG_TRUSTED_PROXIES.length > 0 || env.KONG_SHARED_SECRET ? env.KONG_TRUSTED_PROXIES : LOOPBACK,
      sharedSecret: env.KONG_SHARED_SECRET,
      credentialTtl: env.KONG_CREDENTIAL_TTL,
      maxCredentials: env.KONG_MAX_CREDENTIALS,
    },
    logLevel: env.LOG_LEVEL,
  };
}
