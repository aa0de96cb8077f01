import { AppError } from '../../errors/app-error';
import type { SessionAccountRow } from '../../queries/sessions';
import type { AccessTokens, Subject } from '../../security/tokens/access-tokens';
import { type AccountState, toAccountState } from '../../security/tokens/account-state';
import type { TokenKind } from '../../security/tokens/token-kinds';
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
  sessionId: string;
}

/** A session that was opened or continued just now. */
export interface ContinuedSession {
  sessionId: string;
  /** When its user logged in. */
  openedAt: Date;
  usedAt: Date;
  /** As the statement saw it that opened or continued the session. */
  account: AccountState;
  /** The refresh token to use next; a compat token is refreshed with itself. */
  refresh?: { token: string /** Seconds from now. */; expiresIn: number };
}

/** Issues access tokens with the scopes that the account holds at this moment. */
export class TokenIssuer {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly projection: SessionProjection,
    private readonly sessionStatus: SessionStatusLoader,
  ) {}

  /**
   * Writes the session's value before it reads whether the session is live: the end of a session
   * deletes the value after its commit, which is either still to come, or seen here. The same holds
   * for a change of the account.
   * @throws AppError INVALID_REFRESH_TOKEN when the session has ended in the meantime
   */
  async issue(kind: TokenKind, session: ContinuedSession): Promise<TokenSet> {
    const { sessionId, openedAt, usedAt, account, refresh } = session;
    const isLive = await this.projection.write(account, usedAt, () => this.sessionStatus.findAccount(sessionId));
    if (!account.isActive || !isLive) {
      await this.projection.removeUnlessLive(account.userId);
      throw new AppError('INVALID_REFRESH_TOKEN');
    }
    const subject = subjectOf(account);
    const { token, expiresIn } = await this.tokens.issue(kind, subject, { id: sessionId, openedAt });
    return {
      accessToken: token,
      tokenType: 'Bearer',
      expiresIn,
      refreshToken: refresh?.token ?? null,
      refreshExpiresIn: refresh?.expiresIn ?? null,
      scope: subject.scopes.join(' '),
      sessionId,
    };
  }
}

/** The account and the beginning of a session, as a statement returns them. */
export const fromRow = (row: SessionAccountRow): Pick<ContinuedSession, 'account' | 'openedAt'> => ({
  account: toAccountState(row),
  openedAt: new Date(row.opened_at),
});

function subjectOf(state: AccountState): Subject {
  return {
    userId: state.userId,
    username: state.username,
    email: state.email,
    scopes: [...state.held],
    primaryRole: state.roles[0] ?? 'user',
  };
}
