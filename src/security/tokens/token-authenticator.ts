import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../config/clock';
import type { ChangeFeed } from '../../database/change-feed';
import { isUuid } from '../../database/uuid';
import { findAccountState, findCompatTokenState, findSessionTokenState } from '../../queries/account-state';
import { Principal } from '../principal';
import { effectiveScopes } from '../scopes';
import { type AccessTokens, TokenError, tokenHash, type VerifiedToken } from './access-tokens';
import { type TokenState, toAccountState, tokenStateOf } from './account-state';

export type { TokenState } from './account-state';

/** A token that counts now. */
export interface AcceptedToken {
  readonly principal: Principal;
  /** What was signed. */
  readonly claims: VerifiedToken['claims'];
}

interface Entry extends AcceptedToken {
  readonly expiresAt: number;
}

/**
 * Says who a token stands for and what it may do at this moment: the one place where a token is
 * accepted.
 *
 * Accepted tokens are remembered under their hash, and forgotten when the change feed names their
 * account. While the feed is not trusted nothing remembered is used: every check asks the database.
 * An answer that was on its way when its account was named is not remembered. Refusals are never
 * remembered.
 */
export class TokenAuthenticator {
  private readonly accepted = new LRUCache<string, Entry>({
    max: 100_000,
    dispose: (entry, hash) => this.unindex(entry, hash),
  });
  private readonly hashesOf = new Map<string, Set<string>>();
  /**
   * Counts what the feed has said; a fill that saw another number at its start is not remembered.
   */
  private generation = 0;

  constructor(
    private readonly em: SqlEntityManager,
    private readonly tokens: AccessTokens,
    private readonly feed: ChangeFeed,
    private readonly clock: Clock,
  ) {
    feed.onChange((account) => this.forget(account));
  }

  /**
   * @throws TokenError when the token is not, or not any more, to be accepted; any other error
   *   means that this cannot be said
   */
  async authenticate(token: string): Promise<Principal> {
    return (await this.examine(token)).principal;
  }

  /** Who a token stands for, and what is in it. @throws as `authenticate` */
  async examine(token: string): Promise<AcceptedToken> {
    const hash = tokenHash(token);
    const known = this.accepted.get(hash);
    if (known && this.feed.trusted) {
      if (known.expiresAt > this.clock.now().getTime()) return known;
      this.accepted.delete(hash);
    }
    const generation = this.generation;
    const verified = await this.tokens.verify(token);
    const state = await this.state(verified);
    if (!state) throw new TokenError('invalid');
    const accepted = { principal: this.authorize(verified, state), claims: verified.claims };
    if (this.feed.trusted && generation === this.generation) this.remember(hash, accepted, verified, state);
    return accepted;
  }

  /** The principal of a token that may be expired: for refresh. @throws TokenError */
  async reconsider(verified: VerifiedToken): Promise<TokenState> {
    const state = await this.state(verified);
    if (!state) throw new TokenError('invalid');
    this.authorize(verified, state);
    return state;
  }

  /** What an account holds now, asked from the database. */
  async accountStateOf(userId: string, em: SqlEntityManager = this.em): Promise<TokenState | undefined> {
    if (!isUuid(userId)) return undefined;
    const row = await findAccountState.row(em, { userId });
    return row && { ...toAccountState(row), revoked: false, liveUntil: null };
  }

  /** What an account holds now, and what has become of one of its sessions. */
  async sessionTokenState(sessionId: string, userId: string): Promise<TokenState | undefined> {
    if (!isUuid(sessionId) || !isUuid(userId)) return undefined;
    const row = await findSessionTokenState.row(this.em, { sessionId, userId });
    return row && tokenStateOf(row);
  }

  private async state(token: VerifiedToken): Promise<TokenState | undefined> {
    if (token.kind === 'session') return this.sessionTokenState(token.sessionId ?? '', token.subject);
    if (token.subject.includes('\0')) return undefined;
    const row = await findCompatTokenState.row(this.em, { username: token.subject, tokenKey: token.key });
    return row && tokenStateOf(row);
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
    });
  }

  private sessionLives(state: TokenState): boolean {
    return state.liveUntil !== null && state.liveUntil > this.clock.now();
  }

  private remember(hash: string, { principal, claims }: AcceptedToken, token: VerifiedToken, state: TokenState): void {
    const expiresAt = Math.min(token.expiresAt * 1000, state.liveUntil?.getTime() ?? Number.POSITIVE_INFINITY);
    this.accepted.set(hash, { principal, claims, expiresAt });
    const hashes = this.hashesOf.get(principal.userId) ?? new Set();
    this.hashesOf.set(principal.userId, hashes.add(hash));
  }

  /** What is remembered of an account, or of all (`*`), is asked again. */
  forget(account: string): void {
    this.generation++;
    if (account === '*') {
      this.accepted.clear();
      this.hashesOf.clear();
      return;
    }
    for (const hash of this.hashesOf.get(account) ?? []) this.accepted.delete(hash);
  }

  private unindex({ principal }: Entry, hash: string): void {
    const hashes = this.hashesOf.get(principal.userId);
    hashes?.delete(hash);
    if (hashes?.size === 0) this.hashesOf.delete(principal.userId);
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
