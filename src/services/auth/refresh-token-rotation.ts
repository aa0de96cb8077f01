import { randomUUID } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { AppError } from '../../errors/app-error';
import {
  type ConsumedTokenRow,
  findConsumedToken,
  rotateRefreshToken,
  touchSession,
} from '../../queries/refresh-tokens';
import { tokenHash } from '../../security/tokens/access-tokens';
import type { RefreshTokenClaims, RefreshTokens } from '../../security/tokens/refresh-tokens';
import type { Caller } from '../caller';
import type { SessionLifetimes } from '../sessions/session-lifetimes';
import type { SessionRevocation } from '../sessions/session-revocation';
import { type ContinuedSession, fromRow } from './token-issuer';

const toSeconds = (date: Date): number => Math.floor(date.getTime() / 1000);

export interface RotationDependencies {
  em: SqlEntityManager;
  refreshTokens: RefreshTokens;
  revocation: SessionRevocation;
  lifetimes: SessionLifetimes;
  clock: Clock;
}

/** Continues sessions by their refresh tokens. */
export class RefreshTokenRotation {
  constructor(private readonly deps: RotationDependencies) {}

  /**
   * Exchanges a refresh token for its one successor. Simultaneous calls, and a client that lost the
   * answer, get the same successor for `grace` seconds; a later replay ends the session (RFC 9700
   * section 4.14.2).
   * @throws AppError INVALID_REFRESH_TOKEN
   */
  async rotate(claims: RefreshTokenClaims, token: string, caller: Caller): Promise<ContinuedSession> {
    const { refreshTtl } = this.deps.lifetimes;
    const { userId, sessionId } = claims;
    const now = this.deps.clock.now();
    const issuedAt = toSeconds(now);
    const child = { userId, sessionId, tokenId: randomUUID(), issuedAt, expiresAt: issuedAt + refreshTtl };
    const successor = await this.deps.refreshTokens.issue(child);
    const rotated = await rotateRefreshToken.row(this.deps.em, {
      tokenHash: tokenHash(token),
      childId: child.tokenId,
      childHash: tokenHash(successor),
      childExpiresAt: new Date(child.expiresAt * 1000),
      now,
      sentAt: new Date(),
    });
    if (!rotated) return this.repeat(claims, token, caller);
    return { ...fromRow(rotated), sessionId, usedAt: now, refresh: { token: successor, expiresIn: refreshTtl } };
  }

  /** The successor of a token that was used a moment ago, once more. */
  private async repeat(claims: RefreshTokenClaims, token: string, caller: Caller): Promise<ContinuedSession> {
    const now = this.deps.clock.now();
    const consumed = await findConsumedToken.row(this.deps.em, { tokenHash: tokenHash(token), now });
    if (!consumed?.is_live || consumed.consumed_at === null || consumed.child_id === null || !consumed.child_hash)
      throw new AppError('INVALID_REFRESH_TOKEN');
    if (this.isReuse(consumed, now)) {
      await this.deps.revocation.endForReuse(claims, caller);
      throw new AppError('INVALID_REFRESH_TOKEN');
    }
    const { userId, sessionId } = claims;
    const issuedAt = toSeconds(new Date(consumed.child_created_at));
    const expiresAt = toSeconds(new Date(consumed.child_expires_at));
    const tokenId = consumed.child_id;
    const child = { userId, sessionId, tokenId, issuedAt, expiresAt };
    const successor = await this.deps.refreshTokens.issueAgain(child, consumed.child_hash);
    return {
      ...fromRow(consumed),
      sessionId,
      usedAt: new Date(consumed.last_seen_at),
      refresh: { token: successor, expiresIn: expiresAt - toSeconds(now) },
    };
  }

  /**
   * Continues a session and leaves the client its refresh token.
   * @throws AppError INVALID_REFRESH_TOKEN
   */
  async touch(claims: RefreshTokenClaims, token: string, caller: Caller): Promise<ContinuedSession> {
    const now = this.deps.clock.now();
    const idleUntil = new Date(now.getTime() + this.deps.lifetimes.refreshTtl * 1000);
    const touched = await touchSession.row(this.deps.em, { tokenHash: tokenHash(token), idleUntil, now });
    if (!touched) {
      const consumed = await findConsumedToken.row(this.deps.em, { tokenHash: tokenHash(token), now });
      if (consumed && this.isReuse(consumed, now)) await this.deps.revocation.endForReuse(claims, caller);
      throw new AppError('INVALID_REFRESH_TOKEN');
    }
    const expiresIn = Math.max(0, claims.expiresAt - toSeconds(now));
    return { ...fromRow(touched), sessionId: claims.sessionId, usedAt: now, refresh: { token, expiresIn } };
  }

  /** Presented again after the grace: not by a client that has only lost the answer. */
  private isReuse({ consumed_at }: ConsumedTokenRow, now: Date): boolean {
    return consumed_at !== null && now.getTime() - new Date(consumed_at).getTime() > this.deps.lifetimes.grace * 1000;
  }
}
