import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { inTransaction } from '../../database/transaction';
import { AppError } from '../../errors/app-error';
import { findKnownClient } from '../../queries/known-clients';
import { findAddress, markVerified, resetPassword } from '../../queries/recovery';
import { findStoredPassword } from '../../queries/users';
import type { PasswordHasher } from '../../security/passwords/password-hasher';
import type { PasswordPolicy } from '../../security/passwords/password-policy';
import type { LoginLimiter } from '../../security/rate-limits/login-limiter';
import { digest, network, RateLimit } from '../../security/rate-limits/rate-limit';
import { normalizeText } from '../../security/text-limits';
import type { KeyValueStore } from '../../stores/key-value-store';
import type { AuditLog } from '../audit/audit-log';
import type { Refusal, RefusalLog } from '../audit/refusal-log';
import type { AccountRevocation } from '../auth/account-revocation';
import { type Caller, signedIn } from '../caller';
import type { SessionProjection } from '../sessions/session-projection';
import { assertPasswordAcceptable, limits, Validation } from '../validation';
import type { AccountMails } from './account-mails';
import type { CodePurpose, MatchedCode, OneTimeCodes } from './one-time-codes';

/** Mails that one client may ask for, for one address. */
const MAILS = { amount: 3, seconds: 300 };
/**
 * Wrong codes for one address a day, from one client and from all that the account does not know:
 * guessing over many codes is hopeless, and strangers keep no owner from a code.
 */
const TRIES_BY_CLIENT = { amount: 30, seconds: 86_400 };
const TRIES = { amount: 300, seconds: 86_400 };
/** Requests of one client, for whatever address. */
const REQUESTS = { amount: 60, seconds: 300 };

export interface RecoveryDependencies {
  em: SqlEntityManager;
  codes: OneTimeCodes;
  mails: AccountMails;
  hasher: PasswordHasher;
  loginLimiter: LoginLimiter;
  revocation: AccountRevocation;
  projection: SessionProjection;
  audit: AuditLog;
  refusals: RefusalLog;
  passwords: PasswordPolicy;
  store: KeyValueStore;
}

/** The budgets of one purpose: those of resetting and of verifying are separate. */
class CodeLimits {
  readonly requests: RateLimit;
  readonly mails: RateLimit;
  readonly tries: RateLimit;
  readonly triesByClient: RateLimit;

  constructor(store: KeyValueStore, purpose: CodePurpose) {
    this.requests = new RateLimit(store, `${purpose}:request`, REQUESTS);
    this.mails = new RateLimit(store, `${purpose}:mail`, MAILS);
    this.tries = new RateLimit(store, `${purpose}:try`, TRIES);
    this.triesByClient = new RateLimit(store, `${purpose}:client-try`, TRIES_BY_CLIENT);
  }
}

/** Forgotten passwords and proof of e-mail addresses, both by a code that is mailed. */
export class RecoveryService {
  private readonly limits: Readonly<Record<CodePurpose, CodeLimits>>;

  constructor(private readonly needs: RecoveryDependencies) {
    this.limits = {
      'reset-password': new CodeLimits(needs.store, 'reset-password'),
      'verify-email': new CodeLimits(needs.store, 'verify-email'),
    };
  }

  /**
   * Mails a code to the account of an address. The answer is the same without an account.
   * @throws AppError RATE_LIMITED
   */
  async requestPasswordReset(email: string, caller: Caller): Promise<void> {
    const address = await this.admit('reset-password', email, caller);
    if (address === null) return;
    await this.limits['reset-password'].mails.consume(byClient(address, caller));
    await this.needs.mails.requestCode('reset-password', address, caller);
  }

  /** Whether a code is right. It stays valid for the reset, and a try is used. @throws AppError RATE_LIMITED */
  async checkPasswordResetCode(email: string, code: string, caller: Caller): Promise<boolean> {
    return (await this.match('reset-password', { email, code }, caller)) !== null;
  }

  /**
   * Sets a new password; every session and token of the account ends.
   * @throws AppError INVALID_CODE, PASSWORD_TOO_SHORT, PASSWORD_TOO_COMMON, VALIDATION_FAILED, RATE_LIMITED
   */
  async resetPassword(input: { email: string; code: string; newPassword: string }, caller: Caller): Promise<void> {
    const { em, codes, hasher, revocation, audit, mails, loginLimiter, projection } = this.needs;
    // before a try of the code is used; again with the name, which only a right code reveals
    await assertPasswordAcceptable(this.needs.passwords, input.newPassword, [input.email]);
    const match = await this.match('reset-password', input, caller);
    if (!match) throw new AppError('INVALID_CODE');
    const { userId, email } = match;
    const account = await findStoredPassword.row(em, { id: userId });
    await assertPasswordAcceptable(this.needs.passwords, input.newPassword, [email, account?.username]);
    const { hash, scheme } = await hasher.hash(input.newPassword);
    await inTransaction(em, async (tx) => {
      if (!(await codes.consume(tx, match))) throw new AppError('INVALID_CODE');
      const user = await resetPassword.row(tx, { userId, email, hash, scheme });
      if (!user) throw new AppError('INVALID_CODE');
      await revocation.endAll(tx, userId, 'password reset');
      const actor = { id: userId, name: user.username };
      await audit.record(tx, caller, { action: 'password.reset', targetType: 'user', targetId: userId, actor });
      await mails.addNotice(tx, { notice: 'password-changed', to: [email] }, caller);
    });
    await loginLimiter.forgive({ target: { userId }, address: caller.address });
    await projection.removeUnlessLive(userId);
  }

  /** Mails a code and a link to the caller's own address. @throws AppError VALIDATION_FAILED, RATE_LIMITED */
  async requestEmailVerification(caller: Caller): Promise<void> {
    const { userId } = signedIn(caller);
    const user = await findAddress.row(this.needs.em, { userId });
    const check = new Validation();
    if (!user?.email) check.add('email', 'EMAIL_MISSING');
    check.check();
    if (!user?.email || user.is_verified) return;
    const address = await this.admit('verify-email', user.email, caller);
    if (address === null) return;
    await this.limits['verify-email'].mails.consume(byClient(address, caller));
    await this.needs.mails.requestCode('verify-email', address, caller);
  }

  /** Proves the caller's address with the code of the mail. @throws AppError INVALID_CODE, RATE_LIMITED */
  async verifyEmail(code: string, caller: Caller): Promise<void> {
    const { userId } = signedIn(caller);
    const user = await findAddress.row(this.needs.em, { userId });
    const match = user?.email ? await this.match('verify-email', { email: user.email, code }, caller) : null;
    if (!match) throw new AppError('INVALID_CODE');
    if (!(await this.markVerified(match, caller))) throw new AppError('INVALID_CODE');
  }

  /** Proves an address with the token of the mail's link. @throws AppError INVALID_LINK, RATE_LIMITED */
  async verifyEmailByLink(linkToken: string, caller: Caller): Promise<void> {
    await this.limits['verify-email'].requests.consume(network(caller.address));
    const match = await this.needs.codes.findByLink('verify-email', linkToken);
    if (!match || !(await this.markVerified(match, caller))) throw new AppError('INVALID_LINK');
  }

  /** @returns false when the code was used, or the address changed, in the meantime */
  private async markVerified(match: MatchedCode, caller: Caller): Promise<boolean> {
    const { em, codes, audit, projection } = this.needs;
    const { userId, email } = match;
    const isMarked = await inTransaction(em, async (tx) => {
      if (!(await codes.consume(tx, match))) return false;
      if (!(await markVerified.row(tx, { userId, email }))) return false;
      await audit.record(tx, caller, { action: 'email.verified', targetType: 'user', targetId: userId });
      return true;
    });
    if (isMarked) await projection.renew(userId);
    return isMarked;
  }

  /** Counts a guess before it is compared; a guess where no code is live counts for nothing. */
  private async match(
    purpose: CodePurpose,
    { email, code }: { email: string; code: string },
    caller: Caller,
  ): Promise<MatchedCode | null> {
    const address = await this.admit(purpose, email, caller);
    if (address === null) return null;
    const { tries, triesByClient } = this.limits[purpose];
    const account = address.toLowerCase();
    const client = byClient(address, caller);
    const clientNetwork = network(caller.address);
    const known = await findKnownClient.row(this.needs.em, { email: address, network: clientNetwork });
    const isKnown = known !== undefined;
    await triesByClient.consume(client);
    if (!isKnown) await tries.consume(account);
    const attempt = { email: address, code, client: digest(clientNetwork), isKnown };
    const { userId, match } = await this.needs.codes.try(purpose, attempt);
    if (userId === null) await Promise.all([triesByClient.giveBack(client), !isKnown && tries.giveBack(account)]);
    else if (!match) this.needs.refusals.record(caller, rejectedCode(purpose, { id: userId, name: address }));
    if (match) await Promise.all([triesByClient.clear(client), tries.clear(account)]);
    return match;
  }

  /** The address in the form in which it is looked up; null for what no account can have. */
  private async admit(purpose: CodePurpose, email: string, caller: Caller): Promise<string | null> {
    await this.limits[purpose].requests.consume(network(caller.address));
    if (email.length > limits.email.max || !email.isWellFormed() || email.includes('\0')) return null;
    return normalizeText(email, 'email');
  }
}

const rejectedCode = (purpose: CodePurpose, account: { id: string; name: string }): Refusal => ({
  kind: 'code.rejected',
  operation: purpose,
  account,
});

const byClient = (address: string, caller: Caller): string => `${address.toLowerCase()}\n${network(caller.address)}`;
