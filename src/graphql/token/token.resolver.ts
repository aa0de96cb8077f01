import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { AppError } from '../../errors/app-error';
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
  TokenSet,
} from './token.types';

export interface TokenServices {
  login: Login;
  refresh: Refresh;
  logout: Logout;
  introspection: IntrospectionService;
}

/** In cookie mode the cookie holds the refresh token, and no script of the page sees it. */
function keepRefreshToken(tokens: TokenSet, cookie: GraphqlContext['refreshCookie']): TokenSet {
  if (!cookie || tokens.refreshToken === null || tokens.refreshExpiresIn === null) return tokens;
  cookie.set(tokens.refreshToken, tokens.refreshExpiresIn);
  return { ...tokens, refreshToken: null };
}

/** @throws AppError BAD_USER_INPUT; INVALID_REFRESH_TOKEN in cookie mode */
function tokenOf(given: string | null | undefined, cookie: GraphqlContext['refreshCookie']): string {
  const token = given ?? cookie?.token;
  if (typeof token === 'string') return token;
  throw cookie ? new AppError('INVALID_REFRESH_TOKEN') : missing('refreshToken');
}

const missing = (field: string): AppError =>
  new AppError('BAD_USER_INPUT', { detail: `The field "${field}" is needed, except in cookie mode` });

@Resolver()
export class TokenResolver {
  constructor(private readonly services: TokenServices) {}

  @Mutation(() => LoginPayload, {
    nullable: true,
    description: 'Opens a session with user name or e-mail address and password.',
  })
  async login(
    @Arg('input', () => LoginInput, { description: 'Name and password.' }) input: LoginInput,
    @Ctx() { caller, refreshCookie }: GraphqlContext,
  ): Promise<LoginPayload> {
    const previousToken = input.previousToken ?? refreshCookie?.token;
    const { tokens, user } = await this.services.login.run({ ...input, previousToken }, caller);
    return { tokens: keepRefreshToken(tokens, refreshCookie), user };
  }

  @Mutation(() => RefreshPayload, {
    nullable: true,
    description:
      'Exchanges a refresh token for fresh tokens. Each is good for one use; using it again later ends the session.',
  })
  async refresh(
    @Arg('input', () => RefreshInput, { nullable: true, description: 'The token; cookie mode needs none.' })
    input: RefreshInput | null,
    @Ctx() { caller, refreshCookie }: GraphqlContext,
  ): Promise<RefreshPayload> {
    try {
      const token = tokenOf(input?.refreshToken, refreshCookie);
      return { tokens: keepRefreshToken(await this.services.refresh.run(token, caller), refreshCookie) };
    } catch (error) {
      if (error instanceof AppError && error.code === 'INVALID_REFRESH_TOKEN') refreshCookie?.clear();
      throw error;
    }
  }

  @Mutation(() => DonePayload, {
    nullable: true,
    description: 'Ends the session of a token. Always succeeds.',
  })
  async logout(
    @Arg('input', () => LogoutInput, { nullable: true, description: 'The token; cookie mode needs none.' })
    input: LogoutInput | null,
    @Ctx() { caller, refreshCookie }: GraphqlContext,
  ): Promise<DonePayload> {
    const given = [input?.token, refreshCookie?.token].filter((token) => typeof token === 'string');
    if (given.length === 0 && !refreshCookie) throw missing('token');
    for (const token of given) await this.services.logout.run(token, caller);
    refreshCookie?.clear();
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
