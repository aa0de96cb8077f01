import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { caseFold } from '../../database/case-fold';
import { sqlRow, sqlRows } from '../../database/positional-sql';
import { type Prepared, prepare } from '../../database/prepared';
import { AppError } from '../../errors/app-error';
import { type LoginFailure, recordFailedLogin } from '../../queries/login-attempts';
import type { PasswordHasher, PasswordScheme } from '../../security/passwords/password-hasher';
import type { LoginLimiter } from '../../security/rate-limits/login-limiter';
import { ACCOUNT, type AccountRow, toAccountState } from '../../security/tokens/account-state';
import type { Caller } from '../caller';
import type { UserQueries } from '../users/user-queries';
import type { UserView } from '../users/user-view';
import { holderOf, type RefreshTokenRotation } from './refresh-token-rotation';
import type { TokenIssuer, TokenSet } from './token-issuer';

interface Credentials {
  id: string;
  username: string;
  password_hash: string;
  password_scheme: PasswordScheme;
  is_active: boolean;
  token_version: number;
}

const COLUMNS = 'id, username, password_hash, password_scheme, is_active, token_version';
const FOLDED_PARAMETER = caseFold('?::text');
const BY_EMAIL = prepare('login-by-email', `select ${COLUMNS} from users where email_key = ${FOLDED_PARAMETER}`);
const BY_NAME = prepare(
  'login-by-name',
  `select ${COLUMNS} from users where username_key = ${FOLDED_PARAMETER} or email_key = ${FOLDED_PARAMETER} order by (username_key = ${FOLDED_PARAMETER}) desc limit 1`,
);

// `users` is locked and looked at again by the update: a password changed, or an account disabled,
// since the password was checked lets nobody in.
const ENTER = `with entered as (
    update users set last_login_at = ? where id = ? and is_active and token_version = ? returning id, first_name, last_name, phone
  ), profile as (
    insert into user_profiles (user_id, full_name, phone, created_at, updated_at)
    select id, nullif(concat_ws(' ', first_name, last_name), ''), phone, ?, ? from entered on conflict (user_id) do nothing
  ), attempt as (
    insert into login_attempts (at, identifier, user_id, channel, address, user_agent, outcome) select ?, ?, id, ?, ?, ?, 'ok' from entered
  )`;

const OPEN_SESSION = `, opened as (
    insert into sessions (id, user_id, channel, address, user_agent, created_at, last_seen_at, idle_until, expires_at)
    select ?, id, ?, ?, ?, ?, ?, ?, ? from entered returning id, user_id
  ), token as (
    insert into refresh_tokens (id, user_id, session_id, token, created_at, expires_at) select ?, user_id, id, ?, ?, ? from opened
  )`;

const HOLDER = ` select ${ACCOUNT} from entered join users u on u.id = entered.id`;
const ENTER_ALONE = prepare('enter', `${ENTER}${HOLDER}`);
const ENTER_WITH_SESSION = prepare('enter-with-session', `${ENTER}${OPEN_SESSION}${HOLDER}`);

/**
 * Lets people in by password, on whatever channel: one order of checks, one set of counters, one
 * history.
 */
export class LoginService {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly hasher: PasswordHasher,
    private readonly limiter: LoginLimiter,
    private readonly sessions: RefreshTokenRotation,
    private readonly issuer: TokenIssuer,
    private readonly users: UserQueries,
    private readonly clock: Clock,
  ) {}

  /**
   * @param input.username user name or e-mail address; the session contract's channel takes the
   *   address alone
   * @throws AppError INVALID_CREDENTIALS, USER_UNKNOWN (where the channel tells), ACCOUNT_DISABLED
   *   (for the right password alone), RATE_LIMITED with `retryAfter` in seconds
   */
  async login(
    input: { username: string; password: string },
    caller: Caller,
  ): Promise<{ tokens: TokenSet; user: UserView }> {
    const user = await this.verify(input, caller);
    return caller.channel.issues === 'session'
      ? this.openSession(user, input.username, caller)
      : this.issueCompatToken(user, input.username, caller);
  }

  /**
   * Checks name and password with everything that belongs to it, and lets nobody in yet. @throws as
   * `login`
   */
  async verify({ username, password }: { username: string; password: string }, caller: Caller): Promise<Credentials> {
    const credentials = await this.find(username, caller);
    const foldedName = username.normalize('NFC').toLowerCase().slice(0, 300);
    const keys = {
      account: credentials?.id ?? foldedName,
      address: caller.address,
      ...(caller.channel.limitsEveryLogin && { everyRequestOf: foldedName }),
    };
    return this.limiter.attempt(keys, async (succeeded) => {
      const stored = credentials ? { hash: credentials.password_hash, scheme: credentials.password_scheme } : null;
      const right = await this.hasher.verify(password, stored);
      if (!credentials) {
        await this.recordFailure(username, null, 'unknown-user', caller);
        throw new AppError(caller.channel.tellsUnknownUser ? 'USER_UNKNOWN' : 'INVALID_CREDENTIALS');
      }
      if (!right) {
        await this.recordFailure(username, credentials.id, 'wrong-password', caller);
        throw new AppError('INVALID_CREDENTIALS');
      }
      if (!credentials.is_active) {
        await this.recordFailure(username, credentials.id, 'disabled', caller);
        throw new AppError('ACCOUNT_DISABLED');
      }
      await succeeded();
      if (stored && this.hasher.needsRehash(stored)) await this.rehash(credentials, password);
      return credentials;
    });
  }

  private async find(name: string, caller: Caller): Promise<Credentials | undefined> {
    if (!name.isWellFormed() || name.includes('\0') || name.length > 1000) return undefined;
    const key = name.normalize('NFC');
    if (caller.channel.loginBy === 'email') return sqlRow(this.em, BY_EMAIL, [key]);
    // a name that is somebody's user name means him, even where it is another's address
    return sqlRow(this.em, BY_NAME, [key, key, key]);
  }

  private async openSession(
    user: Credentials,
    identifier: string,
    caller: Caller,
  ): Promise<{ tokens: TokenSet; user: UserView }> {
    const opening = await this.sessions.prepare(user.id);
    const { now } = opening;
    const entered = await this.enter(ENTER_WITH_SESSION, user, identifier, caller, [
      opening.sessionId,
      caller.channel.name,
      caller.address,
      caller.userAgent,
      now,
      now,
      opening.refreshExpiresAt,
      opening.expiresAt,
      opening.tokenId,
      opening.tokenHash,
      now,
      opening.refreshExpiresAt,
    ]);
    const tokens = await this.issuer.sessionTokens({ ...opening, holder: holderOf(entered, now) });
    return { tokens, user: await this.users.get(user.id) };
  }

  private async issueCompatToken(
    user: Credentials,
    identifier: string,
    caller: Caller,
  ): Promise<{ tokens: TokenSet; user: UserView }> {
    const entered = await this.enter(ENTER_ALONE, user, identifier, caller);
    // the version that the password was checked against: if it has moved on, the token is born dead
    const tokens = await this.issuer.compatToken(user.id, user.token_version, toAccountState(entered));
    return { tokens, user: await this.users.get(user.id) };
  }

  private async enter(
    statement: Prepared,
    user: Credentials,
    identifier: string,
    caller: Caller,
    values: readonly (string | Date | null)[] = [],
  ): Promise<AccountRow> {
    const now = this.clock.now();
    const entered = await sqlRow<AccountRow>(this.em, statement, [
      now,
      user.id,
      user.token_version,
      now,
      now,
      now,
      identifier.slice(0, 254),
      caller.channel.name,
      caller.address,
      caller.userAgent,
      ...values,
    ]);
    if (!entered) throw new AppError('INVALID_CREDENTIALS');
    return entered;
  }

  private async rehash(user: Credentials, password: string): Promise<void> {
    const { hash, scheme } = await this.hasher.hash(password);
    await sqlRows(
      this.em,
      'update users set password_hash = ?, password_scheme = ? where id = ? and password_hash = ?',
      [hash, scheme, user.id, user.password_hash],
    );
    user.password_hash = hash;
  }

  private async recordFailure(
    identifier: string,
    userId: string | null,
    outcome: LoginFailure,
    caller: Caller,
  ): Promise<void> {
    const storable = identifier.toWellFormed().replaceAll('\0', '\u{FFFD}').slice(0, 254);
    const { channel, address, userAgent } = caller;
    await recordFailedLogin.rows(this.em, {
      now: this.clock.now(),
      identifier: storable,
      userId,
      channel: channel.name,
      address,
      userAgent,
      outcome,
    });
  }
}
