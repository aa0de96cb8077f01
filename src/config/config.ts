import path from 'node:path';
import { findContradictions } from './contradictions';
import { parseNetwork } from './network';
import { readSecretFiles } from './secret-files';
import { parseVariables, type Variables } from './variables';

export type { Rate } from './parsers';
export { variableNames } from './variables';

/**
 * A mistake of the person who starts the server: its message is printed alone, without a stack, and
 * the exit code is 1.
 */
export class StartupError extends Error {
  override name = 'StartupError';
}

const LOOPBACK = ['127.0.0.0/8', '::1'].map((text) => parseNetwork(text)!);

/** Characters of a password in the strict profile (NIST SP 800-63B-4 section 3.1.1.2). */
const STRICT_MIN_LENGTH = 15;

/** Of the identity contract's client, in development also those of Vite and Next. */
export const defaultOrigins = {
  development: ['http://localhost:3000', 'http://localhost:5173'],
  test: ['http://localhost:3000'],
  production: ['http://localhost:3000'],
};

export type Config = Readonly<ReturnType<typeof shape>>;

/**
 * Reads and checks the whole environment once.
 * @throws StartupError naming everything that is wrong, one line each.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const withFiles = readSecretFiles(env);
  const { values, problems: invalid } = parseVariables(withFiles.env);
  const problems = [...withFiles.problems, ...invalid, ...findContradictions(values)];
  if (problems.length > 0)
    throw new StartupError(`The configuration is not usable:\n${problems.map((p) => `  - ${p}`).join('\n')}`);
  return Object.freeze(shape(values as Variables));
}

function shape(env: Variables) {
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
      console: env.CONSOLE ?? true,
      gatewayPublicUrl: env.GATEWAY_PUBLIC_URL ?? withPort(publicUrl, env.GATEWAY_PORT),
      corsOrigins: env.CORS_ORIGINS ?? defaultOrigins[env.NODE_ENV],
      trustProxy: env.TRUST_PROXY,
      workers: env.WEB_CONCURRENCY,
    },
    database: {
      url: env.DATABASE_URL,
      /** Past the pooler that `url` leads to, if there is one. */
      directUrl: env.DATABASE_DIRECT_URL,
      // a pooler of transactions hands out connections on which another version may have prepared the same name
      preparedStatements: env.DATABASE_PREPARED_STATEMENTS ?? env.DATABASE_DIRECT_URL === undefined,
      replicaUrls: env.DATABASE_REPLICA_URLS,
      pool: env.DATABASE_POOL,
      timeoutMs: env.DATABASE_TIMEOUT * 1000,
    },
    dataDir: path.resolve(env.DATA_DIR),
    redisUrl: env.REDIS_URL,
    tokens: {
      signerKey: env.JWT_SIGNER_KEY,
      /** Accepted for verification too, while the signer key is changed. */
      previousSignerKey: env.JWT_SIGNER_KEY_PREVIOUS,
      /** PEM blocks: the first signs, all verify. */
      privateKeys: env.JWT_PRIVATE_KEY,
      /** Where it is set, the keys of access tokens are in PostgreSQL, encrypted with it. */
      keyEncryptionKey: env.KEY_ENCRYPTION_KEY,
      jwksMaxAge: env.JWKS_MAX_AGE,
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
    mail: { smtpUrl: env.SMTP_URL, from: env.MAIL_FROM, productName: env.PRODUCT_NAME },
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
      acl: env.KONG_ACL,
      credentialTtl: env.KONG_CREDENTIAL_TTL,
      maxCredentials: env.KONG_MAX_CREDENTIALS,
    },
    defaultLanguage: env.DEFAULT_LANGUAGE,
    metrics: { port: env.METRICS_PORT, token: env.METRICS_TOKEN },
    /** Null without a collector. */
    tracing: env.OTEL_EXPORTER_OTLP_ENDPOINT
      ? {
          endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
          headers: env.OTEL_EXPORTER_OTLP_HEADERS,
          serviceName: env.OTEL_SERVICE_NAME,
          sampler: env.OTEL_TRACES_SAMPLER,
          samplerRatio: env.OTEL_TRACES_SAMPLER_ARG,
        }
      : null,
    log: { level: env.LOG_LEVEL, requests: env.LOG_REQUESTS },
  };
}

/** The host of a URL at another port, without its path; the given URL where there is no such port. */
function withPort(url: string, port: number | 'off'): string {
  if (port === 'off') return url;
  const { protocol, hostname } = new URL(url);
  return `${protocol}//${hostname}:${port}`;
}
