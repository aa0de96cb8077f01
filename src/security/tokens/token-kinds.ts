/**
 * The kinds of access tokens: compat tokens, which the identity contract refreshes with themselves,
 * and session access tokens, which have a refresh token beside them. Each is a bearer token on every
 * channel; neither can be refreshed as the other, and a refresh token is no bearer token.
 */
export type TokenKind = 'compat' | 'session';
