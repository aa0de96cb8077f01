import { parsePrivateKeys } from '../security/tokens/private-key';
import { isGuessableKey } from './key-entropy';
import type { Variables } from './variables';

interface Contradiction {
  /** What the rule reads; it is left out where one of them could not be parsed. */
  between: readonly (keyof Variables)[];
  holds(env: Variables): boolean;
  message: string;
}

const isProduction = ({ NODE_ENV }: Variables): boolean => NODE_ENV === 'production';

const contradictions: readonly Contradiction[] = [
  {
    between: ['NODE_ENV', 'JWT_SIGNER_KEY'],
    holds: (env) => isProduction(env) && !env.JWT_SIGNER_KEY,
    message: "JWT_SIGNER_KEY is required in production; make one with: openssl rand -base64 64 | tr -d '\\n'",
  },
  {
    between: ['NODE_ENV', 'JWT_SIGNER_KEY'],
    holds: (env) => isProduction(env) && env.JWT_SIGNER_KEY !== undefined && isGuessableKey(env.JWT_SIGNER_KEY),
    message: "JWT_SIGNER_KEY can be guessed; make one with: openssl rand -base64 64 | tr -d '\\n'",
  },
  {
    between: ['NODE_ENV', 'JWT_SIGNER_KEY_PREVIOUS'],
    holds: (env) =>
      isProduction(env) && env.JWT_SIGNER_KEY_PREVIOUS !== undefined && isGuessableKey(env.JWT_SIGNER_KEY_PREVIOUS),
    message: 'JWT_SIGNER_KEY_PREVIOUS can be guessed: leave it out; users whose tokens it has signed log in again',
  },
  {
    between: ['JWT_SIGNER_KEY', 'JWT_SIGNER_KEY_PREVIOUS'],
    holds: (env) => env.JWT_SIGNER_KEY_PREVIOUS !== undefined && !env.JWT_SIGNER_KEY,
    message: 'JWT_SIGNER_KEY_PREVIOUS needs JWT_SIGNER_KEY, the key that signs',
  },
  {
    between: ['NODE_ENV', 'SECURITY_PROFILE', 'JWT_PRIVATE_KEY', 'KEY_ENCRYPTION_KEY'],
    holds: (env) =>
      isProduction(env) && env.SECURITY_PROFILE === 'strict' && !env.JWT_PRIVATE_KEY && !env.KEY_ENCRYPTION_KEY,
    message:
      'KEY_ENCRYPTION_KEY (openssl rand -base64 32), or JWT_PRIVATE_KEY (PKCS#8 PEM; Ed25519, P-256 or RSA), is ' +
      'required in production with SECURITY_PROFILE=strict',
  },
  {
    between: ['JWT_PRIVATE_KEY', 'KEY_ENCRYPTION_KEY'],
    holds: (env) =>
      env.KEY_ENCRYPTION_KEY !== undefined &&
      env.JWT_PRIVATE_KEY !== undefined &&
      parsePrivateKeys(env.JWT_PRIVATE_KEY).length > 1,
    message:
      'KEY_ENCRYPTION_KEY takes one key over into PostgreSQL: wait until the others in JWT_PRIVATE_KEY are not ' +
      'needed any more, and leave the one that signs',
  },
  {
    between: ['NODE_ENV', 'ADMIN_USERNAME', 'ADMIN_PASSWORD'],
    holds: (env) => isProduction(env) && (!env.ADMIN_USERNAME || !env.ADMIN_PASSWORD),
    message: 'ADMIN_USERNAME and ADMIN_PASSWORD are required in production; there is no default administrator',
  },
  {
    between: ['NODE_ENV', 'BCRYPT_COST'],
    holds: (env) => isProduction(env) && env.BCRYPT_COST < 10,
    message: 'BCRYPT_COST must be at least 10 in production',
  },
  {
    between: ['TOKEN_REFRESHABLE', 'TOKEN_TTL'],
    holds: (env) => env.TOKEN_REFRESHABLE < env.TOKEN_TTL,
    message: 'TOKEN_REFRESHABLE must not be shorter than TOKEN_TTL',
  },
  {
    between: ['REFRESH_TOKEN_TTL', 'ACCESS_TOKEN_TTL'],
    holds: (env) => env.REFRESH_TOKEN_TTL < env.ACCESS_TOKEN_TTL,
    message: 'REFRESH_TOKEN_TTL must not be shorter than ACCESS_TOKEN_TTL',
  },
  {
    between: ['SESSION_MAX_AGE', 'REFRESH_TOKEN_TTL'],
    holds: (env) => env.SESSION_MAX_AGE < env.REFRESH_TOKEN_TTL,
    message: 'SESSION_MAX_AGE must not be shorter than REFRESH_TOKEN_TTL',
  },
  {
    between: ['WEB_CONCURRENCY', 'DATABASE_URL'],
    holds: (env) => env.WEB_CONCURRENCY > 1 && !env.DATABASE_URL,
    message: 'WEB_CONCURRENCY above 1 needs DATABASE_URL: the embedded database serves one process',
  },
  {
    between: ['DATABASE_URL', 'DATABASE_DIRECT_URL'],
    holds: (env) => env.DATABASE_DIRECT_URL !== undefined && !env.DATABASE_URL,
    message: 'DATABASE_DIRECT_URL needs DATABASE_URL, the address of the pooler that it leads past',
  },
  {
    between: ['NODE_ENV', 'KONG_TRUSTED_PROXIES'],
    holds: (env) => isProduction(env) && env.KONG_TRUSTED_PROXIES.length > 0,
    message:
      'KONG_TRUSTED_PROXIES is for development: in production set KONG_SHARED_SECRET, which proves where a ' +
      'request comes from',
  },
  {
    between: ['KONG_SHARED_SECRET', 'KONG_SHARED_SECRET_PREVIOUS'],
    holds: (env) => env.KONG_SHARED_SECRET_PREVIOUS !== undefined && !env.KONG_SHARED_SECRET,
    message: 'KONG_SHARED_SECRET_PREVIOUS needs KONG_SHARED_SECRET, the secret that replaces it',
  },
  {
    between: ['PORT', 'GATEWAY_PORT'],
    holds: (env) => env.PORT !== 0 && env.PORT === env.GATEWAY_PORT,
    message: 'PORT and GATEWAY_PORT must differ',
  },
  {
    between: ['METRICS_PORT', 'PORT', 'GATEWAY_PORT'],
    holds: ({ METRICS_PORT: port, PORT, GATEWAY_PORT }) => Boolean(port) && (port === PORT || port === GATEWAY_PORT),
    message: 'METRICS_PORT must differ from PORT and GATEWAY_PORT; without it METRICS_TOKEN opens /metrics at PORT',
  },
];

/** The rules between variables that these values break. */
export function findContradictions(values: Partial<Variables>): string[] {
  return contradictions
    .filter(({ between, holds }) => between.every((name) => name in values) && holds(values as Variables))
    .map(({ message }) => message);
}
