import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { ChangeAwareCache } from '../../database/change-aware-cache';
import type { ChangeFeed } from '../../database/change-feed';
import { NotPrimaryError } from '../../database/not-primary-error';
import { isUuid } from '../../database/uuid';
import { tokensRefused } from '../../observability/metrics/metrics';
import {
  findNamedTokenState,
  findSessionTokenState,
  type PrimaryAnswer,
  type TokenStateRow,
} from '../../queries/account-state';
import { Principal } from '../principal';
import { effectiveScopes } from '../scopes';
import { type AccessTokens, tokenHash, type VerifiedToken } from './access-tokens';
import { type TokenState, toTokenState } from './account-state';
import { TokenError } from './token-error';

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
    this.accepted = new ChangeAwareCache(feed, {
      name: 'tokens',
      max: MAX_KNOWN_TOKENS,
      account: ({ principal }) => principal.userId,
    });
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
    return this.accepted
      .fetch(hash, () => this.accept(token))
      .catch((error: unknown) => {
        if (error instanceof TokenError) tokensRefused.inc({ kind: 'access', reason: error.refusal });
        throw error;
      });
  }

  private async accept(token: string): Promise<KnownToken> {
    const verified = await this.tokens.verify(token);
    const state = await this.state(verified);
    if (!state) throw new TokenError('UNKNOWN_ACCOUNT');
    const principal = this.authorize(verified, state);
    const sessionEnd = state.liveUntil?.getTime() ?? Number.POSITIVE_INFINITY;
    return { principal, claims: verified.claims, expiresAt: Math.min(verified.expiresAt * 1000, sessionEnd) };
  }

  /** The state of a token without a session that may be expired, for refresh and logout. @throws TokenError */
  async namedTokenState(token: VerifiedToken): Promise<TokenState> {
    const state = await this.state(token);
    if (!state) throw new TokenError('UNKNOWN_ACCOUNT');
    if (!state.isActive) throw new TokenError('ACCOUNT_DISABLED');
    if (!isNamedTokenLive(token, state)) throw new TokenError('REVOKED');
    return state;
  }

  /** Whose a token is now, read in a transaction and never from memory. @throws TokenError */
  async reauthenticate(em: SqlEntityManager, { token }: Principal): Promise<Principal> {
    const state = await this.state(token, em);
    if (!state) throw new TokenError('UNKNOWN_ACCOUNT');
    return this.authorize(token, state);
  }

  private async state(token: VerifiedToken, em: SqlEntityManager = this.em): Promise<TokenState | undefined> {
    const row = await findRow(token, em);
    return row && toTokenState(row);
  }

  private authorize(token: VerifiedToken, state: TokenState): Principal {
    if (!state.isActive) throw new TokenError('ACCOUNT_DISABLED');
    if (state.revoked) throw new TokenError('REVOKED');
    if (token.sessionId === null) {
      if (!isNamedTokenLive(token, state)) throw new TokenError('REVOKED');
    } else {
      if (!namesAccount(token, state)) throw new TokenError('UNKNOWN_ACCOUNT');
      if (!this.isSessionLive(state)) throw new TokenError('SESSION_ENDED');
    }
    return new Principal({
      userId: state.userId,
      username: state.username,
      scopes: effectiveScopes(token.scopes, state.held),
      tokenKind: token.kind,
      sessionId: token.sessionId,
      tokenKey: token.sessionId === null ? token.key : null,
      token,
    });
  }

  private isSessionLive({ liveUntil }: TokenState): boolean {
    return liveUntil !== null && liveUntil > this.clock.now();
  }

  /** Drops what is cached of an account at once, before the change feed names it. */
  evict(userId: string): void {
    this.accepted.evict(userId);
  }
}

/** @throws NotPrimaryError where a standby was asked */
async function findRow(token: VerifiedToken, em: SqlEntityManager): Promise<TokenStateRow | undefined> {
  const row = await ask(token, em);
  if (row?.is_standby) throw new NotPrimaryError('a token was looked up on a standby');
  return row === undefined || row.id === null ? undefined : row;
}

async function ask(token: VerifiedToken, em: SqlEntityManager): Promise<PrimaryAnswer<TokenStateRow> | undefined> {
  const { sessionId, userId, subject, key: tokenKey } = token;
  if (sessionId !== null)
    return isUuid(sessionId) && userId !== null && isUuid(userId)
      ? findSessionTokenState.row(em, { sessionId, userId, tokenKey })
      : undefined;
  return findNamedTokenState.row(em, { username: subject, tokenKey });
}

const namesAccount = ({ subject }: VerifiedToken, { userId, username }: TokenState): boolean =>
  subject === userId || subject === username;

/**
 * A token of an earlier service has no session and names its account alone, so that it must not be
 * older than the account, nor than the last change that ended all tokens of the account.
 */
function isNamedTokenLive(token: VerifiedToken, state: TokenState): boolean {
  if (token.userId !== null && token.userId !== state.userId) return false;
  if (state.exemptTokenKey === token.key) return true;
  const createdAt = Math.floor(state.createdAt.getTime() / 1000);
  const validAfter = (state.tokensValidAfter?.getTime() ?? Number.NEGATIVE_INFINITY) / 1000;
  return token.issuedAt >= createdAt && token.issuedAt > validAfter;
}
