import type { Logger } from 'pino';
import type { Config } from '../../config/config';
import { kongDuration } from '../../observability/metrics/metrics';
import { ObservedWork } from '../../observability/observed-work';
import { traceHeaders } from '../../observability/tracing/tracing';
import { connectionProblem } from './kong-connection-errors';
import { type KongError, KongFailureError, KongUnreachableError } from './kong-errors';
import { type KongRefusal, refusalAnswer } from './kong-types';
import { pathSegment } from './kong-username';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface KongAdminOptions {
  /**
   * `http://127.0.0.1:8001`. A path is a prefix; a user and password in it are sent as Basic, for
   * an Admin API behind a proxy.
   */
  adminUrl: string;
  /** A header of every call, for an Admin API behind key-auth. */
  credential?: { header: string; value: string } | undefined;
  /**
   * Budget of one call, its second try included, in milliseconds. Kong itself gives up on its
   * database after 5 s. Default 6000.
   */
  timeoutMs?: number;
  fetch?: Fetch;
  logger: Logger;
  /** When all calls have to be over, by `performance.now()`. Default: never. */
  deadline?: number;
}

/** From the configuration. */
export function kongAdminOptions(
  { timeoutMs, adminToken, adminHeader }: Pick<Config['kong'], 'timeoutMs' | 'adminToken' | 'adminHeader'>,
  adminUrl: string,
): Pick<KongAdminOptions, 'adminUrl' | 'timeoutMs' | 'credential'> {
  return {
    adminUrl,
    timeoutMs,
    credential: adminToken === undefined ? undefined : { header: adminHeader, value: adminToken },
  };
}

export interface KongCall {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Raw segments; they are encoded here. */
  path: readonly string[];
  query?: Readonly<Record<string, string>>;
  body?: Readonly<Record<string, unknown>>;
  /** The call with placeholders instead of names, for errors and logs. */
  operation: string;
  /** A smaller budget than the usual one, in milliseconds. */
  timeoutMs?: number;
}

/** A known answer of Kong: done, absent, or refused with a typed reason. */
export type KongAnswer =
  | { kind: 'done'; body: unknown }
  | { kind: 'absent' }
  | { kind: 'refused'; status: 400 | 409; refusal: KongRefusal };

const NOT_FOUND_CODE = 6;

const calls = new ObservedWork({
  duration: kongDuration,
  span: { kind: 'client', attributes: { 'peer.service': 'kong' } },
  failureOf: (error) => (error instanceof KongUnreachableError ? 'unavailable' : 'failed'),
});

/**
 * One HTTP call to Kong's Admin API. Only a JSON 404 `Not found` counts as "absent", never a 500
 * (PostgreSQL behind Kong is down), an HTML page or another server's 404. GET, PUT and DELETE are
 * tried once more after a broken connection or a 5xx; POST and PATCH never are.
 */
export class KongAdmin {
  readonly timeoutMs: number;
  private readonly deadline: number;
  private readonly baseUrl: string;
  private readonly authentication: Readonly<Record<string, string>>;
  private readonly fetch: Fetch;
  private readonly logger: Logger;

  constructor(options: KongAdminOptions) {
    const { adminUrl, timeoutMs = 6000, credential, fetch = globalThis.fetch, logger } = options;
    const url = new URL(adminUrl);
    const userInfo = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    this.authentication = {
      ...(userInfo !== ':' && { authorization: `Basic ${Buffer.from(userInfo).toString('base64')}` }),
      ...(credential && { [credential.header]: credential.value }),
    };
    this.baseUrl = url.origin + url.pathname.replace(/\/$/, '');
    this.timeoutMs = timeoutMs;
    this.deadline = options.deadline ?? Number.POSITIVE_INFINITY;
    this.fetch = fetch;
    this.logger = logger;
  }

  /**
   * @throws KongUnreachableError without an answer, KongFailureError for an unusable one,
   *   KongNameError for a path that no URL can address
   */
  async call(call: KongCall): Promise<KongAnswer> {
    const started = performance.now();
    const budgetMs = Math.min(call.timeoutMs ?? this.timeoutMs, Math.floor(this.deadline - started));
    if (budgetMs <= 0) throw new KongUnreachableError({ operation: call.operation, reason: 'timeout' });
    const signal = AbortSignal.timeout(budgetMs);
    try {
      return await this.once(call, signal);
    } catch (error) {
      // a second answer that takes as long (a database that hangs) would exceed the budget
      const quick = performance.now() - started < budgetMs / 2;
      if (!quick || !isRepeatable(call, error)) throw error;
      this.logger.warn({ err: error, operation: call.operation }, 'Kong failed, trying once more');
      return await this.once(call, signal);
    }
  }

  private once(call: KongCall, signal: AbortSignal): Promise<KongAnswer> {
    return calls.run(call.operation, () => this.send(call, signal), { 'http.request.method': call.method });
  }

  private async send(call: KongCall, signal: AbortSignal): Promise<KongAnswer> {
    const url = this.url(call);
    let response: Response;
    let text: string;
    try {
      response = await this.fetch(url, {
        method: call.method,
        headers: {
          accept: 'application/json',
          // this type with an empty body is a 400
          ...(call.body ? { 'content-type': 'application/json' } : {}),
          ...traceHeaders(),
          ...this.authentication,
        },
        body: call.body ? JSON.stringify(call.body) : null,
        redirect: 'manual',
        signal,
      });
      text = await response.text();
    } catch (error) {
      throw unreachable(call, error);
    }
    return answer(call, response, text);
  }

  private url({ path, query }: KongCall): string {
    const search = query ? `?${new URLSearchParams(query)}` : '';
    return `${this.baseUrl}/${path.map(pathSegment).join('/')}${search}`;
  }
}

/** The error for an unexpected refusal. The texts in `masked` never appear in it. */
export function unexpectedRefusal(
  call: KongCall,
  answer: KongAnswer,
  masked: readonly string[] = [],
): KongFailureError {
  const { operation } = call;
  if (answer.kind === 'refused') {
    const refusal = masked
      .reduce((text, secret) => text.replaceAll(secret, '***'), answer.refusal.message)
      .slice(0, 500);
    return new KongFailureError({
      operation,
      status: answer.status,
      problem: answer.refusal.name ?? 'refused',
      refusal,
    });
  }
  if (answer.kind === 'absent') return new KongFailureError({ operation, status: 404, problem: 'not found' });
  return new KongFailureError({
    operation,
    problem: 'members of the answer are missing or wrong',
    outcomeUnknown: isWrite(call),
  });
}

const isWrite = (call: KongCall) => call.method !== 'GET';

function isRepeatable(call: KongCall, error: unknown): boolean {
  if (call.method === 'POST' || call.method === 'PATCH') return false;
  if (error instanceof KongUnreachableError) return error.reason === 'broken';
  return error instanceof KongFailureError && (error.status ?? 0) >= 500;
}

function unreachable(call: KongCall, error: unknown): KongError {
  const { reason, sent, notHttp } = connectionProblem(error);
  const details = { operation: call.operation, outcomeUnknown: sent && isWrite(call), cause: error };
  return notHttp
    ? new KongFailureError({ ...details, problem: 'the answer is not HTTP' })
    : new KongUnreachableError({ ...details, reason });
}

function answer(call: KongCall, response: Response, text: string): KongAnswer {
  const { status } = response;
  if (status === 204) return { kind: 'done', body: undefined };
  const failure = (problem: string) =>
    new KongFailureError({
      operation: call.operation,
      status,
      problem,
      outcomeUnknown: isWrite(call) && (status < 400 || status >= 500),
    });
  if (status < 200 || status >= 500 || (status >= 300 && status < 400)) throw failure(`status ${status}`);
  // not every error of Kong is JSON: 413 and 415 are HTML
  if (!response.headers.get('content-type')?.startsWith('application/json'))
    throw failure(`status ${status}, and not JSON`);
  const body = parse(text);
  if (body === undefined) throw failure(`status ${status}, and not readable JSON`);
  if (status < 300) return { kind: 'done', body };
  const refusal = refusalAnswer.safeParse(body);
  if (!refusal.success || (status !== 400 && status !== 404 && status !== 409)) throw failure(`status ${status}`);
  if (status !== 404) return { kind: 'refused', status, refusal: refusal.data };
  if (refusal.data.message === 'Not found' || refusal.data.code === NOT_FOUND_CODE) return { kind: 'absent' };
  throw failure("status 404, but not Kong's own");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
