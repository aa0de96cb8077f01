import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../config/clock';
import type { ChangeFeed } from '../database/change-feed';
import { folded } from '../database/folded';
import { prepare } from '../database/prepared';
import { sqlRow } from '../database/sql';
import { isUuid } from '../database/uuid';
import { type AccessTokens, TokenError, tokenHash, type VerifiedToken } from './access-tokens';
import { Principal } from './principal';
import { effectiveScopes } from './scopes';
import { ACCOUNT, type AccountRow, accountOf, type Standing, type StandingRow, standingOf } from './standing';

export type { Standing } from './standing';

const BY_NAME = prepare(
  'standing-by-name',
  `select ${ACCOUNT}, exists (select from revoked_tokens t where t.key = ?) as revoked, null as live_until
  from users u where u.username_key = ${folded('?::text')}`,
);

const BY_SESSION = prepare(
  'standing-by-session',
  `select ${ACCOUNT}, s.revoked_at is not null as revoked, least(s.idle_until, s.expires_at) as live_until
  from sessions s join users u on u.id = s.user_id where s.id = ? and u.id = ?`,
);

const BY_ID = prepare('account-by-id', `select ${ACCOUNT} from users u where u.id = ?`);

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
 * Says who a token stands for and what it may do at this moment: the one place where a token is accepted.
 *
 * Accepted tokens are remembered under their hash, and forgotten when the change feed names their account. While the feed is
 * not trusted nothing remembered is used: every check asks the database. An answer that was on its way when its account was
 * named is not remembered. Refusals are never remembered.
 */
export class Authority {
  private readonly accepted = new LRUCache<string, Entry>({ max: 100_000, dispose: (entry, hash) => this.unindex(entry, hash) });
  private readonly hashesOf = new Map<string, Set<string>>();
  /** Counts what the feed has said; a fill that saw another number at its start is not remembered. */
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
   * @throws TokenError when the token is not, or not any more, to be accepted; any other error means that this cannot be said
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
    const standing = await this.standing(verified);
    if (!standing) throw new TokenError('invalid');
    const accepted = { principal: this.judge(verified, standing), claims: verified.claims };
    if (this.feed.trusted && generation === this.generation) this.remember(hash, accepted, verified, standing);
    return accepted;
  }

  /** The principal of a token that may be expired: for refresh. @throws TokenError */
  async reconsider(verified: VerifiedToken): Promise<Standing> {
    const standing = await this.standing(verified);
    if (!standing) throw new TokenError('invalid');
    this.judge(verified, standing);
    return standing;
  }

  /** What an account holds now, asked from the database. */
  async standingOfUser(userId: string, em: SqlEntityManager = this.em): Promise<Standing | undefined> {
    if (!isUuid(userId)) return undefined;
    const row = await sqlRow<AccountRow>(em, BY_ID, [userId]);
    return row && { ...accountOf(row), revoked: false, liveUntil: null };
  }

  /** What an account holds now, and what has become of one of its sessions. */
  async standingOfSession(sessionId: string, userId: string): Promise<Standing | undefined> {
    if (!isUuid(sessionId) || !isUuid(userId)) return undefined;
    const row = await sqlRow<StandingRow>(this.em, BY_SESSION, [sessionId, userId]);
    return row && standingOf(row);
  }

  private async standing(token: VerifiedToken): Promise<Standing | undefined> {
    if (token.kind === 'session') return this.standingOfSession(token.sessionId ?? '', token.subject);
    if (token.subject.includes('\0')) return undefined;
    const row = await sqlRow<StandingRow>(this.em, BY_NAME, [token.key, token.subject]);
    return row && standingOf(row);
  }

  private judge(token: VerifiedToken, standing: Standing): Principal {
    const alive = token.kind === 'session' ? this.sessionLives(standing) : identityTokenLives(token, standing);
    if (!alive || !standing.isActive || standing.revoked) throw new TokenError('invalid');
    return new Principal({
      userId: standing.userId,
      username: standing.username,
      scopes: effectiveScopes(token.scopes, standing.held),
      tokenKind: token.kind,
      sessionId: token.sessionId,
      tokenKey: token.kind === 'identity' ? token.key : null,
    });
  }

  private sessionLives(standing: Standing): boolean {
    return standing.liveUntil !== null && standing.liveUntil > this.clock.now();
  }

  private remember(hash: string, { principal, claims }: AcceptedToken, token: VerifiedToken, standing: Standing): void {
    const expiresAt = Math.min(token.expiresAt * 1000, standing.liveUntil?.getTime() ?? Number.POSITIVE_INFINITY);
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
 * An identity token is bound to its account: by id and version where this service issued it, else by name alone, so that it
 * must not be older than the account or than its last change of password.
 */
function identityTokenLives(token: VerifiedToken, standing: Standing): boolean {
  if (standing.sparedToken === token.key) return token.userId === null || token.userId === standing.userId;
  if (token.userId !== null && token.tokenVersion !== null) {
    return token.userId === standing.userId && token.tokenVersion === standing.tokenVersion;
  }
  if (token.userId !== null && token.userId !== standing.userId) return false;
  const begun = Math.floor(standing.createdAt.getTime() / 1000);
  const validAfter = (standing.tokensValidAfter?.getTime() ?? Number.NEGATIVE_INFINITY) / 1000;
  return token.issuedAt >= begun && token.issuedAt > validAfter;
}
