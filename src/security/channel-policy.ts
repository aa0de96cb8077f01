import type { TokenKind } from './tokens/token-kinds';

/**
 * What one channel does differently from another, as data that its contract declares. The request
 * carries it, and services read it instead of the channel's name.
 */
export interface ChannelPolicy {
  readonly name: 'graphql' | 'identity' | 'session' | 'kong';
  /** The kind of token that its login issues and its refresh takes. */
  readonly issues: TokenKind;
  /** `username` matches e-mail addresses too. */
  readonly loginBy: 'username' | 'email';
  /** Whether a refresh gives a new refresh token, or leaves the client the one it has. */
  readonly rotatesRefreshTokens: boolean;
  /** Whether the error tells an unknown user from a wrong password. */
  readonly tellsUnknownUser: boolean;
  /** Whether its login limit counts every request, not failures alone. */
  readonly limitsEveryLogin: boolean;
  /** Whether a compat token alone changes its own account's password and e-mail, without the current password. */
  readonly changesOwnCredentials: boolean;
}
