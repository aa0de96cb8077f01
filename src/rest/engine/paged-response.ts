import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GraphqlContext } from '../../graphql/server/context';
import type { OperationExecutor } from '../../graphql/server/execute';
import type { SharedOperation } from '../../graphql/server/operation';
import type { Contract, Route } from './contract';
import type { RequestContexts } from './request-context';
import { sendJson } from './send-response';

const PLACEHOLDER = 'the list';

export interface PagedResponseOptions {
  route: Route;
  pages: NonNullable<Route['pages']>;
  operation: SharedOperation;
  contract: Contract;
  executor: OperationExecutor;
  contexts: RequestContexts;
}

/**
 * Answers a list of any size in bounded memory: the next page is read when the client has taken the
 * previous one. The token is authenticated again for each page, so that its revocation ends the
 * list. When a page fails the connection is cut, so that no client takes half a list for a whole
 * one.
 */
export class PagedResponse {
  private readonly head: string;
  private readonly tail: string;

  constructor(private readonly options: PagedResponseOptions) {
    const { contract, route } = options;
    const whole = JSON.stringify(contract.success(PLACEHOLDER, route.message));
    const [head = '', tail = ''] = whole.split(JSON.stringify(PLACEHOLDER));
    this.head = `${head}[`;
    this.tail = `]${tail}`;
  }

  /** @throws AppError when the first page fails, before anything is sent */
  async send(request: FastifyRequest, reply: FastifyReply, context: GraphqlContext): Promise<FastifyReply> {
    const { route, contract, pages } = this.options;
    const first = await this.page(null, context);
    const next = pages.next(first);
    if (next === null) return sendJson(reply, route.status, contract.success(route.result(first), route.message));
    const chunks = request.method === 'HEAD' ? [] : this.chunks(first, next, request);
    // at most one page ahead of the client
    const body = Readable.from(chunks, { highWaterMark: 1 });
    return reply.code(route.status).header('content-type', 'application/json; charset=utf-8').send(body);
  }

  private page(after: string | null, context: GraphqlContext): Promise<unknown> {
    const { executor, operation, pages } = this.options;
    return executor.run(operation, pages.variables(after), context);
  }

  private async *chunks(first: unknown, second: string, request: FastifyRequest): AsyncGenerator<string> {
    const { contexts, contract, pages } = this.options;
    yield this.head + this.items(first);
    for (let after: string | null = second; after !== null; ) {
      const page = await this.page(after, await contexts.create(request, contract));
      const items = this.items(page);
      if (items !== '') yield `,${items}`;
      after = pages.next(page);
    }
    yield this.tail;
  }

  /** The page's rows as text. The page is emptied, since the stream still refers to it. */
  private items(page: unknown): string {
    const rows = this.options.route.result(page) as unknown[];
    const text = JSON.stringify(rows).slice(1, -1);
    rows.length = 0;
    return text;
  }
}
