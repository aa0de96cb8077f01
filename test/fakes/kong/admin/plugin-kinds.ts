import { type FieldErrors, schemaViolation } from './answers';
import { anything, complete, type Field, fieldErrors, flag, integer, oneOf, record, text, texts } from './fields';
import type { Input } from './request-body';

const METHODS = 'GET HEAD PUT PATCH POST DELETE OPTIONS TRACE CONNECT'.split(' ');
const LIMITS = ['second', 'minute', 'hour', 'day', 'month', 'year'] as const;

const limits = Object.fromEntries(LIMITS.map((name) => [name, integer()]));

/**
 * `name:value` pairs of request-transformer. Its schema is Kong's, yet nothing of it is in the
 * recordings.
 */
const pairs = record({ body: texts([]), headers: texts([]), querystring: texts([]) });

/** The configuration of every plugin that this gateway runs, with Kong's defaults. */
const PLUGIN_CONFIGS: Record<string, Record<string, Field>> = {
  jwt: {
    key_claim_name: text('iss'),
    claims_to_verify: texts(null, ['exp', 'nbf']),
    header_names: texts(['authorization']),
    uri_param_names: texts(['jwt']),
    cookie_names: texts([]),
    secret_is_base64: flag(false),
    run_on_preflight: flag(true),
    maximum_expiration: integer(0),
    anonymous: text(),
    realm: text(),
  },
  cors: {
    origins: texts(null),
    headers: texts(null),
    exposed_headers: texts(null),
    methods: texts(METHODS, METHODS),
    max_age: integer(),
    credentials: flag(false),
    private_network: flag(false),
    preflight_continue: flag(false),
  },
  'rate-limiting': {
    ...limits,
    limit_by: oneOf(['consumer', 'credential', 'ip', 'service', 'header', 'path', 'consumer-group'], 'consumer'),
    header_name: text(),
    path: text(),
    policy: oneOf(['local', 'cluster', 'redis'], 'local'),
    fault_tolerant: flag(true),
    hide_client_headers: flag(false),
    error_code: integer(429),
    error_message: text('API rate limit exceeded'),
    sync_rate: anything(-1),
    redis: record({
      host: text(),
      port: integer(6379),
      timeout: integer(2000),
      username: text(),
      password: text(),
      database: integer(0),
      ssl: flag(false),
      ssl_verify: flag(false),
      server_name: text(),
    }),
    redis_host: text(),
    redis_port: integer(6379),
    redis_password: text(),
    redis_username: text(),
    redis_ssl: flag(false),
    redis_ssl_verify: flag(false),
    redis_server_name: text(),
    redis_timeout: integer(2000),
    redis_database: integer(0),
  },
  acl: {
    allow: texts(null),
    deny: texts(null),
    hide_groups_header: flag(false),
    always_use_authenticated_groups: flag(false),
  },
  'request-transformer': {
    http_method: text(),
    remove: pairs,
    rename: pairs,
    replace: record({ ...pairs.members, uri: text() }),
    add: pairs,
    append: pairs,
  },
};

/**
 * Checks and completes `config`. A plugin that is not enabled is refused before anything else is
 * looked at.
 */
export function withPluginConfig(input: Input): Input {
  const { name } = input;
  if (typeof name !== 'string') return input;
  const members = PLUGIN_CONFIGS[name];
  if (!members)
    throw schemaViolation({ name: `plugin '${name}' not enabled; add it to the 'plugins' configuration property` });
  const config = (input.config ?? {}) as Input;
  const errors = fieldErrors(members, config);
  if (Object.keys(errors).length > 0) throw schemaViolation({ config: errors });
  return { ...input, config: complete(members, config) };
}

export function pluginErrors(row: Record<string, unknown>): FieldErrors {
  if (row.name === 'jwt' && row.consumer !== null) return { consumer: 'value must be null' };
  const config = (row.config ?? {}) as Record<string, unknown>;
  if (row.name === 'jwt') return maximumExpirationErrors(config);
  if (row.name === 'rate-limiting' && LIMITS.every((limit) => config[limit] === null)) {
    return {
      '@entity': [
        `at least one of these fields must be non-empty: ${LIMITS.map((limit) => `'config.${limit}'`).join(', ')}`,
      ],
    };
  }
  return {};
}

function maximumExpirationErrors({ maximum_expiration, claims_to_verify }: Record<string, unknown>): FieldErrors {
  const claims = claims_to_verify as string[] | null;
  // a null claims_to_verify is let through, and maximum_expiration then has no effect
  if (!(Number(maximum_expiration) > 0) || claims === null || claims.includes('exp')) return {};
  return {
    config: { claims_to_verify: 'expected to contain: exp' },
    '@entity': ["failed conditional validation given value of field 'config.maximum_expiration'"],
  };
}
