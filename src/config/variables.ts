import { z } from 'zod';
import { samplerNames } from '../observability/tracing/samplers';
import {
  encryptionKey,
  gatewayPort,
  mailbox,
  metricsToken,
  networks,
  origins,
  privateKeys,
  productName,
  redisUrl,
  roleNames,
  signerKey,
  trustProxy,
  username,
} from './domain-parsers';
import {
  choice,
  flag,
  headerName,
  headerValue,
  optionalPort,
  optionalText,
  port,
  rate,
  seconds,
  secretText,
  share,
  text,
  url,
  urls,
  whole,
} from './parsers';

/** Every variable of the environment that is read, with its parser and default. */
const shape = {
  NODE_ENV: choice(['development', 'test', 'production'], 'development'),
  HOST: text('localhost'),
  PORT: port(9000),
  GATEWAY_PORT: gatewayPort,
  PUBLIC_URL: url(['http:', 'https:']),
  CONSOLE: flag(),
  GATEWAY_PUBLIC_URL: url(['http:', 'https:']),
  WEB_CONCURRENCY: whole(1, 1, 256),
  DATABASE_URL: url(['postgres:', 'postgresql:']),
  DATABASE_DIRECT_URL: url(['postgres:', 'postgresql:']),
  DATABASE_PREPARED_STATEMENTS: flag(),
  DATABASE_REPLICA_URLS: urls(['postgres:', 'postgresql:']),
  DATABASE_POOL: whole(10, 2, 500),
  DATABASE_TIMEOUT: whole(5, 1, 600),
  DATA_DIR: text('.data'),
  REDIS_URL: redisUrl,
  SECURITY_PROFILE: choice(['documented', 'strict'], 'documented'),
  JWT_SIGNER_KEY: signerKey,
  JWT_SIGNER_KEY_PREVIOUS: signerKey,
  JWT_PRIVATE_KEY: privateKeys,
  KEY_ENCRYPTION_KEY: encryptionKey,
  JWKS_MAX_AGE: whole(300, 1, 86_400),
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
  ADMIN_USERNAME: username,
  ADMIN_PASSWORD: secretText,
  DEFAULT_ROLES: roleNames,
  SEED_ROLES: roleNames,
  REGISTRATION: choice(['open', 'invite', 'closed'], 'open'),
  CORS_ORIGINS: origins,
  TRUST_PROXY: trustProxy,
  LOGIN_RATE_LIMIT: rate('5/60'),
  REGISTRATION_RATE_LIMIT: rate('150/60'),
  GRAPHQL_BODY_LIMIT: whole(131_072, 1024, 16_777_216),
  ANONYMOUS_COST_LIMIT: rate('3000/60'),
  INTROSPECTION: flag(),
  PLAYGROUND: flag(),
  SMTP_URL: url(['smtp:', 'smtps:']),
  MAIL_FROM: mailbox('identity@localhost'),
  PRODUCT_NAME: productName,
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
  KONG_ACL: flag(false),
  KONG_CREDENTIAL_TTL: seconds(36_000),
  KONG_MAX_CREDENTIALS: whole(5, 1, 100),
  METRICS_PORT: optionalPort,
  METRICS_TOKEN: metricsToken,
  OTEL_EXPORTER_OTLP_ENDPOINT: url(['http:', 'https:']),
  OTEL_EXPORTER_OTLP_HEADERS: optionalText,
  OTEL_SERVICE_NAME: text('graphql-identity'),
  OTEL_TRACES_SAMPLER: choice(samplerNames, 'parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: share(1),
  LOG_REQUESTS: flag(false),
  DEFAULT_LANGUAGE: choice(['en', 'vi'], 'vi'),
  LOG_LEVEL: choice(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'info'),
};

type Name = keyof typeof shape;
/** The parsed values, by the names of the variables. */
export type Variables = { readonly [K in Name]: z.infer<(typeof shape)[K]> };

/** Tests compare `.env.example` and docs/configuration.md with these. */
export const variableNames = Object.keys(shape) as Name[];

/** Parses each variable on its own, so that a bad one hides no other. */
export function parseVariables(env: Readonly<Record<string, string | undefined>>): {
  values: Partial<Variables>;
  problems: string[];
} {
  const problems: string[] = [];
  const values: Partial<Record<Name, unknown>> = {};
  for (const name of variableNames) {
    const parsed = shape[name].safeParse(env[name]);
    if (parsed.success) values[name] = parsed.data;
    else problems.push(...parsed.error.issues.map(({ message }) => `${name} ${message}`));
  }
  return { values: values as Partial<Variables>, problems };
}
