import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../errors/app-error';
import type { GraphqlContext } from '../../graphql/server/context';
import type { Contract, RestRequest, Route } from './contract';
import { emptyBody, readMembers } from './members';
import { type Operation, type OperationRunner, readOperation } from './operation-runner';
import { PagedAnswer } from './paged-response';
import { parseBody } from './request-body';
import type { RequestContexts } from './request-context';
import { badRequest, RequestError } from './request-error';
import { sendFailure, sendJson } from './send-response';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who makes the request, at a REST channel. */
    restContext: GraphqlContext | null;
  }
}

/**
 * Runs one row of a contract. Everything that does not depend on the request was done when it was
 * made.
 */
export class RouteHandler {
  private readonly operation: Operation;
  private readonly precondition: Operation | null;
  private readonly withoutBody: RestRequest['body'];
  private readonly paged: PagedAnswer | null;

  constructor(
    readonly route: Route,
    private readonly contract: Contract,
    private readonly runner: OperationRunner,
    private readonly contexts: RequestContexts,
  ) {
    this.operation = readOperation(route.operation);
    this.precondition = route.precondition ? readOperation(route.precondition.operation) : null;
    this.withoutBody = emptyBody(route.body ?? {});
    this.paged = route.pages ? new PagedAnswer(route, route.pages, this.operation, contract, runner, contexts) : null;
  }

  /** Before the body is read: 401 and 403 come first, and a stranger's megabyte is not kept. */
  admit = async (request: FastifyRequest): Promise<void> => {
    // the router lets `:name` stand for nothing
    if (this.route.path.includes(':') && Object.values(request.params as object).includes('')) {
      throw badRequest('NOT_FOUND', 'path', 'There is nothing at this path');
    }
    const context = await this.contexts.of(request, this.contract);
    request.restContext = context;
    const refusal = this.runner.refusal(this.operation, () => this.route.variables(this.unread(request)), context);
    if (refusal) throw refusal;
  };

  handle = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const context = request.restContext!;
    if (this.paged) return this.paged.send(request, reply, context);
    const { route, contract } = this;
    const variables = route.variables(await this.read(request, context));
    let data: unknown;
    try {
      data = await this.runner.run(this.operation, variables, context);
    } catch (error) {
      return this.answerError(error, reply);
    }
    const { failWhen } = route;
    if (failWhen?.when(data))
      return sendFailure(contract, new AppError(failWhen.as), { request, reply, result: failWhen.result });
    return sendJson(reply, route.status, contract.success(route.result(data), route.message));
  };

  private answerError(error: unknown, reply: FastifyReply): FastifyReply {
    const success = error instanceof AppError ? this.route.errorsAsSuccess[error.code] : undefined;
    if (!success) throw error;
    return sendJson(reply, this.route.status, this.contract.success(success(), this.route.message));
  }

  private async read(request: FastifyRequest, context: GraphqlContext): Promise<RestRequest> {
    if (!this.route.body) return this.unread(request);
    try {
      const bytes = (request.body as Buffer | undefined) ?? Buffer.alloc(0);
      const parsed = parseBody({ bytes, contentType: bytes.length > 0 ? request.headers['content-type'] : undefined });
      return { params: request.params as RestRequest['params'], body: readMembers(this.route.body, parsed) };
    } catch (error) {
      if (error instanceof RequestError) await this.requirePrecondition(request, context);
      throw error;
    }
  }

  /** @throws AppError when the row would have been refused whatever its body */
  private async requirePrecondition(request: FastifyRequest, context: GraphqlContext): Promise<void> {
    const { precondition } = this.route;
    if (!precondition || !this.precondition) return;
    try {
      await this.runner.run(this.precondition, precondition.variables(this.unread(request)), context);
    } catch (error) {
      if (error instanceof AppError && precondition.counts.includes(error.code)) throw error;
    }
  }

  private unread(request: FastifyRequest): RestRequest {
    return { params: request.params as RestRequest['params'], body: this.withoutBody };
  }
}
