import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../errors/app-error';
import type { GraphqlContext } from '../../graphql/server/context';
import type { OperationExecutor } from '../../graphql/server/execute';
import { readOperation, type SharedOperation } from '../../graphql/server/operation';
import type { Contract, RestRequest, Route } from './contract';
import { turnToParse } from './large-body';
import { PagedResponse } from './paged-response';
import { parseBody, readMembers } from './request-body';
import type { RequestContexts } from './request-context';
import { badRequest, RequestError } from './request-error';
import { sendFailure, sendJson } from './send-response';

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller of a REST request. */
    restContext: GraphqlContext | null;
  }
}

export interface RouteHandlerOptions {
  route: Route;
  contract: Contract;
  executor: OperationExecutor;
  contexts: RequestContexts;
}

/** Runs one row of a contract. Everything that requests have in common is prepared once. */
export class RouteHandler {
  readonly route: Route;
  private readonly contract: Contract;
  private readonly executor: OperationExecutor;
  private readonly contexts: RequestContexts;
  private readonly operation: SharedOperation;
  private readonly precondition: SharedOperation | null;
  private readonly paged: PagedResponse | null;

  constructor(options: RouteHandlerOptions) {
    const { route, contract, executor, contexts } = options;
    this.route = route;
    this.contract = contract;
    this.executor = executor;
    this.contexts = contexts;
    this.operation = readOperation(route.operation);
    this.precondition = route.precondition ? readOperation(route.precondition.operation) : null;
    this.paged = route.pages ? new PagedResponse({ ...options, pages: route.pages, operation: this.operation }) : null;
  }

  /** Decides access before the body is read: 401 and 403 come first, and no stranger's body is kept. */
  admit = async (request: FastifyRequest): Promise<void> => {
    const params = request.params as RestRequest['params'];
    // the router lets `:name` match an empty segment
    if (this.route.path.includes(':') && Object.values(params).includes(''))
      throw badRequest('NOT_FOUND', 'path', 'There is nothing at this path');
    const context = await this.contexts.create(request, this.contract);
    request.restContext = context;
    this.executor.authorize(this.operation, this.route.accessVariables({ params }), context);
  };

  handle = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const context = request.restContext!;
    if (this.paged) return this.paged.send(request, reply, context);
    const { route, contract } = this;
    const variables = route.variables(await this.read(request, context));
    let data: unknown;
    try {
      data = await this.executor.run(this.operation, variables, context);
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
    const params = request.params as RestRequest['params'];
    if (!this.route.body) return { params, body: {} };
    try {
      const bytes = (request.body as Buffer | undefined) ?? Buffer.alloc(0);
      await turnToParse(bytes);
      const parsed = parseBody({ bytes, contentType: bytes.length > 0 ? request.headers['content-type'] : undefined });
      return { params, body: readMembers(this.route.body, parsed) };
    } catch (error) {
      if (error instanceof RequestError) await this.requirePrecondition(params, context);
      throw error;
    }
  }

  /** @throws AppError when the row would be refused whatever its body */
  private async requirePrecondition(params: RestRequest['params'], context: GraphqlContext): Promise<void> {
    const { precondition } = this.route;
    if (!precondition || !this.precondition) return;
    try {
      await this.executor.run(this.precondition, precondition.variables({ params }), context);
    } catch (error) {
      if (error instanceof AppError && precondition.errors.includes(error.code)) throw error;
    }
  }
}
