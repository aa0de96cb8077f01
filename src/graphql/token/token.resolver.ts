import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Introspection as IntrospectionService } from '../../services/auth/introspect';
import type { Login } from '../../services/auth/login';
import type { Logout } from '../../services/auth/logout';
import type { Refresh } from '../../services/auth/refresh';
import type { GraphqlContext } from '../server/context';
import { DonePayload, done } from '../shared/done.types';
import {
  IntrospectInput,
  Introspection,
  LoginInput,
  LoginPayload,
  LogoutInput,
  RefreshInput,
  RefreshPayload,
} from './token.types';

export interface TokenServices {
  login: Login;
  refresh: Refresh;
  logout: Logout;
  introspection: IntrospectionService;
}

@Resolver()
export class TokenResolver {
  constructor(private readonly services: TokenServices) {}

  @Mutation(() => LoginPayload, {
    nullable: true,
    description: 'Opens a session with user name or e-mail address and password.',
  })
  login(
    @Arg('input', () => LoginInput, { description: 'Name and password.' }) input: LoginInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<LoginPayload> {
    return this.services.login.run(input, caller);
  }

  @Mutation(() => RefreshPayload, {
    nullable: true,
    description:
      'Exchanges a refresh token for fresh tokens. Each is good for one use; using it again later ends the session.',
  })
  async refresh(
    @Arg('input', () => RefreshInput, { description: 'The token.' }) input: RefreshInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<RefreshPayload> {
    return { tokens: await this.services.refresh.run(input.refreshToken, caller) };
  }

  @Mutation(() => DonePayload, {
    nullable: true,
    description: 'Ends the session of a token. Always succeeds.',
  })
  async logout(
    @Arg('input', () => LogoutInput, { description: 'The token.' }) input: LogoutInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<DonePayload> {
    await this.services.logout.run(input.token, caller);
    return done;
  }

  @Mutation(() => Introspection, {
    nullable: true,
    description: 'Whether a token is accepted now; for its owner, or with INTROSPECT_TOKENS, its content too.',
  })
  introspect(
    @Arg('input', () => IntrospectInput, { description: 'The token.' }) input: IntrospectInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<Introspection> {
    return this.services.introspection.run(input.token, caller);
  }
}
