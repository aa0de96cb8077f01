import { Field, Float, InputType, Int, ObjectType } from 'type-graphql';
import type { TokenRefusal as Refusal } from '../../security/tokens/token-error';
import { ID } from '../shared/scalars';
import { User } from '../user/user.types';
import { TokenRefusal } from './token-refusal.enum';

@ObjectType({ description: 'What a client holds after a login (RFC 6749 section 5.1).' })
export class TokenSet {
  @Field(() => String, { description: 'Send it as `Authorization: Bearer <token>`.' })
  accessToken!: string;

  @Field(() => String, { description: 'Always Bearer.' })
  tokenType!: string;

  @Field(() => Int, { description: 'Seconds until the access token expires.' })
  expiresIn!: number;

  @Field(() => String, {
    nullable: true,
    description:
      'Exchange it with `refresh`; good for one use. Null in cookie mode, where the cookie holds it, and with compat ' +
      'tokens, which are refreshed with themselves.',
  })
  refreshToken!: string | null;

  @Field(() => Int, { nullable: true, description: 'Seconds until the refresh token expires.' })
  refreshExpiresIn!: number | null;

  @Field(() => String, {
    description: 'Scopes of the access token, separated by spaces: ROLE_<role> and permission names.',
  })
  scope!: string;

  @Field(() => ID, { description: 'Id of the session, for `sessions` and `revokeSession`.' })
  sessionId!: string;
}

@ObjectType({ description: 'Tokens and their account.' })
export class LoginPayload {
  @Field(() => TokenSet, { description: 'The tokens.' })
  tokens!: TokenSet;

  @Field(() => User, { description: 'The user who has logged in.' })
  user!: User;
}

@ObjectType({ description: 'Fresh tokens.' })
export class RefreshPayload {
  @Field(() => TokenSet, { description: 'The tokens to use from now on.' })
  tokens!: TokenSet;
}

@ObjectType({
  description: 'The state of a token (RFC 7662 section 2.2). Only `active` is shown to callers who may not see more.',
})
export class Introspection {
  @Field(() => Boolean, { description: 'Whether the token is accepted at this moment.' })
  active!: boolean;

  @Field(() => TokenRefusal, {
    nullable: true,
    description: 'Why the token is refused; null for an active token, and to callers without INTROSPECT_TOKENS.',
  })
  reason?: Refusal;

  @Field(() => String, { nullable: true, description: 'Its scopes that the account still has.' })
  scope?: string;

  @Field(() => String, { nullable: true, description: 'Client it was issued to.' })
  clientId?: string;

  @Field(() => String, { nullable: true, description: 'User name.' })
  username?: string;

  @Field(() => String, { nullable: true, description: 'Bearer, or refresh_token.' })
  tokenType?: string;

  @Field(() => Float, { nullable: true, description: 'When it expires, in seconds since 1970.' })
  exp?: number;

  @Field(() => Float, { nullable: true, description: 'When it was issued, in seconds since 1970.' })
  iat?: number;

  @Field(() => Float, { nullable: true, description: 'Not before, in seconds since 1970.' })
  nbf?: number;

  @Field(() => String, {
    nullable: true,
    description: 'Subject: the user id; the user name in compat tokens, except in the strict profile.',
  })
  sub?: string;

  @Field(() => [String], { nullable: true, description: 'Audience.' })
  aud?: string[];

  @Field(() => String, { nullable: true, description: 'Issuer.' })
  iss?: string;

  @Field(() => String, { nullable: true, description: 'Id of the token.' })
  jti?: string;

  @Field(() => String, { nullable: true, description: 'Session of the token.' })
  sid?: string;
}

@InputType({ description: 'Name and password.' })
export class LoginInput {
  @Field(() => String, { description: 'User name or e-mail address.' })
  username!: string;

  @Field(() => String, { description: 'Password.' })
  password!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'A token of the session that this login takes the place of, which then ends. It also shows that the client is ' +
      'a device of the account, which wrong passwords from elsewhere do not hold up. Cookie mode takes that of the ' +
      'cookie without it.',
  })
  previousToken?: string | null;
}

@InputType({ description: 'A token to exchange.' })
export class RefreshInput {
  @Field(() => String, {
    nullable: true,
    description:
      'The refresh token that the last login or refresh gave. Cookie mode takes that of the cookie without it.',
  })
  refreshToken?: string | null;
}

@InputType({ description: 'A token to end.' })
export class LogoutInput {
  @Field(() => String, {
    nullable: true,
    description: 'A token of any kind; its session ends. In cookie mode that of the cookie ends too.',
  })
  token?: string | null;
}

@InputType({ description: 'A token to introspect.' })
export class IntrospectInput {
  @Field(() => String, { description: 'A token of any kind.' })
  token!: string;
}
