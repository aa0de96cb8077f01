import { AppError } from '../errors/app-error';
import type { AccessTokens, Subject } from '../security/access-tokens';
import type { Authority } from '../security/authority';
import type { Account } from '../security/standing';
import type { LiveSessions } from './live-sessions';
import type { Continuation } from './session-continuation';
import type { SessionValues } from './session-values';

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
    private readonly authority: Authority,
    private readonly tokens: AccessTokens,
    private readonly values: SessionValues,
    private readonly liveSessions: LiveSessions,
  ) {}

  /**
   * For a session that was opened or continued just now; its value is written first and then looked after: whoever ends the
   * session deletes the value after his commit, which is either still to come, or seen here.
   * @throws AppError INVALID_REFRESH_TOKEN when the session has ended in the meantime
   */
  async sessionTokens(session: Continuation): Promise<TokenSet> {
    const account = session.holder ? await this.lookAfter(session, session.holder) : await this.ask(session);
    if (!account?.isActive) {
      await this.values.forgetUnlessLive(session.userId);
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

  private async lookAfter({ sessionId }: Continuation, { account, at }: NonNullable<Continuation['holder']>): Promise<Account | undefined> {
    await this.values.write(account, at);
    return (await this.liveSessions.has(sessionId)) ? account : undefined;
  }

  private async ask({ sessionId, userId }: Continuation): Promise<Account | undefined> {
    await this.values.renew(userId);
    const standing = await this.authority.standingOfSession(sessionId, userId);
    return standing?.revoked ? undefined : standing;
  }

  /**
   * @param tokenVersion the account's version when its right to the token was checked
   * @param known the account, where a statement of just now has given it
   */
  async identityToken(userId: string, tokenVersion: number, known?: Account): Promise<TokenSet> {
    const standing = known ?? (await this.authority.standingOfUser(userId));
    if (!standing?.isActive) throw new AppError('INVALID_REFRESH_TOKEN');
    const subject = { ...subjectOf(standing), tokenVersion };
    const { token, expiresIn } = await this.tokens.issueIdentityToken(subject);
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

function subjectOf(standing: Account): Subject {
  return {
    userId: standing.userId,
    username: standing.username,
    email: standing.email,
    tokenVersion: standing.tokenVersion,
    scopes: [...standing.held],
    primaryRole: standing.roles[0] ?? 'user',
  };
}
