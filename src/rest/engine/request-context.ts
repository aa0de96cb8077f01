import type { FastifyRequest } from 'fastify';
import type { GraphqlContext } from '../../graphql/server/context';
import { identify } from '../../http/request-caller';
import type { TokenAuthenticator } from '../../security/tokens/token-authenticator';
import type { Contract } from './contract';

/** Builds what one request of a contract brings to the resolvers. */
export class RequestContexts {
  constructor(private readonly authenticator: TokenAuthenticator) {}

  async create(
    request: FastifyRequest,
    { channel, extendCaller }: Pick<Contract, 'channel' | 'extendCaller'>,
  ): Promise<GraphqlContext> {
    const { caller, authenticationUnavailable } = await identify(request, channel, this.authenticator);
    return { caller: extendCaller ? { ...caller, ...extendCaller(request) } : caller, authenticationUnavailable };
  }
}
