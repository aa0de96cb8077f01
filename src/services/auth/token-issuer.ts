import { AppError } from '../../errors/app-error';
import type { AccessTokens, Subject } from '../../security/tokens/access-tokens';
import type { AccountState } from '../../security/tokens/account-state';
import type { TokenAuthenticator } from '../../security/tokens/token-authenticator';
import type { SessionProjection } from '../sessions/session-projection';
import type { SessionStatusLoader } from '../sessions/session-status-loader';

/** What a client gets to hold. Lifetimes in seconds (RFC 6749 section 5.1). */
export interface TokenSet {
  accessToken: string;
  tokenType: 'Bearer';
  expiresIn: number;
  refreshToken: string | null;
  refreshExpiresIn: number | null;
  scope: string;
  sessionId: string | null;
}

/** A session that was opened or continued just now, and its refresh token to use next. */
export interface ContinuedSession {
  userId: string;
  sessionId: string;
  refreshToken: string;
  /** Seconds from now. */
  refreshExpiresIn: number;
  /** The account as the statement saw it that opened or continued the session, where there was one. */
  holder?: { account: AccountState; at: Date };
}

/** Issues access tokens with the scopes that the account holds at this moment. */
export class TokenIssuer {
  constructor(
    private readonly authenticator: TokenAuthenticator,
    private readonly tokens: AccessTokens,
    private readonly projection: SessionProjection,
    private readonly sessionStatus: SessionStatusLoader,
  ) {}

  /**
   * Writes the session's value before it reads whether the session is live: the end of a session
   * deletes the value after its commit, which is either still to come, or seen here.
   * @throws AppError INVALID_REFRESH_TOKEN when the session has ended in the meantime
   */
  async sessionTokens(session: ContinuedSession): Promise<TokenSet> {
    const account = await this.accountOfLiveSession(session);
    if (!account?.isActive) {
      await this.projection.removeUnlessLive(session.userId);
      throw new AppError('INVALID_REFRESH_TOKEN');
    }
    const subject = subjectOf(account);
    const { token, expiresIn } = await this.tokens.issueSessionToken(subject, session.sessionId);
    return {
      accessToken: token,
      tokenType: 'Bearer',
      expiresIn,
      refreshToken: session.refreshToken,
      refreshExpiresIn: session.refreshExpiresIn,
      scope: subject.scopes.join(' '),
      sessionId: session.sessionId,
    };
  }

  private async accountOfLiveSession(session: ContinuedSession): Promise<AccountState | undefined> {
    const { sessionId, userId, holder } = session;
    if (holder) {
      await this.projection.write(holder.account, holder.at);
      return (await this.sessionStatus.isUnrevoked(sessionId)) ? holder.account : undefined;
    }
    await this.projection.renew(userId);
    const state = await this.authenticator.sessionTokenState(sessionId, userId);
    return state?.revoked ? undefined : state;
  }

  /**
   * @param tokenVersion the account's version when its right to the token was checked
   * @throws AppError INVALID_REFRESH_TOKEN when the account is disabled
   */
  async compatToken(account: AccountState, tokenVersion: number): Promise<TokenSet> {
    if (!account.isActive) throw new AppError('INVALID_REFRESH_TOKEN');
    const subject = { ...subjectOf(account), tokenVersion };
    const { token, expiresIn } = await this.tokens.issueCompatToken(subject);
    return {
      accessToken: token,
      tokenType: 'Bearer',
      expiresIn,
      refreshToken: null,
      refreshExpiresIn: null,
      scope: subject.scopes.join(' '),
      sessionId: null,
    };
  }
}

function subjectOf(state: AccountState): Subject {
  return {
    userId: state.userId,
    username: state.username,
    email: state.email,
    tokenVersion: state.tokenVersion,
    scopes: [...state.held],
    primaryRole: state.roles[0] ?? 'user',
  };
}
