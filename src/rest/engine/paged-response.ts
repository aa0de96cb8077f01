import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GraphqlContext } from '../../graphql/server/context';
import type { Contract, Route } from './contract';
import type { Operation, OperationRunner } from './operation-runner';
import type { RequestContexts } from './request-context';
import { sendJson } from './send-response';

const PLACE = 'the list goes here';

/**
 * Answers a list of any size in bounded memory: a page is asked for when the client has taken the
 * one before. Each page is asked for anew as who is calling then, so that a token that dies ends
 * the list too. When a page fails in the middle the connection is cut: nobody takes half a list for
 * a whole one.
 */
export class PagedAnswer {
  private readonly head: string;
  private readonly tail: string;

  constructor(
    private readonly route: Route,
    private readonly pages: NonNullable<Route['pages']>,
    private readonly operation: Operation,
    private readonly contract: Contract,
    private readonly runner: OperationRunner,
    private readonly contexts: RequestContexts,
  ) {
    const [head = '', tail = ''] = JSON.stringify(contract.success(PLACE, route.message)).split(JSON.stringify(PLACE));
    this.head = `${head}[`;
    this.tail = `]${tail}`;
  }

  /** The first page's errors are thrown: nothing has been sent by then. */
  async send(request: FastifyRequest, reply: FastifyReply, context: GraphqlContext): Promise<FastifyReply> {
    const { route, contract, pages } = this;
    const first = await this.page(null, context);
    const next = pages.next(first);
    if (next === null) return sendJson(reply, route.status, contract.success(route.result(first), route.message));
    const chunks = request.method === 'HEAD' ? [] : this.chunks(first, next, request);
    // one page ahead of the client, no more
    const body = Readable.from(chunks, { highWaterMark: 1 });
    return reply.code(route.status).header('content-type', 'application/json; charset=utf-8').send(body);
  }

  private page(after: string | null, context: GraphqlContext): Promise<unknown> {
    return this.runner.run(this.operation, this.pages.variables(after), context);
  }

  private async *chunks(first: unknown, second: string, request: FastifyRequest): AsyncGenerator<string> {
    yield this.head + this.items(first);
    for (let after: string | null = second; after !== null; ) {
      const page = await this.page(after, await this.contexts.of(request, this.contract));
      const items = this.items(page);
      if (items !== '') yield `,${items}`;
      after = this.pages.next(page);
    }
    yield this.tail;
  }

  /**
   * The page's rows as text. The page is emptied: what still points at it must not keep a whole
   * list of them until a full collection.
   */
  private items(page: unknown): string {
    const rows = this.route.result(page) as unknown[];
    const text = JSON.stringify(rows).slice(1, -1);
    rows.length = 0;
    return text;
  }
}
