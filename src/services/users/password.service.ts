import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { sqlRow } from '../../database/positional-sql';
import { inTransaction } from '../../database/transaction';
import { AppError } from '../../errors/app-error';
import type { PasswordHasher, PasswordScheme } from '../../security/passwords/password-hasher';
import type { LoginLimiter } from '../../security/rate-limits/login-limiter';
import type { AuditLog } from '../audit/audit-log';
import type { AccountRevocation } from '../auth/account-revocation';
import { type Caller, signedIn } from '../caller';
import type { SessionProjection } from '../sessions/session-projection';
import { Validation } from '../validation';
import type { PasswordRules } from './password-rules';

interface Row {
  username: string;
  email: string | null;
  password_hash: string;
  password_scheme: PasswordScheme;
}

/** Changes of one's own password. */
export class PasswordService {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly hasher: PasswordHasher,
    private readonly limiter: LoginLimiter,
    private readonly revocation: AccountRevocation,
    private readonly projection: SessionProjection,
    private readonly audit: AuditLog,
    private readonly rules: PasswordRules,
  ) {}

  /**
   * That it is the owner who asks, and not only his token. @throws AppError INVALID_CREDENTIALS,
   * RATE_LIMITED
   */
  async confirm(currentPassword: string, caller: Caller): Promise<void> {
    const { userId } = signedIn(caller);
    await this.requireCurrent(await this.find(userId), userId, currentPassword, caller);
  }

  private async find(userId: string): Promise<Row> {
    const user = await sqlRow<Row>(
      this.em,
      'select username, email, password_hash, password_scheme from users where id = ?',
      [userId],
    );
    if (!user) throw new AppError('USER_NOT_FOUND');
    return user;
  }

  private async requireCurrent(user: Row, userId: string, currentPassword: string, caller: Caller): Promise<void> {
    await this.limiter.attempt({ account: userId, address: caller.address }, async (succeeded) => {
      const right = await this.hasher.verify(currentPassword, {
        hash: user.password_hash,
        scheme: user.password_scheme,
      });
      if (!right) throw new AppError('INVALID_CREDENTIALS');
      await succeeded();
    });
  }

  /**
   * Every token and session of the account ends, except the one that asks. Guesses at the current
   * password count as logins.
   * @throws AppError INVALID_CREDENTIALS, PASSWORD_TOO_SHORT, PASSWORD_TOO_COMMON,
   *   VALIDATION_FAILED, RATE_LIMITED
   */
  async change(input: { currentPassword: string; newPassword: string }, caller: Caller): Promise<void> {
    const principal = signedIn(caller);
    const user = await this.find(principal.userId);
    await this.requireCurrent(user, principal.userId, input.currentPassword, caller);
    const check = new Validation();
    check.password(input.newPassword, { ...this.rules, context: [user.username, user.email] });
    check.check();
    const { hash, scheme } = await this.hasher.hash(input.newPassword);
    await inTransaction(this.em, async (em) => {
      // of two simultaneous changes the one whose current password is still the current one wins
      const changed = await sqlRow(
        em,
        'update users set password_hash = ?, password_scheme = ? where id = ? and password_hash = ? returning id',
        [hash, scheme, principal.userId, user.password_hash],
      );
      if (!changed) throw new AppError('INVALID_CREDENTIALS');
      await this.revocation.endAll(em, principal.userId, 'password changed', principal);
      await this.audit.record(em, caller, {
        action: 'password.changed',
        targetType: 'user',
        targetId: principal.userId,
      });
    });
    await this.projection.forgetUnlessLive(principal.userId);
  }
}
