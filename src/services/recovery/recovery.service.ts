import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { sqlRow, sqlRows } from '../../database/positional-sql';
import { inTransaction } from '../../database/transaction';
import { AppError } from '../../errors/app-error';
import { emailVerificationMail, passwordChangedMail, passwordResetMail } from '../../integrations/mail/messages';
import type { PasswordHasher } from '../../security/passwords/password-hasher';
import type { LoginLimiter } from '../../security/rate-limits/login-limiter';
import { network, RateLimit } from '../../security/rate-limits/rate-limit';
import type { KeyValueStore } from '../../stores/key-value-store';
import type { AuditLog } from '../audit/audit-log';
import type { AccountRevocation } from '../auth/account-revocation';
import { type Caller, signedIn } from '../caller';
import type { BackgroundMail } from '../jobs/background-mail';
import type { SessionProjection } from '../sessions/session-projection';
import { type PasswordRules, Validation } from '../validation';
import type { CodePurpose, OneTimeCodes, TriedCode } from './one-time-codes';

/**
 * Mails to one address, and codes tried for it, per five minutes; tries per day make guessing over
 * many codes hopeless.
 */
const MAILS = { amount: 3, seconds: 300 };
const TRIES_FROM_HERE = { amount: 30, seconds: 86_400 };
const TRIES_PER_DAY = { amount: 300, seconds: 86_400 };
const FROM_ONE_CLIENT = { amount: 60, seconds: 300 };

/** Forgotten passwords and proof of e-mail addresses, both by a code that is mailed. */
export class RecoveryService {
  private readonly mails: RateLimit;
  private readonly tries: RateLimit;
  private readonly triesFromHere: RateLimit;
  private readonly client: RateLimit;

  constructor(
    private readonly em: SqlEntityManager,
    private readonly codes: OneTimeCodes,
    private readonly hasher: PasswordHasher,
    private readonly limiter: LoginLimiter,
    private readonly mail: BackgroundMail,
    private readonly revocation: AccountRevocation,
    private readonly projection: SessionProjection,
    private readonly audit: AuditLog,
    private readonly rules: PasswordRules,
    private readonly publicUrl: string,
    store: KeyValueStore,
    private readonly clock: Clock,
  ) {
    this.mails = new RateLimit(store, 'code:mail', MAILS);
    this.tries = new RateLimit(store, 'code:try', TRIES_PER_DAY);
    this.triesFromHere = new RateLimit(store, 'code:try-here', TRIES_FROM_HERE);
    this.client = new RateLimit(store, 'code:client', FROM_ONE_CLIENT);
  }

  /**
   * Mails a code to the account of an address. The answer is the same when there is none. @throws
   * AppError RATE_LIMITED
   */
  async requestPasswordReset(email: string, caller: Caller): Promise<void> {
    const address = await this.limitedMail(email, caller);
    if (address === null) return;
    // after the answer: the time it takes must not tell whether there is such an account
    this.mail.afterwards(async () => {
      const issued = await this.codes.issue('reset-password', address);
      if (!issued) return;
      this.mail.send(
        passwordResetMail({ to: issued.email, name: issued.firstName, language: caller.language, code: issued.code }),
      );
      await this.audit.record(this.em, caller, {
        action: 'password.reset-requested',
        targetType: 'user',
        targetId: issued.userId,
      });
    });
  }

  /**
   * Whether a code is right. It stays good for the reset, but a try is used up. @throws AppError
   * RATE_LIMITED
   */
  async checkPasswordResetCode(email: string, code: string, caller: Caller): Promise<boolean> {
    return (await this.tryCode('reset-password', email, code, caller))?.right ?? false;
  }

  /**
   * Sets a new password; every session and token of the account ends.
   * @throws AppError INVALID_CODE, PASSWORD_TOO_SHORT, PASSWORD_TOO_COMMON, VALIDATION_FAILED,
   *   RATE_LIMITED
   */
  async resetPassword(input: { email: string; code: string; newPassword: string }, caller: Caller): Promise<void> {
    const check = new Validation();
    check.password(input.newPassword, { ...this.rules, context: [input.email] });
    check.check();
    const tried = await this.tryCode('reset-password', input.email, input.code, caller);
    if (!tried?.right) throw new AppError('INVALID_CODE');
    const { hash, scheme } = await this.hasher.hash(input.newPassword);
    await inTransaction(this.em, async (em) => {
      if (!(await this.codes.consume(em, tried))) throw new AppError('INVALID_CODE');
      const changed = await sqlRow<{ username: string }>(
        em,
        // the code came to this address: it is proved as well
        'update users set password_hash = ?, password_scheme = ?, is_verified = true where id = ? and is_active and email = ? returning username',
        [hash, scheme, tried.userId, tried.email],
      );
      if (!changed) throw new AppError('INVALID_CODE');
      await this.revocation.endAll(em, tried.userId, 'password reset');
      await this.audit.record(em, caller, {
        action: 'password.reset',
        targetType: 'user',
        targetId: tried.userId,
        actor: { id: tried.userId, name: changed.username },
      });
    });
    await this.limiter.forgive({ account: tried.userId, address: caller.address }); // failures with the forgotten one
    await this.projection.forgetUnlessLive(tried.userId);
    this.mail.send(passwordChangedMail({ to: tried.email, language: caller.language, changedAt: this.clock.now() }));
  }

  /**
   * Mails a code and a link to the caller's own address. @throws AppError VALIDATION_FAILED (no
   * address), RATE_LIMITED
   */
  async requestEmailVerification(caller: Caller): Promise<void> {
    const principal = signedIn(caller);
    const user = await sqlRow<{ email: string | null; is_verified: boolean }>(
      this.em,
      'select email, is_verified from users where id = ?',
      [principal.userId],
    );
    if (!user?.email)
      throw new AppError('VALIDATION_FAILED', { detail: 'The account has no e-mail address; set one with updateUser' });
    if (user.is_verified) return;
    await this.limitedMail(user.email, caller);
    const issued = await this.codes.issue('verify-email', user.email);
    if (!issued) return;
    const link = `${this.publicUrl}/verify-email?token=${issued.linkToken}`;
    this.mail.send(
      emailVerificationMail({
        to: issued.email,
        name: issued.firstName,
        language: caller.language,
        code: issued.code,
        link,
      }),
    );
  }

  /** Proves the address with the code of the mail. @throws AppError INVALID_CODE, RATE_LIMITED */
  async verifyEmail(code: string, caller: Caller): Promise<void> {
    const principal = signedIn(caller);
    const user = await sqlRow<{ email: string | null }>(this.em, 'select email from users where id = ?', [
      principal.userId,
    ]);
    const tried = user?.email ? await this.tryCode('verify-email', user.email, code, caller) : null;
    if (!tried?.right) throw new AppError('INVALID_CODE');
    await this.markVerified(tried, caller);
  }

  /** Proves the address with the token of the mail's link. @throws AppError INVALID_CODE */
  async verifyEmailByLink(linkToken: string, caller: Caller): Promise<void> {
    await this.client.consume(network(caller.address));
    const found = await this.codes.findByLink('verify-email', linkToken);
    if (!found) throw new AppError('INVALID_CODE');
    await this.markVerified(found, caller);
  }

  private async markVerified(code: TriedCode, caller: Caller): Promise<void> {
    await inTransaction(this.em, async (em) => {
      if (!(await this.codes.consume(em, code))) throw new AppError('INVALID_CODE');
      const rows = await sqlRows(em, 'update users set is_verified = true where id = ? and email = ? returning id', [
        code.userId,
        code.email,
      ]);
      if (rows.length === 0) throw new AppError('INVALID_CODE');
      await this.audit.record(em, caller, { action: 'email.verified', targetType: 'user', targetId: code.userId });
    });
    await this.projection.renew(code.userId);
  }

  /**
   * Counts a guess before it is looked at; one that no code was there for is given back, or anybody
   * could lock anybody out.
   */
  private async tryCode(purpose: CodePurpose, email: string, code: string, caller: Caller): Promise<TriedCode | null> {
    const address = await this.lookedUp(email, caller);
    if (address === null) return null;
    const key = address.toLowerCase();
    const near = `${key}\n${network(caller.address)}`;
    await this.triesFromHere.consume(near);
    await this.tries.consume(key);
    const tried = await this.codes.try(purpose, address, code);
    if (!tried) await Promise.all([this.triesFromHere.giveBack(near), this.tries.giveBack(key)]);
    if (tried?.right) await Promise.all([this.triesFromHere.clear(near), this.tries.clear(key)]);
    return tried;
  }

  private async limitedMail(email: string, caller: Caller): Promise<string | null> {
    const address = await this.lookedUp(email, caller);
    if (address !== null) await this.mails.consume(address.toLowerCase());
    return address;
  }

  /** The address as it is looked up; null for what no database can hold. */
  private async lookedUp(email: string, caller: Caller): Promise<string | null> {
    await this.client.consume(network(caller.address));
    if (!email.isWellFormed() || email.includes('\0') || email.length > 254) return null;
    return email.normalize('NFC');
  }
}
