import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { AppError } from '../../errors/app-error';
import { denyToken } from '../../queries/revoked-tokens';
import { type AccessTokens, TokenError } from '../../security/tokens/access-tokens';
import type { RefreshTokens } from '../../security/tokens/refresh-tokens';
import type { TokenAuthenticator } from '../../security/tokens/token-authenticator';
import type { Caller } from '../caller';
import type { RefreshTokenRotation } from './refresh-token-rotation';
import type { TokenIssuer, TokenSet } from './token-issuer';

export interface RefreshDependencies {
  em: SqlEntityManager;
  accessTokens: AccessTokens;
  refreshTokens: RefreshTokens;
  authenticator: TokenAuthenticator;
  rotation: RefreshTokenRotation;
  issuer: TokenIssuer;
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
        : await this.replaceCompatToken(token);
    } catch (error) {
      if (error instanceof TokenError) throw new AppError('INVALID_REFRESH_TOKEN');
      throw error;
    }
  }

  private async continueSession(token: string, caller: Caller): Promise<TokenSet> {
    const { refreshTokens, rotation, issuer } = this.deps;
    const claims = await refreshTokens.verify(token);
    const session = caller.channel.rotatesRefreshTokens
      ? await rotation.rotate(claims, token, caller)
      : await rotation.touch(claims, token, caller);
    return issuer.sessionTokens(session);
  }

  /** One winner: the row in the deny list decides, and ends the old token at once. */
  private async replaceCompatToken(token: string): Promise<TokenSet> {
    const { em, accessTokens, authenticator, issuer, clock } = this.deps;
    const verified = await accessTokens.verify(token, { expired: 'accept' });
    const now = clock.now();
    const refreshableUntil = accessTokens.refreshableUntil(verified) * 1000;
    if (verified.kind !== 'compat' || refreshableUntil <= now.getTime()) throw new TokenError('invalid');
    const { userId, tokenVersion } = await authenticator.reconsider(verified);
    const expiresAt = new Date(Math.max(verified.expiresAt * 1000, refreshableUntil));
    const won = await denyToken.row(em, { tokenKey: verified.key, userId, now, expiresAt });
    authenticator.evict(userId); // before the change feed announces it to every process
    if (!won) throw new TokenError('invalid');
    const account = await authenticator.accountState(userId);
    if (!account) throw new TokenError('invalid');
    return issuer.compatToken(account, tokenVersion);
  }
}
