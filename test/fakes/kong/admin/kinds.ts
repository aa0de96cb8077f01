import type { FieldErrors } from './answers';
import type { Kind } from './entities';
import { anything, type Field, flag, integer, isPublicKey, oneOf, reference, tags, text, texts } from './fields';
import { pluginErrors, withPluginConfig } from './plugin-kinds';
import type { Input } from './request-body';

export const ALGORITHMS = 'HS256 HS384 HS512 RS256 RS384 RS512 ES256 ES384 ES512 PS256 PS384 PS512 EdDSA'.split(' ');
const METHODS = 'GET HEAD PUT PATCH POST DELETE OPTIONS TRACE CONNECT'.split(' ');

const required = (field: Field): Field => ({ ...field, required: true });

export const consumerKind: Kind = {
  table: 'consumers',
  endpointKey: 'username',
  fields: { username: text(), custom_id: text(), tags },
  unique: [['username'], ['custom_id']],
  entityErrors: (row): FieldErrors =>
    !row.username && !row.custom_id
      ? { '@entity': ["at least one of these fields must be non-empty: 'custom_id', 'username'"] }
      : {},
};

export const credentialKind: Kind = {
  table: 'jwt_secrets',
  endpointKey: 'key',
  fields: {
    key: text(),
    secret: text(),
    algorithm: oneOf(ALGORITHMS, 'HS256'),
    rsa_public_key: text(),
    tags,
    consumer: required(reference()),
  },
  unique: [['key']],
  made: (randomness) => ({ key: randomness.key, secret: randomness.secret }),
  entityErrors: publicKeyErrors,
  withoutUpdatedAt: true,
};

/**
 * Only RS*, PS* and EdDSA are checked; an ES* credential without a usable key fails at the proxy.
 */
function publicKeyErrors(row: Record<string, unknown>): FieldErrors {
  if (!/^(RS|PS|Ed)/.test(String(row.algorithm))) return {};
  const problem =
    row.rsa_public_key === null
      ? 'required field missing'
      : isPublicKey(String(row.rsa_public_key))
        ? null
        : 'invalid key';
  if (problem === null) return {};
  return { rsa_public_key: problem, '@entity': ["failed conditional validation given value of field 'algorithm'"] };
}

export const aclKind: Kind = {
  table: 'acls',
  fields: { group: required(text()), tags, consumer: required(reference()) },
  unique: [['consumer', 'group']],
  withoutUpdatedAt: true,
};

export const serviceKind: Kind = {
  table: 'services',
  endpointKey: 'name',
  fields: {
    name: text(),
    protocol: oneOf(['http', 'https', 'grpc', 'grpcs', 'tcp', 'tls', 'udp', 'ws', 'wss', 'tls_passthrough'], 'http'),
    host: required(text()),
    port: integer(80),
    path: text(),
    retries: integer(5),
    connect_timeout: integer(60_000),
    write_timeout: integer(60_000),
    read_timeout: integer(60_000),
    enabled: flag(true),
    tags,
    client_certificate: anything(),
    tls_verify: anything(),
    tls_verify_depth: anything(),
    ca_certificates: anything(),
  },
  unique: [['name']],
  prepare: withUrlParts,
};

function withUrlParts({ url, ...input }: Input): Input {
  if (typeof url !== 'string' || !URL.canParse(url)) return url === undefined ? input : { ...input, url };
  const parsed = new URL(url);
  const protocol = parsed.protocol.slice(0, -1);
  return {
    ...input,
    protocol,
    host: parsed.hostname,
    port: parsed.port === '' ? (protocol === 'https' ? 443 : 80) : Number(parsed.port),
    path: /^[a-z]+:\/\/[^/]+$/.test(url) ? null : parsed.pathname,
  };
}

export const routeKind: Kind = {
  table: 'routes',
  endpointKey: 'name',
  fields: {
    name: text(),
    protocols: texts(['http', 'https']),
    methods: texts(null, METHODS),
    hosts: texts(null),
    paths: texts(null),
    headers: anything(),
    snis: texts(null),
    sources: anything(),
    destinations: anything(),
    regex_priority: integer(0),
    strip_path: flag(true),
    path_handling: oneOf(['v0', 'v1'], 'v0'),
    preserve_host: flag(false),
    request_buffering: flag(true),
    response_buffering: flag(true),
    https_redirect_status_code: integer(426),
    tags,
    service: reference(),
  },
  unique: [['name']],
  entityErrors: (row): FieldErrors => {
    const matchers = ['methods', 'hosts', 'headers', 'paths', 'snis'];
    if (matchers.some((name) => row[name] !== null)) return {};
    return {
      '@entity': [`must set one of ${matchers.map((name) => `'${name}'`).join(', ')} when 'protocols' is 'https'`],
    };
  },
};

export const pluginKind: Kind = {
  table: 'plugins',
  fields: {
    name: required(text()),
    instance_name: text(),
    enabled: flag(true),
    protocols: texts(['grpc', 'grpcs', 'http', 'https']),
    tags,
    config: anything({}),
    route: reference(),
    service: reference(),
    consumer: reference(),
  },
  unique: [['consumer', 'name', 'route', 'service'], ['instance_name']],
  prepare: withPluginConfig,
  entityErrors: pluginErrors,
};
