import { pino } from 'pino';
import type { Fetch } from '../../../src/integrations/kong/kong-admin';
import { KongClient } from '../../../src/integrations/kong/kong-client';

export interface WatchedClient {
  client: KongClient;
  /** Everything that was logged, as it would be written. */
  logged: () => string;
}

/** A client whose log can be read. */
export function watchedClient(
  adminUrl: string,
  { timeoutMs = 5000, fetch }: { timeoutMs?: number; fetch?: Fetch } = {},
): WatchedClient {
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
  return {
    client: new KongClient({ adminUrl, timeoutMs, logger, ...(fetch ? { fetch } : {}) }),
    logged: () => lines.join(''),
  };
}

/** A client of a Kong that gives this one answer, whatever it is asked. */
export function clientAnswered(
  status: number,
  body: unknown,
  contentType = 'application/json; charset=utf-8',
): KongClient {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return watchedClient('http://kong.test:8001', {
    fetch: async () => new Response(status === 204 ? null : text, { status, headers: { 'content-type': contentType } }),
  }).client;
}
