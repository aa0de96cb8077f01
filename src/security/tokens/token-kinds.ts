/**
 * Three kinds of tokens that can never replace each other: compat tokens (the identity contract's
 * self-refreshable token), session access tokens, and refresh tokens. The first two open channels
 * as bearers.
 */
export type TokenKind = 'compat' | 'session';
