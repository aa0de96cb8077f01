import { setTimeout as pause } from 'node:timers/promises';
import type { GraphqlAnswer } from '../../support/graphql-client';
import { IdentityClient } from '../../support/identity-client';
import type { ServerProcess } from '../../support/processes';
import type { Answers } from './answers';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;
/** A request without an answer for so long hangs. */
const HANGS_MS = 60_000;
/** What is refused when it is sent again although it had been carried out, so that its answer is lost. */
const LOST = new Set(['INVALID_CREDENTIALS', 'USERNAME_TAKEN']);

/** The answer was lost and cannot be had again: a client may not know what has become of its request. */
export class LostAnswerError extends Error {}

export interface Reply {
  status: number;
  headers: Headers;
  body: unknown;
}

/**
 * A client as they should be: what is unavailable or gets no answer is sent again, to the other server. Each attempt
 * is recorded.
 */
export class LoadClient extends IdentityClient {
  /** Attempts after which another server was asked. */
  switches = 0;

  constructor(
    private readonly index: number,
    private readonly servers: readonly ServerProcess[],
    private readonly answers: Answers,
    private readonly isOver: () => boolean,
  ) {
    super('');
  }

  /** A minute ahead: a token that expires while a request is repeated is no use. */
  override get seconds(): number {
    return super.seconds + 60;
  }

  /** GraphQL, until there is an answer. */
  override async post<T>(body: unknown, headers: Record<string, string> = {}): Promise<GraphqlAnswer<T>> {
    const { reply, isUnsure } = await this.untilDecided('/graphql', { body, headers });
    const answer = reply as unknown as GraphqlAnswer<T>;
    const code = answer.body.errors?.[0]?.extensions?.code;
    if (isUnsure && code !== undefined && LOST.has(code)) throw new LostAnswerError(code);
    if (isUnsure && code === 'USER_NOT_FOUND') delete answer.body.errors; // it was deleted by the first attempt
    return answer;
  }

  /** REST, until there is an answer. */
  async postJson(path: string, body: object): Promise<Reply> {
    const { reply, isUnsure } = await this.untilDecided(path, { body });
    if (isUnsure && path.endsWith('/auth/refresh') && reply.status !== 200) throw new LostAnswerError('of a refresh');
    return reply;
  }

  /** One attempt. @returns null when there is no decision, which is recorded */
  async attempt(
    path: string,
    { body, headers = {}, turn = 0 }: { body?: unknown; headers?: Record<string, string>; turn?: number },
  ): Promise<Reply | null> {
    const server = this.servers[(this.index + turn) % this.servers.length]!;
    const sentAt = performance.now();
    try {
      const response = await fetch(`${server.origin}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        signal: AbortSignal.timeout(HANGS_MS),
      });
      const text = await response.text();
      const reply = { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
      const isUnavailable = this.isUnavailable(path, reply);
      this.answers.add({ sentAt, ms: performance.now() - sentAt, outcome: isUnavailable ? 'unavailable' : 'answered' });
      return isUnavailable ? null : reply;
    } catch (error) {
      const ms = performance.now() - sentAt;
      if (ms >= HANGS_MS) this.answers.wrong.push(`${path}: no answer within ${HANGS_MS / 1000} s`);
      else if (error instanceof SyntaxError) this.answers.wrong.push(`${path}: the answer is no JSON`);
      this.answers.add({ sentAt, ms, outcome: 'none' });
      return null;
    }
  }

  private async untilDecided(
    path: string,
    request: { body: unknown; headers?: Record<string, string> },
  ): Promise<{ reply: Reply; isUnsure: boolean }> {
    for (let turn = 0; ; turn++) {
      const reply = await this.attempt(path, { ...request, turn });
      if (reply) return { reply, isUnsure: turn > 0 };
      if (this.isOver()) throw new LostAnswerError('of the last request');
      this.answers.repeated++;
      this.switches++;
      await pause(Math.min(FIRST_PAUSE_MS * 2 ** turn, LONGEST_PAUSE_MS) * (0.5 + Math.random()));
    }
  }

  /** Whether the answer is that there is none now; one without the form that clients rely on is wrong. */
  private isUnavailable(path: string, { status, headers, body }: Reply): boolean {
    const error = (body as { errors?: { extensions?: { code?: string; retryAfter?: number } }[] }).errors?.[0];
    const code = error?.extensions?.code;
    if (status === 500 || code === 'INTERNAL_SERVER_ERROR')
      this.answers.wrong.push(`${path}: ${status} ${JSON.stringify(body).slice(0, 200)}`);
    const isUnavailable = status === 503 || code === 'SERVICE_UNAVAILABLE';
    const retryAfter = headers.get('retry-after') ?? error?.extensions?.retryAfter;
    if (isUnavailable && !(Number(retryAfter) > 0)) this.answers.wrong.push(`${path}: 503 without Retry-After`);
    return isUnavailable;
  }
}
