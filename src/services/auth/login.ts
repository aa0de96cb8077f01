import { randomUUID } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { AppError } from '../../errors/app-error';
import { logins } from '../../observability/metrics/metrics';
import { type CredentialsRow, findCredentialsByEmail, findCredentialsByName } from '../../queries/credentials';
import { type LoginFailure, recordFailedLogin } from '../../queries/login-attempts';
import { type OpenedSessionRow, openRefreshableSession, openSession } from '../../queries/sessions';
import { replacePassword } from '../../queries/users';
import type { PasswordHasher, StoredPassword } from '../../security/passwords/password-hasher';
import type { LoginLimiter } from '../../security/rate-limits/login-limiter';
import { network } from '../../security/rate-limits/rate-limit';
import { normalizeText } from '../../security/text-limits';
import { type AccessTokens, tokenHash } from '../../security/tokens/access-tokens';
import type { RefreshTokens } from '../../security/tokens/refresh-tokens';
import { TokenError } from '../../security/tokens/token-error';
import type { Caller } from '../caller';
import type { AccountMails } from '../recovery/account-mails';
import type { SessionLifetimes } from '../sessions/session-lifetimes';
import type { SessionOfUser, SessionRevocation } from '../sessions/session-revocation';
import type { UserQueries } from '../users/user-queries';
import type { UserView } from '../users/user-view';
import { findSessionOfToken } from './session-of-token';
import { type ContinuedSession, fromRow, type TokenIssuer, type TokenSet } from './token-issuer';

export interface LoginInput {
  /** User name or e-mail address; the session contract's channel takes the address alone. */
  username: string;
  password: string;
  /** A token of the session that this one takes the place of; it also proves a device of the account. */
  previousToken?: string | null;
}

export interface LoginDependencies {
  em: SqlEntityManager;
  hasher: PasswordHasher;
  limiter: LoginLimiter;
  accessTokens: AccessTokens;
  refreshTokens: RefreshTokens;
  revocation: SessionRevocation;
  issuer: TokenIssuer;
  users: UserQueries;
  mails: AccountMails;
  lifetimes: SessionLifetimes;
  clock: Clock;
}

/** Login by password, on every channel: one order of checks, one set of counters, one history. */
export class Login {
  constructor(private readonly deps: LoginDependencies) {}

  /**
   * @throws AppError INVALID_CREDENTIALS, USER_UNKNOWN (where the channel tells it apart),
   *   ACCOUNT_DISABLED (for the right password alone), RATE_LIMITED with `retryAfter` in seconds
   */
  async run(input: LoginInput, caller: Caller): Promise<{ tokens: TokenSet; user: UserView }> {
    const previous = await this.findPreviousSession(input);
    const account = await this.verify(input, caller, previous);
    if (previous) await this.deps.revocation.logout(previous, caller);
    const session = await this.openSession(account, input.username, caller);
    return {
      tokens: await this.deps.issuer.issue(caller.channel.issues, session),
      user: await this.deps.users.get(account.id),
    };
  }

  private async findPreviousSession({ previousToken }: LoginInput): Promise<SessionOfUser | null> {
    if (!previousToken) return null;
    return findSessionOfToken(previousToken, this.deps).catch((error: unknown) => {
      if (error instanceof TokenError) return null;
      throw error;
    });
  }

  /**
   * Checks name and password with all limits and the history; opens nothing yet.
   * @param previous a session that the request proves to have had
   * @throws as `run`
   */
  async verify(
    { username, password }: LoginInput,
    caller: Caller,
    previous: SessionOfUser | null = null,
  ): Promise<CredentialsRow> {
    const { hasher, limiter } = this.deps;
    const account = await this.find(username, caller);
    const foldedName = (normalizeText(username, 'username') ?? username.slice(0, 300)).toLowerCase().slice(0, 300);
    const device = previous !== null && previous.userId === account?.id ? previous.sessionId : null;
    const attempt = {
      target: account ? { userId: account.id } : { name: foldedName },
      address: caller.address,
      isKnown: device !== null || account?.is_known_client === true,
      device,
      ...(caller.channel.limitsEveryLogin && { everyRequestOf: foldedName }),
    };
    const checked = limiter.attempt(attempt, async (succeeded) => {
      const stored = account ? { hash: account.password_hash, scheme: account.password_scheme } : null;
      const matches = stored ? await this.matches(password, stored, attempt) : await hasher.verifyUnknown(foldedName);
      if (!account || !stored) {
        await this.recordFailure({ identifier: username, userId: null, outcome: 'unknown-user' }, caller);
        throw new AppError(caller.channel.tellsUnknownUser ? 'USER_UNKNOWN' : 'INVALID_CREDENTIALS');
      }
      if (!matches) {
        await this.recordFailure({ identifier: username, userId: account.id, outcome: 'wrong-password' }, caller);
        throw new AppError('INVALID_CREDENTIALS');
      }
      if (!account.is_active) {
        await this.recordFailure({ identifier: username, userId: account.id, outcome: 'disabled' }, caller);
        throw new AppError('ACCOUNT_DISABLED');
      }
      await succeeded();
      logins.inc({ channel: caller.channel.name, outcome: 'success' });
      if (hasher.needsRehash(password, stored)) await this.rehash(account, password);
      return account;
    });
    return checked.catch((error: unknown) => {
      this.countUndecided(error, caller);
      throw account ? withAccount(error, account) : error;
    });
  }

  /** A flood of logins by others does not hold up a client that the account knows. */
  private matches(password: string, stored: StoredPassword, { isKnown }: { isKnown: boolean }): Promise<boolean> {
    const { hasher } = this.deps;
    return isKnown ? hasher.verifyFirst(password, stored) : hasher.verify(password, stored);
  }

  private async find(name: string, caller: Caller): Promise<CredentialsRow | undefined> {
    const key = normalizeText(name, 'username');
    if (key === null || !key.isWellFormed() || key.includes('\0')) return undefined;
    const clientNetwork = network(caller.address);
    return caller.channel.loginBy === 'email'
      ? findCredentialsByEmail.row(this.deps.em, { email: key, network: clientNetwork })
      : findCredentialsByName.row(this.deps.em, { name: key, network: clientNetwork });
  }

  /** @throws AppError INVALID_CREDENTIALS when the account has changed since its password was verified */
  private async openSession(account: CredentialsRow, identifier: string, caller: Caller): Promise<ContinuedSession> {
    const { em, lifetimes, clock } = this.deps;
    const now = clock.now();
    const sessionId = randomUUID();
    const session = {
      userId: account.id,
      tokenVersion: account.token_version,
      identifier: identifier.slice(0, 254),
      channel: caller.channel.name,
      address: caller.address,
      network: network(caller.address),
      userAgent: caller.userAgent,
      sessionId,
      expiresAt: new Date(now.getTime() + lifetimes.maxAge * 1000),
      now,
    };
    if (caller.channel.issues === 'compat') {
      const idleUntil = new Date(now.getTime() + lifetimes.compatIdle * 1000);
      const opened = await openSession.row(em, { ...session, idleUntil });
      return { ...(await this.entered(opened, caller)), sessionId, usedAt: now };
    }
    const { token, ...firstToken } = await this.signRefreshToken(account.id, sessionId, now);
    const opened = await openRefreshableSession.row(em, { ...session, ...firstToken });
    const refresh = { token, expiresIn: lifetimes.refreshTtl };
    return { ...(await this.entered(opened, caller)), sessionId, usedAt: now, refresh };
  }

  private async entered(
    opened: OpenedSessionRow | undefined,
    caller: Caller,
  ): Promise<Pick<ContinuedSession, 'account' | 'openedAt'>> {
    if (!opened) throw new AppError('INVALID_CREDENTIALS');
    if (opened.is_new_client)
      await this.deps.mails.addNotice(this.deps.em, { notice: 'new-device', to: [opened.email] }, caller);
    return fromRow(opened);
  }

  private async signRefreshToken(userId: string, sessionId: string, now: Date) {
    const tokenId = randomUUID();
    const issuedAt = Math.floor(now.getTime() / 1000);
    const expiresAt = issuedAt + this.deps.lifetimes.refreshTtl;
    const token = await this.deps.refreshTokens.issue({ userId, sessionId, tokenId, issuedAt, expiresAt });
    return { token, tokenId, tokenHash: tokenHash(token), idleUntil: new Date(expiresAt * 1000) };
  }

  private async rehash(account: CredentialsRow, password: string): Promise<void> {
    const { id, password_hash: formerHash, password_scheme: scheme } = account;
    const rehashed = await this.deps.hasher.rehash(password, { hash: formerHash, scheme });
    await replacePassword.rows(this.deps.em, { id, ...rehashed, formerHash });
    account.password_hash = rehashed.hash;
  }

  /** Attempts whose password was not compared; the others are counted where they are decided. */
  private countUndecided(error: unknown, { channel }: Caller): void {
    if (!(error instanceof AppError)) logins.inc({ channel: channel.name, outcome: 'unavailable' });
    else if (error.code === 'RATE_LIMITED') logins.inc({ channel: channel.name, outcome: 'rate-limited' });
  }

  private async recordFailure(
    failure: { identifier: string; userId: string | null; outcome: LoginFailure },
    { channel, address, userAgent }: Caller,
  ): Promise<void> {
    logins.inc({ channel: channel.name, outcome: failure.outcome });
    const identifier = failure.identifier.toWellFormed().replaceAll('\0', '\u{FFFD}').slice(0, 254);
    const attempt = { ...failure, identifier, channel: channel.name, address, userAgent, now: this.deps.clock.now() };
    await recordFailedLogin.rows(this.deps.em, attempt);
  }
}

/** A refusal by a limit that names the account, whose owner sees it in their history. */
function withAccount(error: unknown, { id, username }: CredentialsRow): unknown {
  if (!(error instanceof AppError) || error.code !== 'RATE_LIMITED') return error;
  const { retryAfter = 1 } = error.params;
  return new AppError('RATE_LIMITED', { retryAfter }, { account: { id, name: username } });
}
