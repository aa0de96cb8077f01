/** Marks the entities of the set-up; a later run removes unplanned entities with this mark only. */
export const SETUP_TAG = 'graphql-identity-setup';

/** The header by which the API recognizes its own Kong, which overwrites a client's header of this name. */
export const KONG_SECRET_HEADER = 'x-gateway-secret';

/** Members of services and routes that are left to operators, with Kong's defaults (3.9). */
export const SERVICE_DEFAULTS: Fields = {
  retries: 5,
  connect_timeout: 60_000,
  write_timeout: 60_000,
  read_timeout: 60_000,
};
export const ROUTE_DEFAULTS: Fields = {
  regex_priority: 0,
  snis: null,
  sources: null,
  destinations: null,
  https_redirect_status_code: 426,
  request_buffering: true,
  response_buffering: true,
};

export interface KongSetupOptions {
  /**
   * Where Kong reaches the API, e.g. `http://api:9000`; a path is a prefix of every upstream path.
   */
  upstreamUrl: string;
  /** Origins of browsers; without any, no cors plugin is made. */
  corsOrigins: readonly string[];
  /**
   * Requests to `POST /api/auth/login` per minute and client address; 0 leaves the limit out. The
   * API has its own.
   */
  loginRateLimit: number;
  /**
   * Kong sends it to the API with every request that passed the jwt plugin, to prove where the
   * request comes from.
   */
  sharedSecret?: string | undefined;
}

export type Fields = Record<string, unknown>;

export interface PlannedPlugin {
  name: string;
  config: Fields;
}

export interface PlannedRoute {
  name: string;
  fields: Fields;
  plugins: PlannedPlugin[];
}

export interface PlannedService {
  name: string;
  fields: Fields;
  /** In the order in which they are made. */
  plugins: PlannedPlugin[];
  routes: PlannedRoute[];
}

/**
 * All services, routes and plugins of Kong in front of the API, for the paths of all three documents.
 * Each upstream path has a service, because Kong rewrites by service: `/auth/**` becomes
 * `/identity/**`, but the four short paths `/auth/token` … become `/identity/auth/token` …; `POST
 * /auth-jwt` becomes `/api/public/auth-jwt`. There is no catch-all route: a path that is not listed
 * is a 404 of Kong, never a way around the jwt plugin.
 */
export function planKong({
  upstreamUrl,
  corsOrigins,
  loginRateLimit,
  sharedSecret,
}: KongSetupOptions): PlannedService[] {
  // Kong reads an empty list as every origin, with credentials
  const cors = corsOrigins.length > 0 ? [corsPlugin(corsOrigins)] : [];
  const service = (name: string, path: string | null) => ({
    name,
    fields: serviceFields(upstreamUrl, path),
    plugins: cors,
  });
  return [
    {
      ...service('graphql-identity', null),
      routes: [
        route('graphql-identity-graphql', { paths: ['/graphql'] }),
        route('graphql-identity-identity', { paths: ['/identity'] }),
        route(
          'graphql-identity-login',
          { paths: ['/api/auth/login'], methods: ['POST'] },
          loginRateLimit > 0 ? [rateLimiting(loginRateLimit)] : [],
        ),
        route('graphql-identity-session', { paths: ['/api/auth'] }),
        route('graphql-identity-users', { paths: ['/api/users'] }),
        route('graphql-identity-public', { paths: ['/api/public'] }),
        route('graphql-identity-console', { paths: ['/console'] }),
        route('graphql-identity-verify-email', { paths: ['/verify-email'] }),
        route('graphql-identity-accept-invitation', { paths: ['/accept-invitation'] }),
        route('graphql-identity-well-known', { paths: ['/.well-known/'] }),
      ],
    },
    {
      ...service('graphql-identity-auth', '/identity/'),
      routes: [
        route('graphql-identity-auth', { paths: ['/auth/'], strip_path: true }),
        route('graphql-identity-auth-short', {
          paths: ['/auth/token', '/auth/introspect', '/auth/refresh', '/auth/logout'],
        }),
      ],
    },
    {
      ...service('graphql-identity-token', '/api/public/'),
      routes: [route('graphql-identity-token', { paths: ['/auth-jwt'], methods: ['POST', 'OPTIONS'] })],
    },
    {
      ...service('graphql-identity-protected', null),
      // On the service and before its route, so that the route is never open. The plugin that sends
      // the secret comes after the one that verifies tokens: a worker that has it has both.
      plugins: [...cors, jwtPlugin(), ...(sharedSecret === undefined ? [] : [gatewaySecret(sharedSecret)])],
      routes: [route('graphql-identity-protected', { paths: ['/api/jwt'] })],
    },
  ];
}

function serviceFields(upstreamUrl: string, path: string | null): Fields {
  const url = new URL(upstreamUrl);
  const protocol = url.protocol.slice(0, -1);
  const prefix = url.pathname.replace(/\/$/, '');
  const port = url.port === '' ? (protocol === 'https' ? 443 : 80) : Number(url.port);
  return {
    protocol,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    path: prefix + (path ?? '') || null,
    enabled: true,
  };
}

function route(name: string, fields: Fields, plugins: PlannedPlugin[] = []): PlannedRoute {
  const defaults = {
    methods: null,
    hosts: null,
    headers: null,
    protocols: ['http', 'https'],
    strip_path: false,
    preserve_host: false,
  };
  return { name, fields: { ...defaults, ...fields }, plugins };
}

function corsPlugin(origins: readonly string[]): PlannedPlugin {
  return {
    name: 'cors',
    config: {
      origins: origins.map(literalOrigin),
      credentials: true,
      methods: ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'],
      // null allows every header that a preflight asks for
      headers: null,
      exposed_headers: ['Authorization'],
      preflight_continue: false,
    },
  };
}

/**
 * Kong reads an origin with any other character as a regular expression, in which a dot is any
 * character.
 */
function literalOrigin(origin: string): string {
  return /^[A-Za-z0-9.:/-]+$/.test(origin) ? origin : origin.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function rateLimiting(minute: number): PlannedPlugin {
  return { name: 'rate-limiting', config: { minute, policy: 'local', limit_by: 'ip' } };
}

function jwtPlugin(): PlannedPlugin {
  return {
    name: 'jwt',
    config: {
      key_claim_name: 'iss',
      // without it Kong takes expired tokens
      claims_to_verify: ['exp'],
      header_names: ['authorization'],
      // RFC 9700 section 4.3.2: no tokens in a query
      uri_param_names: [],
      cookie_names: [],
      secret_is_base64: false,
      anonymous: null,
      run_on_preflight: true,
    },
  };
}

/** Removed and then added: `add` alone leaves a header that the client sent. */
function gatewaySecret(secret: string): PlannedPlugin {
  return {
    name: 'request-transformer',
    config: { remove: { headers: [KONG_SECRET_HEADER] }, add: { headers: [`${KONG_SECRET_HEADER}:${secret}`] } },
  };
}
