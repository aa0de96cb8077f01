import type { FastifyRequest } from 'fastify';
import type { GraphqlContext } from '../../graphql/server/context';
import { createLoaders, type Loaders } from '../../graphql/server/loaders';
import { identify } from '../../http/request-caller';
import type { TokenAuthenticator } from '../../security/tokens/token-authenticator';
import type { Caller } from '../../services/caller';
import type { UserQueries } from '../../services/users/user-queries';
import type { Contract } from './contract';

/** What one REST request brings to the resolvers. */
class RequestContext implements GraphqlContext {
  private own: Loaders | undefined;

  constructor(
    readonly caller: Caller,
    readonly authenticationUnavailable: unknown,
    private readonly users: UserQueries,
  ) {}

  /** Made when somebody asks: most rows do not. */
  get loaders(): Loaders {
    this.own ??= createLoaders(this.users);
    return this.own;
  }
}

/** Says who makes a request at a contract's channel. */
export class RequestContexts {
  constructor(
    private readonly authenticator: TokenAuthenticator,
    private readonly users: UserQueries,
  ) {}

  async of(request: FastifyRequest, contract: Pick<Contract, 'channel' | 'extendCaller'>): Promise<GraphqlContext> {
    const { caller, authenticationUnavailable } = await identify(request, contract.channel, this.authenticator);
    const believed = contract.extendCaller ? { ...caller, ...contract.extendCaller(request) } : caller;
    return new RequestContext(believed, authenticationUnavailable, this.users);
  }
}
