import { randomUUID } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { isUuid } from '../../database/uuid';
import { AppError } from '../../errors/app-error';
import { tokensRefused } from '../../observability/metrics/metrics';
import { continueCompatSession, findDeniedToken, openCompatSession } from '../../queries/revoked-tokens';
import type { AccessTokens, VerifiedToken } from '../../security/tokens/access-tokens';
import type { RefreshTokens } from '../../security/tokens/refresh-tokens';
import type { TokenAuthenticator } from '../../security/tokens/token-authenticator';
import { TokenError } from '../../security/tokens/token-error';
import type { Caller } from '../caller';
import type { SessionLifetimes } from '../sessions/session-lifetimes';
import type { SessionRevocation } from '../sessions/session-revocation';
import type { RefreshTokenRotation } from './refresh-token-rotation';
import { type ContinuedSession, fromRow, type TokenIssuer, type TokenSet } from './token-issuer';

export interface RefreshDependencies {
  em: SqlEntityManager;
  accessTokens: AccessTokens;
  refreshTokens: RefreshTokens;
  authenticator: TokenAuthenticator;
  rotation: RefreshTokenRotation;
  issuer: TokenIssuer;
  revocation: SessionRevocation;
  lifetimes: SessionLifetimes;
  clock: Clock;
}

/** Exchanges what a client holds for fresh tokens. */
export class Refresh {
  constructor(private readonly deps: RefreshDependencies) {}

  /**
   * The channel decides what its clients hold: a refresh token of a session, or a compat token,
   * which is exchanged for a new one.
   * @throws AppError INVALID_REFRESH_TOKEN
   */
  async run(token: string, caller: Caller): Promise<TokenSet> {
    try {
      return caller.channel.issues === 'session'
        ? await this.continueSession(token, caller)
        : await this.replaceCompatToken(token, caller);
    } catch (error) {
      const refusal = error instanceof TokenError ? new AppError('INVALID_REFRESH_TOKEN') : error;
      if (refusal instanceof AppError && refusal.code === 'INVALID_REFRESH_TOKEN')
        tokensRefused.inc({
          kind: caller.channel.issues === 'session' ? 'refresh' : 'compat',
          reason: error instanceof TokenError ? error.refusal : 'NOT_REFRESHABLE',
        });
      throw refusal;
    }
  }

  private async continueSession(token: string, caller: Caller): Promise<TokenSet> {
    const { refreshTokens, rotation, issuer } = this.deps;
    const claims = await refreshTokens.verify(token);
    const session = caller.channel.rotatesRefreshTokens
      ? await rotation.rotate(claims, token, caller)
      : await rotation.touch(claims, token, caller);
    return issuer.issue('session', session);
  }

  private async replaceCompatToken(token: string, caller: Caller): Promise<TokenSet> {
    const { accessTokens, authenticator, issuer, clock } = this.deps;
    const verified = await accessTokens.verify(token, { expired: 'accept' });
    if (verified.kind !== 'compat') throw new TokenError('WRONG_KIND');
    if (accessTokens.refreshableUntil(verified) <= clock.now()) throw new TokenError('EXPIRED');
    const session =
      verified.sessionId === null
        ? await this.openSessionOf(verified, caller)
        : await this.continueSessionOf(verified, verified.sessionId);
    if (!session) {
      await this.endSessionOfReused(verified, caller);
      throw new TokenError('REVOKED');
    }
    authenticator.evict(session.account.userId); // before the change feed announces it to every process
    return issuer.issue('compat', session);
  }

  private async continueSessionOf(token: VerifiedToken, sessionId: string): Promise<ContinuedSession | undefined> {
    const { em, accessTokens, lifetimes, clock } = this.deps;
    const now = clock.now();
    const { key: tokenKey, userId } = token;
    if (userId === null || !isUuid(userId) || !isUuid(sessionId)) return undefined;
    const row = await continueCompatSession.row(em, {
      tokenKey,
      subject: token.subject,
      userId,
      sessionId,
      now,
      keptUntil: accessTokens.usableUntil(token),
      idleUntil: new Date(now.getTime() + lifetimes.compatIdle * 1000),
    });
    return row && { ...fromRow(row), sessionId, usedAt: now };
  }

  /** A token of an earlier service gets a session with its first refresh, as old as the token. */
  private async openSessionOf(token: VerifiedToken, caller: Caller): Promise<ContinuedSession | undefined> {
    const { em, accessTokens, authenticator, lifetimes, clock } = this.deps;
    const now = clock.now();
    const { userId, tokenVersion, revoked } = await authenticator.namedTokenState(token);
    const openedAt = new Date(Math.min(token.issuedAt * 1000, now.getTime()));
    const expiresAt = new Date(openedAt.getTime() + lifetimes.maxAge * 1000);
    if (revoked || expiresAt <= now) return undefined;
    const sessionId = randomUUID();
    const row = await openCompatSession.row(em, {
      tokenKey: token.key,
      userId,
      tokenVersion,
      sessionId,
      channel: caller.channel.name,
      address: caller.address,
      userAgent: caller.userAgent,
      openedAt,
      now,
      keptUntil: accessTokens.usableUntil(token),
      idleUntil: new Date(now.getTime() + lifetimes.compatIdle * 1000),
      expiresAt,
    });
    return row && { ...fromRow(row), sessionId, usedAt: now };
  }

  /** Refreshed before, and not a moment ago: one of its two holders stole it (RFC 9700 section 4.14.2). */
  private async endSessionOfReused(token: VerifiedToken, caller: Caller): Promise<void> {
    const { em, revocation, lifetimes, clock } = this.deps;
    const denied = await findDeniedToken.row(em, { tokenKey: token.key });
    if (!denied || denied.session_id === null) return;
    const age = clock.now().getTime() - new Date(denied.revoked_at).getTime();
    if (age > lifetimes.grace * 1000)
      await revocation.endForReuse({ sessionId: denied.session_id, userId: denied.user_id }, caller);
  }
}
