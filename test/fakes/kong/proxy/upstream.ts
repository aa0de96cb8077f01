import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Exchange } from './exchange';
import { type MatchedRoute, upstreamPath } from './routing';

/** Lines that nginx sets itself or that end at this hop. */
const OWN_LINES = new Set(
  'host connection content-length via x-forwarded-for x-forwarded-proto x-forwarded-host x-forwarded-port x-forwarded-path x-forwarded-prefix x-real-ip keep-alive transfer-encoding'.split(
    ' ',
  ),
);
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding']);

interface UpstreamRequest {
  exchange: Exchange;
  match: MatchedRoute;
  search: string;
  body: Buffer;
  /** The Host line of the client, and the port it came in at. */
  host: string;
  port: number;
  dial: Dial;
}

/** Where an upstream really is. Lets a recording keep the upstream's address. */
export type Dial = (host: string, port: number) => { host: string; port: number };

/** Sends the request on. Rejects when the upstream cannot be reached. */
export function callUpstream({
  exchange,
  match,
  search,
  body,
  host,
  port,
  dial,
}: UpstreamRequest): Promise<IncomingMessage> {
  const service = match.service!;
  const secure = service.protocol === 'https';
  const usual = service.port === (secure ? 443 : 80);
  const upstreamHost = match.route.preserve_host ? host : `${service.host}${usual ? '' : `:${service.port}`}`;
  const { clientAddress, headers } = exchange;
  const forwardedFor = headers.get('x-forwarded-for');
  const lines: [string, string][] = [
    ['Via', '1.1 kong/3.9.1'],
    ['Host', upstreamHost],
    ['Connection', 'keep-alive'],
    ['X-Forwarded-For', forwardedFor === undefined ? clientAddress : `${forwardedFor}, ${clientAddress}`],
    ['X-Forwarded-Proto', 'http'],
    ['X-Forwarded-Host', host.replace(/:\d+$/, '')],
    ['X-Forwarded-Port', String(port)],
    ['X-Forwarded-Path', exchange.path],
    ...(match.route.strip_path && match.matchedPath
      ? ([['X-Forwarded-Prefix', match.matchedPath]] as [string, string][])
      : []),
    ['X-Real-IP', clientAddress],
    ['X-Kong-Request-Id', exchange.requestId],
    ...(body.length > 0 || headers.get('content-length') !== undefined
      ? [['Content-Length', String(body.length)] as [string, string]]
      : []),
    ...headers.entries().filter(([name]) => !OWN_LINES.has(name.toLowerCase())),
  ];
  return new Promise((resolve, reject) => {
    const request = (secure ? httpsRequest : httpRequest)({
      ...dial(String(service.host), Number(service.port)),
      method: exchange.method,
      path: upstreamPath(match, exchange.path) + search,
      headers: lines.flat(),
      setHost: false,
      agent: false,
    });
    request.once('response', resolve);
    request.once('error', reject);
    request.end(body);
  });
}

/**
 * Hands the upstream's answer to the client, with the headers that plugins set in place of the
 * upstream's own.
 */
export function relay(answer: IncomingMessage, exchange: Exchange, response: ServerResponse): void {
  const replaced = new Set(Object.keys(exchange.responseHeaders).map((name) => name.toLowerCase()));
  const headers: [string, string][] = [];
  for (let i = 0; i < answer.rawHeaders.length; i += 2) {
    const name = answer.rawHeaders[i]!;
    if (!HOP_BY_HOP.has(name.toLowerCase()) && !replaced.has(name.toLowerCase()))
      headers.push([name, answer.rawHeaders[i + 1]!]);
  }
  if (answer.headers.server === undefined) headers.push(['Server', 'kong/3.9.1']);
  headers.push(
    ...Object.entries(exchange.responseHeaders),
    ['X-Kong-Upstream-Latency', '1'],
    ['X-Kong-Proxy-Latency', '1'],
    ['Via', '1.1 kong/3.9.1'],
    ['X-Kong-Request-Id', exchange.requestId],
  );
  response.writeHead(answer.statusCode ?? 502, headers.flat());
  answer.pipe(response);
  answer.once('error', () => response.destroy());
}
