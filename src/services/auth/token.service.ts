import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { sqlRow } from '../../database/positional-sql';
import { AppError } from '../../errors/app-error';
import { type AccessTokens, claimedType, TokenError, type VerifiedToken } from '../../security/tokens/access-tokens';
import type { RefreshTokens } from '../../security/tokens/refresh-tokens';
import type { TokenAuthenticator } from '../../security/tokens/token-authenticator';
import type { Caller } from '../caller';
import type { SessionService } from '../sessions/session.service';
import { endKongCredentials } from './account-revocation';
import type { RefreshTokenRotation } from './refresh-token-rotation';
import type { TokenIssuer, TokenSet } from './token-issuer';

/** RFC 7662 section 2.2; an inactive token has no other member. */
export interface Introspection {
  active: boolean;
  scope?: string;
  clientId?: string;
  username?: string;
  tokenType?: string;
  exp?: number;
  iat?: number;
  nbf?: number;
  sub?: string;
  aud?: string[];
  iss?: string;
  jti?: string;
  sid?: string;
}

/** Refresh, logout and introspection of tokens of every kind. */
export class TokenService {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly authenticator: TokenAuthenticator,
    private readonly accessTokens: AccessTokens,
    private readonly refreshTokens: RefreshTokens,
    private readonly sessions: SessionService,
    private readonly rotation: RefreshTokenRotation,
    private readonly issuer: TokenIssuer,
    private readonly introspectionNeedsPermission: boolean,
    private readonly clock: Clock,
  ) {}

  /**
   * What the channel's clients hold decides: a refresh token of a session, or a compat token that
   * is exchanged for a new one.
   * @throws AppError INVALID_REFRESH_TOKEN
   */
  async refresh(token: string, caller: Caller): Promise<TokenSet> {
    try {
      return caller.channel.issues === 'session'
        ? await this.continueSession(token, caller)
        : await this.replaceCompatToken(token);
    } catch (error) {
      if (error instanceof TokenError) throw new AppError('INVALID_REFRESH_TOKEN');
      throw error;
    }
  }

  private async continueSession(token: string, caller: Caller): Promise<TokenSet> {
    const claims = await this.refreshTokens.verify(token);
    const next = caller.channel.rotatesRefreshTokens
      ? await this.rotation.rotate(claims, token, caller)
      : await this.rotation.touch(claims, token, caller);
    return this.issuer.sessionTokens(next);
  }

  /** One winner: the row in the deny list is the decision, and the old token is dead with it. */
  private async replaceCompatToken(token: string): Promise<TokenSet> {
    const verified = await this.accessTokens.verify(token, { expired: 'accept' });
    const now = this.clock.now().getTime() / 1000;
    if (verified.kind !== 'compat' || this.accessTokens.refreshableUntil(verified) <= now)
      throw new TokenError('invalid');
    const state = await this.authenticator.reconsider(verified);
    if (!(await this.deny(verified, state.userId))) throw new TokenError('invalid');
    return this.issuer.compatToken(state.userId, state.tokenVersion);
  }

  /**
   * Ends what the token stands for. Any token is fine, dead, foreign or garbage: there is nothing
   * to tell (RFC 7009 section 2.2).
   */
  async logout(token: string, caller: Caller): Promise<void> {
    try {
      if (claimedType(token) === 'rt+jwt') {
        const { sessionId, userId } = await this.refreshTokens.verify(token);
        await this.sessions.end(sessionId, userId, caller);
        return;
      }
      const verified = await this.accessTokens.verify(token, { expired: 'accept' });
      if (verified.sessionId !== null) await this.sessions.end(verified.sessionId, verified.subject, caller);
      else await this.denyCompatToken(verified);
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
    }
  }

  private async denyCompatToken(token: VerifiedToken): Promise<void> {
    const state = await this.authenticator.reconsider(token).catch((error: unknown) => {
      if (error instanceof TokenError) return undefined;
      throw error;
    });
    if (!state) return;
    await this.deny(token, state.userId);
    await endKongCredentials(this.em, state.userId, this.clock.now());
  }

  /** @returns whether this call was the one that denied it */
  private async deny(token: VerifiedToken, userId: string): Promise<boolean> {
    const until = new Date(Math.max(token.expiresAt, this.accessTokens.refreshableUntil(token)) * 1000);
    const denied = await sqlRow(
      this.em,
      'insert into revoked_tokens (key, user_id, revoked_at, expires_at) values (?, ?, ?, ?) on conflict (key) do nothing returning key',
      [token.key, userId, this.clock.now(), until],
    );
    this.authenticator.forget(userId); // the feed says it to everybody, a moment later
    return denied !== undefined;
  }

  /**
   * Whether a token counts now; what is in it only for its owner and for holders of
   * INTROSPECT_TOKENS.
   */
  async introspect(token: string, caller: Caller): Promise<Introspection> {
    const inactive: Introspection = { active: false };
    try {
      const found =
        claimedType(token) === 'rt+jwt'
          ? await this.introspectRefreshToken(token, caller)
          : await this.introspectAccessToken(token, caller);
      if (!found) return inactive;
      const maySee =
        caller.principal !== null &&
        (caller.principal.userId === found.owner || caller.principal.has('INTROSPECT_TOKENS'));
      if (maySee) return found.introspection;
      return { active: !this.introspectionNeedsPermission };
    } catch (error) {
      if (error instanceof TokenError) return inactive;
      throw error;
    }
  }

  private async introspectAccessToken(
    token: string,
    caller: Caller,
  ): Promise<{ owner: string; introspection: Introspection } | undefined> {
    const { principal, claims } = await this.authenticator.examine(token);
    if (!caller.channel.bearers.includes(principal.tokenKind)) return undefined;
    const audience = typeof claims.aud === 'string' ? [claims.aud] : claims.aud;
    return {
      owner: principal.userId,
      introspection: {
        active: true,
        scope: [...principal.scopes].join(' '),
        username: principal.username,
        tokenType: 'Bearer',
        sub: claims.sub,
        exp: claims.exp,
        iat: claims.iat,
        nbf: claims.nbf,
        iss: claims.iss,
        jti: claims.jti,
        aud: audience,
        ...(principal.sessionId !== null && { sid: principal.sessionId }),
        ...(typeof claims.client_id === 'string' && { clientId: claims.client_id }),
      },
    };
  }

  /** A refresh token belongs to a session: where no session token is taken, neither is it. */
  private async introspectRefreshToken(
    token: string,
    caller: Caller,
  ): Promise<{ owner: string; introspection: Introspection } | undefined> {
    if (!caller.channel.bearers.includes('session')) return undefined;
    const claims = await this.refreshTokens.verify(token);
    const usable = await this.rotation.isUsable(token);
    if (!usable) return undefined;
    const { userId, sessionId, tokenId, issuedAt, expiresAt } = claims;
    return {
      owner: userId,
      introspection: {
        active: true,
        tokenType: 'refresh_token',
        sub: userId,
        sid: sessionId,
        jti: tokenId,
        iat: issuedAt,
        exp: expiresAt,
      },
    };
  }
}
