import type { TokenKind } from './tokens/token-kinds';

/**
 * What one channel does differently from another, as data that its contract declares. The request
 * carries it, and services read it instead of the channel's name.
 */
export interface ChannelPolicy {
  readonly name: 'graphql' | 'identity' | 'session' | 'kong';
  /** The kinds of bearer tokens it takes. */
  readonly bearers: readonly TokenKind[];
  /** The kind of token that its login issues. */
  readonly issues: TokenKind;
  /** `username` matches e-mail addresses too. */
  readonly loginBy: 'username' | 'email';
  /** Whether a refresh gives a new refresh token, or leaves the client the one it has. */
  readonly rotatesRefreshTokens: boolean;
  /** Whether the error tells an unknown user from a wrong password. */
  readonly tellsUnknownUser: boolean;
  /** Whether its login limit counts every request, not failures alone. */
  readonly limitsEveryLogin: boolean;
  /** Whether users may change their own password in an update, without giving the current one. */
  readonly setsOwnPassword: boolean;
}
