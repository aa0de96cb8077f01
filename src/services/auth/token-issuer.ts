import { AppError } from '../../errors/app-error';
import type { AccessTokens, Subject } from '../../security/tokens/access-tokens';
import type { AccountState } from '../../security/tokens/account-state';
import type { TokenAuthenticator } from '../../security/tokens/token-authenticator';
import type { SessionProjection } from '../sessions/session-projection';
import type { SessionStatusLoader } from '../sessions/session-status-loader';
import type { ContinuedSession } from './refresh-token-rotation';

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

/** Makes tokens with the scopes that the account holds at this moment. */
export class TokenIssuer {
  constructor(
    private readonly authenticator: TokenAuthenticator,
    private readonly tokens: AccessTokens,
    private readonly projection: SessionProjection,
    private readonly sessionStatus: SessionStatusLoader,
  ) {}

  /**
   * For a session that was opened or continued just now; its value is written first and then looked
   * after: whoever ends the session deletes the value after his commit, which is either still to
   * come, or seen here.
   * @throws AppError INVALID_REFRESH_TOKEN when the session has ended in the meantime
   */
  async sessionTokens(session: ContinuedSession): Promise<TokenSet> {
    const account = session.holder ? await this.lookAfter(session, session.holder) : await this.ask(session);
    if (!account?.isActive) {
      await this.projection.forgetUnlessLive(session.userId);
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

  private async lookAfter(
    { sessionId }: ContinuedSession,
    { account, at }: NonNullable<ContinuedSession['holder']>,
  ): Promise<AccountState | undefined> {
    await this.projection.write(account, at);
    return (await this.sessionStatus.has(sessionId)) ? account : undefined;
  }

  private async ask({ sessionId, userId }: ContinuedSession): Promise<AccountState | undefined> {
    await this.projection.renew(userId);
    const state = await this.authenticator.sessionTokenState(sessionId, userId);
    return state?.revoked ? undefined : state;
  }

  /**
   * @param tokenVersion the account's version when its right to the token was checked
   * @param known the account, where a statement of just now has given it
   */
  async compatToken(userId: string, tokenVersion: number, known?: AccountState): Promise<TokenSet> {
    const state = known ?? (await this.authenticator.accountStateOf(userId));
    if (!state?.isActive) throw new AppError('INVALID_REFRESH_TOKEN');
    const subject = { ...subjectOf(state), tokenVersion };
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
