import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { ChangeAwareCache } from '../../database/change-aware-cache';
import type { ChangeFeed } from '../../database/change-feed';
import { isUuid } from '../../database/uuid';
import { findAccountState, findCompatTokenState, findSessionTokenState } from '../../queries/account-state';
import { Principal } from '../principal';
import { effectiveScopes } from '../scopes';
import { type AccessTokens, TokenError, tokenHash, type VerifiedToken } from './access-tokens';
import { type TokenState, toAccountState, toTokenState } from './account-state';

export type { TokenState } from './account-state';

/** A token that is accepted now. */
export interface AcceptedToken {
  readonly principal: Principal;
  readonly claims: VerifiedToken['claims'];
}

interface KnownToken extends AcceptedToken {
  readonly expiresAt: number;
}

const MAX_KNOWN_TOKENS = 100_000;

/**
 * The one place where an access token is accepted: whose it is, and what it may do at this moment.
 * Accepted tokens are cached under their hash until their account changes.
 */
export class TokenAuthenticator {
  private readonly accepted: ChangeAwareCache<KnownToken>;

  constructor(
    private readonly em: SqlEntityManager,
    private readonly tokens: AccessTokens,
    feed: ChangeFeed,
    private readonly clock: Clock,
  ) {
    this.accepted = new ChangeAwareCache(feed, { max: MAX_KNOWN_TOKENS, account: ({ principal }) => principal.userId });
  }

  /**
   * @throws TokenError when the token is not, or no longer, accepted; any other error means that
   *   this could not be decided
   */
  async authenticate(token: string): Promise<Principal> {
    return (await this.examine(token)).principal;
  }

  /** Whose a token is, and its claims. @throws as `authenticate` */
  async examine(token: string): Promise<AcceptedToken> {
    const hash = tokenHash(token);
    const known = this.accepted.get(hash);
    if (known) {
      if (known.expiresAt > this.clock.now().getTime()) return known;
      this.accepted.delete(hash);
    }
    return this.accepted.fetch(hash, () => this.accept(token));
  }

  private async accept(token: string): Promise<KnownToken> {
    const verified = await this.tokens.verify(token);
    const state = await this.state(verified);
    if (!state) throw new TokenError('invalid');
    const principal = this.authorize(verified, state);
    const sessionEnd = state.liveUntil?.getTime() ?? Number.POSITIVE_INFINITY;
    return { principal, claims: verified.claims, expiresAt: Math.min(verified.expiresAt * 1000, sessionEnd) };
  }

  /** The state of the account of a token that may be expired, for refresh and logout. @throws TokenError */
  async reconsider(verified: VerifiedToken): Promise<TokenState> {
    const state = await this.state(verified);
    if (!state) throw new TokenError('invalid');
    this.authorize(verified, state);
    return state;
  }

  /** Whose a token is now, read in a transaction and never from memory. @throws TokenError */
  async reauthenticate(em: SqlEntityManager, { token }: Principal): Promise<Principal> {
    const state = await this.state(token, em);
    if (!state) throw new TokenError('invalid');
    return this.authorize(token, state);
  }

  /** What an account is and holds now, from the database. */
  async accountState(userId: string, em: SqlEntityManager = this.em): Promise<TokenState | undefined> {
    if (!isUuid(userId)) return undefined;
    const row = await findAccountState.row(em, { userId });
    return row && { ...toAccountState(row), revoked: false, liveUntil: null };
  }

  /** As `accountState`, with the state of one of its sessions. */
  async sessionTokenState(
    sessionId: string,
    userId: string,
    em: SqlEntityManager = this.em,
  ): Promise<TokenState | undefined> {
    if (!isUuid(sessionId) || !isUuid(userId)) return undefined;
    const row = await findSessionTokenState.row(em, { sessionId, userId });
    return row && toTokenState(row);
  }

  private async state(token: VerifiedToken, em: SqlEntityManager = this.em): Promise<TokenState | undefined> {
    if (token.kind === 'session') return this.sessionTokenState(token.sessionId ?? '', token.subject, em);
    if (token.subject.includes('\0')) return undefined;
    const row = await findCompatTokenState.row(em, { username: token.subject, tokenKey: token.key });
    return row && toTokenState(row);
  }

  private authorize(token: VerifiedToken, state: TokenState): Principal {
    const alive = token.kind === 'session' ? this.sessionLives(state) : isCompatTokenLive(token, state);
    if (!alive || !state.isActive || state.revoked) throw new TokenError('invalid');
    return new Principal({
      userId: state.userId,
      username: state.username,
      scopes: effectiveScopes(token.scopes, state.held),
      tokenKind: token.kind,
      sessionId: token.sessionId,
      tokenKey: token.kind === 'compat' ? token.key : null,
      token,
    });
  }

  private sessionLives(state: TokenState): boolean {
    return state.liveUntil !== null && state.liveUntil > this.clock.now();
  }

  /** Drops what is cached of an account at once, before the change feed names it. */
  evict(userId: string): void {
    this.accepted.evict(userId);
  }
}

/**
 * A compat token is bound to its account: by id and version where this service issued it, else by
 * name alone, so that it must not be older than the account or than its last change of password.
 */
function isCompatTokenLive(token: VerifiedToken, state: TokenState): boolean {
  if (state.exemptTokenKey === token.key) return token.userId === null || token.userId === state.userId;
  if (token.userId !== null && token.tokenVersion !== null) {
    return token.userId === state.userId && token.tokenVersion === state.tokenVersion;
  }
  if (token.userId !== null && token.userId !== state.userId) return false;
  const begun = Math.floor(state.createdAt.getTime() / 1000);
  const validAfter = (state.tokensValidAfter?.getTime() ?? Number.NEGATIVE_INFINITY) / 1000;
  return token.issuedAt >= begun && token.issuedAt > validAfter;
}
