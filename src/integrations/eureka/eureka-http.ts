import type { EurekaServer } from './eureka-servers';

/** One call of a REST operation of Eureka. */
export interface EurekaRequest {
  method: 'POST' | 'PUT' | 'DELETE';
  /** Below the base URL, percent-encoded. */
  path: string;
  body?: unknown;
  /**
   * The statuses that the operation documents; any other one means that this server cannot help
   * now.
   */
  expected: readonly number[];
}

/**
 * No server of the list gave a documented answer. The message names servers, statuses and error
 * codes, never a credential.
 */
class EurekaUnavailableError extends Error {
  override readonly name = 'EurekaUnavailableError';
}

/**
 * Calls the servers of a list in turn, the last good one first: they replicate to each other, so
 * one is enough. Invariant: a call ends within `timeoutMs` for each server, or at once when
 * `signal` aborts.
 */
export class EurekaHttp {
  private preferred = 0;
  private readonly servers: readonly EurekaServer[];
  private readonly timeoutMs: number;
  private readonly fetch: typeof fetch;

  constructor(options: { servers: readonly EurekaServer[]; timeoutMs: number; fetch: typeof fetch }) {
    this.servers = options.servers;
    this.timeoutMs = options.timeoutMs;
    this.fetch = options.fetch;
  }

  /**
   * @returns the documented status and the base URL of the server that answered with it
   * @throws EurekaUnavailableError when none did
   */
  async call(request: EurekaRequest, signal: AbortSignal): Promise<{ status: number; baseUrl: string }> {
    const problems: string[] = [];
    for (let turn = 0; turn < this.servers.length && !signal.aborted; turn += 1) {
      const index = (this.preferred + turn) % this.servers.length;
      const server = this.servers[index] as EurekaServer;
      try {
        const status = await this.callServer(server, request, signal);
        if (request.expected.includes(status)) {
          this.preferred = index;
          return { status, baseUrl: server.baseUrl };
        }
        problems.push(`${server.baseUrl}: status ${status}`);
      } catch (error) {
        problems.push(`${server.baseUrl}: ${reasonOf(error)}`);
      }
    }
    throw new EurekaUnavailableError(
      `No Eureka server took the ${request.method} (${problems.join(', ') || 'no time left'})`,
    );
  }

  private async callServer(server: EurekaServer, request: EurekaRequest, signal: AbortSignal): Promise<number> {
    const response = await this.fetch(`${server.baseUrl}${request.path}`, {
      method: request.method,
      headers: {
        accept: 'application/json',
        ...(request.body !== undefined && { 'content-type': 'application/json' }),
        ...(server.authorization !== undefined && { authorization: server.authorization }),
      },
      ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
      redirect: 'manual', // a followed POST becomes a GET, and the 200 of a login page would look like success
      signal: AbortSignal.any([signal, AbortSignal.timeout(this.timeoutMs)]),
    });
    await response.body?.cancel(); // only the status counts; an unread body would hold the connection
    return response.status;
  }
}

/**
 * The system's code, which is one level below `fetch failed`. The messages are not used, because
 * they may hold the URL.
 */
function reasonOf(error: unknown): string {
  const { name, code, cause } = Object(error) as { name?: unknown; code?: unknown; cause?: unknown };
  if (cause) return reasonOf(cause);
  return typeof code === 'string' ? code : String(name ?? 'unknown error');
}
