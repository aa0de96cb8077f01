import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseDown } from '../database';
import { kongJson } from '../kong-json';
import type { Handler } from '../listener';
import type { AdminApi } from './admin-api';
import { type Answer, htmlAnswer, notFound, Refusal, unexpectedError } from './answers';
import { MAX_BODY_BYTES, readInput } from './request-body';

interface AdminHandlerOptions {
  api: AdminApi;
  seen: (call: string) => void;
  /** How long the database takes to fail, in milliseconds, or null while it works. */
  databaseFailsAfterMs: () => number | null;
}

/** The Admin API's HTTP side: paths, bodies, headers, HEAD. */
export function adminHandler({ api, seen, databaseFailsAfterMs }: AdminHandlerOptions): Handler {
  return async (request, response, body) => {
    const [path = '/', search = ''] = splitOnce(request.url ?? '/', '?');
    seen(`${request.method} ${path}`);
    if (body.length > MAX_BODY_BYTES) return () => sendAdmin(request, response, htmlAnswer(413), { cors: false });
    const failsAfterMs = databaseFailsAfterMs();
    if (failsAfterMs !== null && failsAfterMs > 0) await sleep(failsAfterMs);
    const answer = answerTo(request, path, search, body, { api, databaseDown: failsAfterMs !== null });
    return () => sendAdmin(request, response, answer);
  };
}

function answerTo(
  request: IncomingMessage,
  path: string,
  search: string,
  body: Buffer,
  { api, databaseDown }: { api: AdminApi; databaseDown: boolean },
): Answer {
  if (path === '/status') return { status: 200, body: { database: { reachable: !databaseDown } } };
  if (path === '/') {
    return databaseDown
      ? { status: 500, body: { message: 'An unexpected error happened' } }
      : { status: 200, body: { edition: 'community', tagline: 'Welcome to kong', version: '3.9.1' } };
  }
  try {
    const input = () => readInput(request.headers['content-type'], body);
    return api.handle({
      method: request.method ?? 'GET',
      segments: segmentsOf(path),
      path,
      query: new URLSearchParams(search),
      input,
    });
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    if (error instanceof DatabaseDown) return unexpectedError;
    if (error instanceof URIError) return notFound;
    throw error;
  }
}

/** Decoded once; a raw `+` is a space; dot segments stay; a trailing slash is forgotten. */
function segmentsOf(path: string): string[] {
  const segments = path.slice(1).split('/');
  if (segments.at(-1) === '') segments.pop();
  return segments.map((segment) => decodeURIComponent(segment.replaceAll('+', ' ')));
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

export function sendAdmin(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  { cors = true } = {},
): void {
  const content = answer.html ?? (answer.body === undefined ? undefined : kongJson(answer.body));
  const headers: Record<string, string | number> = {
    ...answer.headers,
    'X-Kong-Admin-Latency': 1,
    Server: 'kong/3.9.1',
  };
  if (content !== undefined) {
    headers['Content-Type'] =
      answer.html === undefined ? 'application/json; charset=utf-8' : 'text/html; charset=UTF-8';
    headers['Content-Length'] = Buffer.byteLength(content);
  }
  if (cors) Object.assign(headers, corsHeaders(request));
  response.writeHead(answer.status, headers);
  response.end(request.method === 'HEAD' ? undefined : content);
}

/** The Admin API reflects any origin, with credentials. */
function corsHeaders({ headers, method }: IncomingMessage): Record<string, string> {
  const requested = headers['access-control-request-headers'];
  return {
    'Access-Control-Allow-Origin': headers.origin ?? '*',
    'Access-Control-Allow-Credentials': 'true',
    ...(method === 'OPTIONS' && requested ? { 'Access-Control-Allow-Headers': requested } : {}),
  };
}
