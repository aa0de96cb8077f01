/**
 * Three kinds of tokens that can never replace each other: identity tokens (the identity contract's self-refreshable token),
 * session access tokens, and refresh tokens. The first two open doors as bearers.
 */
export type TokenKind = 'identity' | 'session';
