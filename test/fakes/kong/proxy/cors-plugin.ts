import type { Exchange, PluginConfig, ProxyPlugin } from './exchange';
import { emptyAnswer, type ProxyAnswer } from './proxy-answers';

type CorsConfig = PluginConfig & {
  origins: string[] | null;
  headers: string[] | null;
  exposed_headers: string[] | null;
  methods: string[];
  max_age: number | null;
  credentials: boolean;
  preflight_continue: boolean;
};

/**
 * Kong's cors plugin. It answers a preflight before jwt sees it, and refuses no request: a wrong origin
 * reads the right one.
 */
export class CorsPlugin implements ProxyPlugin {
  readonly priority = 2000;

  access(exchange: Exchange, given: PluginConfig): ProxyAnswer | undefined {
    const config = given as CorsConfig;
    if (!isPreflight(exchange) || config.preflight_continue) return undefined;
    const requested = exchange.headers.get('access-control-request-headers');
    const headers = config.headers?.join(',') ?? requested;
    Object.assign(exchange.responseHeaders, originHeaders(exchange, config), {
      ...(headers ? { 'Access-Control-Allow-Headers': headers } : {}),
      'Access-Control-Allow-Methods': config.methods.join(','),
      ...(config.max_age === null ? {} : { 'Access-Control-Max-Age': String(config.max_age) }),
    });
    return emptyAnswer(200);
  }

  headers(exchange: Exchange, given: PluginConfig): void {
    const config = given as CorsConfig;
    if (isPreflight(exchange) || exchange.headers.get('origin') === undefined) return;
    Object.assign(exchange.responseHeaders, originHeaders(exchange, config));
    if (config.exposed_headers?.length)
      exchange.responseHeaders['Access-Control-Expose-Headers'] = config.exposed_headers.join(',');
  }
}

function isPreflight({ method, headers }: Exchange): boolean {
  return (
    method === 'OPTIONS' &&
    headers.get('origin') !== undefined &&
    headers.get('access-control-request-method') !== undefined
  );
}

function originHeaders({ headers }: Exchange, { origins, credentials }: CorsConfig): Record<string, string> {
  const origin = headers.get('origin')!;
  const anyone = !origins || origins.length === 0 || origins.includes('*');
  // with one origin in the list it is written without a look at the client's; with several, only
  // the client's own if it is listed
  const allowed = anyone
    ? credentials
      ? origin
      : '*'
    : origins.length === 1
      ? origins[0]
      : origins.find((entry) => entry === origin);
  return {
    ...(anyone && !credentials ? {} : { vary: 'Origin' }),
    ...(allowed === undefined ? {} : { 'Access-Control-Allow-Origin': allowed }),
    ...(credentials ? { 'Access-Control-Allow-Credentials': 'true' } : {}),
  };
}
