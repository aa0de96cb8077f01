import type { FastifyRequest } from 'fastify';
import type { GraphqlContext } from '../graphql/context';
import { createLoaders, type Loaders } from '../graphql/loaders';
import { identify } from '../http/request-caller';
import type { Authority } from '../security/authority';
import type { Caller } from '../services/caller';
import type { UserReader } from '../services/user-reader';
import type { Contract } from './contract';

/** What one REST request brings to the resolvers. */
class RequestContext implements GraphqlContext {
  private own: Loaders | undefined;

  constructor(
    readonly caller: Caller,
    readonly undecided: unknown,
    private readonly users: UserReader,
  ) {}

  /** Made when somebody asks: most rows do not. */
  get loaders(): Loaders {
    this.own ??= createLoaders(this.users);
    return this.own;
  }
}

/** Says who makes a request at a contract's door. */
export class RequestContexts {
  constructor(
    private readonly authority: Authority,
    private readonly users: UserReader,
  ) {}

  async of(request: FastifyRequest, contract: Pick<Contract, 'door' | 'believes'>): Promise<GraphqlContext> {
    const { caller, undecided } = await identify(request, contract.door, this.authority);
    const believed = contract.believes ? { ...caller, ...contract.believes(request) } : caller;
    return new RequestContext(believed, undecided, this.users);
  }
}
