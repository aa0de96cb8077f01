import isEmail from 'validator/lib/isEmail';
import { AppError, type ErrorParams, type FieldProblem } from '../errors/app-error';
import { type ErrorCode, isErrorCode } from '../errors/catalogue';
import { describeProblem, type ProblemRule } from '../errors/problems';
import { isPlainAddress } from '../integrations/mail/address';
import type { PasswordPolicy } from '../security/passwords/password-policy';
import { characters, textLimits } from '../security/text-limits';
import { findUsernameProblem } from '../security/username-rule';

/** Section "Notes" of the identity contract; lengths count characters (code points). */
export const limits = {
  name: { max: textLimits.name },
  phone: { min: 6, max: textLimits.phone },
  email: { max: textLimits.email },
  webAddress: { max: 2048 },
  description: { max: 1000 },
  ageToRegister: 10,
  ageToUpdate: 18,
} as const;

/** Text that PostgreSQL and UTF-8 can hold. */
const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/** Collects problems in the order of the contract's body: the first one decides the code. */
export class Validation {
  private readonly problems: FieldProblem[] = [];
  private first: { code: ErrorCode; params: ErrorParams } | undefined;

  add(field: string, rule: ProblemRule, params: ErrorParams = {}): void {
    // what has no code of its own is VALIDATION_FAILED, whose parameters stand in the message alone
    this.first ??= isErrorCode(rule) ? { code: rule, params } : { code: 'VALIDATION_FAILED', params: {} };
    this.problems.push(describeProblem(field, rule, params));
  }

  username(value: string): void {
    const problem = findUsernameProblem(value);
    if (problem) this.add('username', problem.rule, problem.params);
  }

  /** @param context what is known of the account, which a password must not repeat */
  async password(
    { field, value }: { field: 'password' | 'newPassword'; value: string },
    policy: PasswordPolicy,
    context: readonly (string | null | undefined)[],
  ): Promise<void> {
    const problem = await policy.findProblem(value, context);
    if (problem) this.add(field, problem.rule, problem.params);
  }

  text(field: string, value: string | null | undefined, max: number): void {
    if (value === null || value === undefined) return;
    if (characters(value) > max) this.add(field, 'TEXT_TOO_LONG', { max });
    else if (!isStorable(value)) this.add(field, 'TEXT_NOT_STORABLE');
  }

  email(value: string | null | undefined): void {
    if (value === null || value === undefined || value === '') return;
    const local = value.slice(0, value.lastIndexOf('@'));
    const fits =
      value.length <= limits.email.max &&
      isStorable(value) &&
      local.length > 0 &&
      isPlainAddress(value) &&
      isEmail(value, { allow_utf8_local_part: true, require_tld: false });
    if (!fits) this.add('email', 'EMAIL_INVALID');
  }

  phone(value: string | null | undefined): void {
    if (value === null || value === undefined || value === '') return;
    const { min, max } = limits.phone;
    const length = characters(value);
    if (length < min || length > max || !isStorable(value)) this.add('phone', 'PHONE_LENGTH', { min, max });
  }

  /** Pages show it as the source of a picture, so only http and https are accepted. */
  webAddress(field: string, value: string | null | undefined): void {
    if (value === null || value === undefined || value === '') return;
    const fits =
      value.length <= limits.webAddress.max &&
      isStorable(value) &&
      URL.canParse(value) &&
      /^https?:$/.test(new URL(value).protocol);
    if (!fits) this.add(field, 'WEB_ADDRESS_INVALID');
  }

  /** @param min whole years at the UTC date of `now` */
  birthDate(value: string | null | undefined, min: number, now: Date): void {
    if (value === null || value === undefined || value === '') return;
    const age = ageAt(value, now);
    if (age === null) this.add('dob', 'DATE_INVALID');
    else if (age < min) this.add('dob', 'AGE_TOO_LOW', { min });
  }

  /** @throws AppError of the first problem, with all of them */
  check(): void {
    const [problem] = this.problems;
    if (!this.first || !problem) return;
    const { code, params } = this.first;
    throw new AppError(code, { ...params, detail: problem.message, field: problem.field }, { problems: this.problems });
  }
}

/** For operations that take a `newPassword`, and nothing else to check. @throws AppError of the password's problem */
export async function assertPasswordAcceptable(
  policy: PasswordPolicy,
  password: string,
  context: readonly (string | null | undefined)[],
): Promise<void> {
  const check = new Validation();
  await check.password({ field: 'newPassword', value: password }, policy, context);
  check.check();
}

/** Whole years from a birth date to the UTC date of `now`; null for a date that does not exist. */
export function ageAt(birthDate: string, now: Date): number | null {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(birthDate);
  if (!parts) return null;
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  if (year < 1 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  const birthdayPassed = now.getUTCMonth() + 1 > month || (now.getUTCMonth() + 1 === month && now.getUTCDate() >= day);
  return now.getUTCFullYear() - year - (birthdayPassed ? 0 : 1);
}
