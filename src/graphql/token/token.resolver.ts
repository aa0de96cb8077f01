import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { LoginService } from '../../services/auth/login.service';
import type { TokenService } from '../../services/auth/token.service';
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

@Resolver()
export class TokenResolver {
  constructor(
    private readonly logins: LoginService,
    private readonly tokens: TokenService,
  ) {}

  @Mutation(() => LoginPayload, {
    nullable: true,
    description: 'Opens a session with user name or e-mail address and password.',
  })
  login(
    @Arg('input', () => LoginInput, { description: 'Name and password.' }) input: LoginInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<LoginPayload> {
    return this.logins.login(input, caller);
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
    return { tokens: await this.tokens.refresh(input.refreshToken, caller) };
  }

  @Mutation(() => DonePayload, {
    nullable: true,
    description: 'Ends what a token stands for: its session, or the compat token itself. Always succeeds.',
  })
  async logout(
    @Arg('input', () => LogoutInput, { description: 'The token.' }) input: LogoutInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<DonePayload> {
    await this.tokens.logout(input.token, caller);
    return done;
  }

  @Mutation(() => Introspection, {
    nullable: true,
    description: 'Says whether a token is accepted now, and to its owner or with INTROSPECT_TOKENS what is in it.',
  })
  introspect(
    @Arg('input', () => IntrospectInput, { description: 'The token.' }) input: IntrospectInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<Introspection> {
    return this.tokens.introspect(input.token, caller);
  }
}
