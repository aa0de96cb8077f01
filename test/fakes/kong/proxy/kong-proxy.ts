import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Database, DatabaseDown, type Row, refersTo } from '../database';
import type { Handler } from '../listener';
import type { Randomness } from '../randomness';
import { CorsPlugin } from './cors-plugin';
import { type Exchange, HeaderList, type PluginConfig, PluginCrash, type ProxyPlugin } from './exchange';
import { JwtPlugin } from './jwt-plugin';
import { AclPlugin, RequestTransformerPlugin } from './other-plugins';
import { errorAnswer, type ProxyAnswer } from './proxy-answers';
import { RateLimitingPlugin } from './rate-limiting-plugin';
import { type MatchedRoute, matchRoute, normalisePath } from './routing';
import { callUpstream, type Dial, relay } from './upstream';

const MAX_HEADER_LINE_BYTES = 8 * 1024;

interface ProxyOptions {
  database: Database;
  randomness: Randomness;
  /** Whole seconds since 1970. */
  now: () => number;
  port: () => number;
  dial: Dial;
}

/** The proxy port: routes, plugins in the order of their priority, the upstream. */
export class KongProxy {
  private readonly plugins: Record<string, ProxyPlugin>;

  constructor(private readonly options: ProxyOptions) {
    const { database, now } = options;
    this.plugins = {
      cors: new CorsPlugin(),
      jwt: new JwtPlugin(database, now),
      acl: new AclPlugin(database),
      'rate-limiting': new RateLimitingPlugin(now),
      'request-transformer': new RequestTransformerPlugin(),
    };
  }

  readonly handle: Handler = async (request, response, body) => {
    const exchange = this.open(request);
    const refusal = malformed(request, exchange);
    if (refusal) return () => send(response, exchange, refusal);
    const match = this.match(request, exchange);
    if (!match) {
      const answer = this.error(exchange, 404, 'no Route matched with those values');
      return () => send(response, exchange, answer);
    }
    const answer =
      this.runPlugins(exchange, match) ??
      (match.service ? null : this.error(exchange, 503, 'no Service found with those values'));
    if (answer) return () => send(response, exchange, answer);
    try {
      const search = /\?.*$/.exec(request.url ?? '')?.[0] ?? '';
      const upstream = await callUpstream({
        exchange,
        match,
        search,
        body,
        host: request.headers.host ?? '',
        port: this.options.port(),
        dial: this.options.dial,
      });
      return () => relay(upstream, exchange, response);
    } catch {
      const message = 'An invalid response was received from the upstream server';
      const bad = errorAnswer({ ...this.asked(exchange), status: 502, message, fallback: 'text' });
      return () =>
        send(response, exchange, bad, {
          'X-Kong-Upstream-Latency': '1',
          'X-Kong-Proxy-Latency': '1',
          Via: '1.1 kong/3.9.1',
        });
    }
  };

  private open(request: IncomingMessage): Exchange {
    const [path = '/', ...search] = (request.url ?? '/').split('?');
    return {
      method: request.method ?? 'GET',
      path: normalisePath(path),
      query: new URLSearchParams(search.join('?')),
      requestId: this.options.randomness.requestId(),
      clientAddress: (request.socket.remoteAddress ?? '').replace('::ffff:', ''),
      headers: HeaderList.fromRaw(request.rawHeaders),
      consumer: null,
      credential: null,
      responseHeaders: {},
    };
  }

  private match(request: IncomingMessage, { method, path }: Exchange): MatchedRoute | null {
    return matchRoute(this.options.database, { method, path, host: (request.headers.host ?? '').replace(/:\d+$/, '') });
  }

  private runPlugins(exchange: Exchange, match: MatchedRoute): ProxyAnswer | undefined {
    const active = this.activePlugins(match);
    let answer: ProxyAnswer | undefined;
    try {
      for (const { plugin, config } of active) {
        answer = plugin.access(exchange, config);
        if (answer) break;
      }
    } catch (error) {
      if (!(error instanceof PluginCrash || error instanceof DatabaseDown)) throw error;
      answer = this.error(exchange, 500, 'An unexpected error occurred');
    }
    for (const { plugin, config } of active) plugin.headers?.(exchange, config);
    return answer;
  }

  /** One configuration for each plugin: the route's before the service's before the global one. */
  private activePlugins({ route, service }: MatchedRoute): { plugin: ProxyPlugin; config: PluginConfig }[] {
    const scopes = [
      (row: Row) => refersTo(row.route, route.id),
      (row: Row) => row.route === null && service !== null && refersTo(row.service, service.id),
      (row: Row) => row.route === null && row.service === null && row.consumer === null,
    ];
    const rows = this.options.database.cached('plugins').filter((row) => row.enabled);
    const chosen = Object.entries(this.plugins).flatMap(([name, plugin]) => {
      const named = rows.filter((row) => row.name === name);
      const row = scopes.map((inScope) => named.find(inScope)).find(Boolean);
      return row ? [{ plugin, config: { ...(row.config as PluginConfig), id: row.id } }] : [];
    });
    return chosen.sort((a, b) => b.plugin.priority - a.plugin.priority);
  }

  private asked({ requestId, headers }: Exchange) {
    return { requestId, accept: headers.get('accept') };
  }

  private error(exchange: Exchange, status: number, message: string): ProxyAnswer {
    return errorAnswer({ ...this.asked(exchange), status, message });
  }
}

/** What nginx refuses before Kong sees it. */
function malformed({ rawHeaders }: IncomingMessage, { headers, requestId }: Exchange): ProxyAnswer | null {
  const message =
    headers.all('authorization').length > 1
      ? 'Bad request'
      : rawHeaders.some((value) => value.length > MAX_HEADER_LINE_BYTES)
        ? 'Request header or cookie too large'
        : null;
  return message === null
    ? null
    : errorAnswer({ status: 400, message, requestId, accept: headers.get('accept'), fallback: 'text' });
}

function send(
  response: ServerResponse,
  exchange: Exchange,
  answer: ProxyAnswer,
  latency: Record<string, string> = { 'X-Kong-Response-Latency': '1' },
): void {
  response.writeHead(answer.status, {
    ...answer.headers,
    ...exchange.responseHeaders,
    'Content-Length': Buffer.byteLength(answer.content),
    ...latency,
    Server: 'kong/3.9.1',
    'X-Kong-Request-Id': exchange.requestId,
  });
  response.end(exchange.method === 'HEAD' ? undefined : answer.content);
}
