import { isUuid } from '../../database/uuid';
import { AppError } from '../../errors/app-error';
import { type PasswordScheme, parseHash } from '../../security/passwords/password-scheme';
import { isRoleName } from '../../security/scopes';
import { normalizeText, textLimits } from '../../security/text-limits';
import { limits, Validation } from '../../services/validation';
import type { GivenAccount, Member } from './account';
import type { FileRecord } from './file-record';
import { instant } from './instant';

export interface AccountRules {
  now: Date;
  /** bcrypt's cost; a file with higher ones would keep the processors busy at every login. */
  maxCost: number;
}

const MIN_COST = 4;
const DAY_MS = 86_400_000;
const MAX_INTEGER = 2_147_483_647;
const SCHEMES: readonly string[] = ['imported', 'bcrypt', 'bcrypt-hmac-sha384'] satisfies PasswordScheme[];
const TRUE = /^(true|t|yes|y|1)$/i;
const FALSE = /^(false|f|no|n|0)$/i;

/**
 * Validates an account of a file by the rules of registration, as far as they apply.
 * @returns the account, or everything that is wrong with it; no message repeats a value, because in
 *   a file with shifted columns it may be a password
 */
export function readAccount(values: FileRecord['values'], rules: AccountRules): GivenAccount | { problems: string[] } {
  const reader = new AccountReader(values, rules);
  const account = reader.read();
  return reader.problems.length > 0 ? { problems: reader.problems } : account;
}

class AccountReader {
  readonly problems: string[] = [];

  constructor(
    private readonly values: FileRecord['values'],
    private readonly rules: AccountRules,
  ) {}

  read(): GivenAccount {
    const account: GivenAccount = {
      ...this.person(),
      username: this.required('username'),
      id: this.id(),
      roles: this.roles(),
      isActive: this.flag('isActive'),
      isVerified: this.flag('isVerified'),
      createdAt: this.past('createdAt') ?? undefined,
      lastLoginAt: this.past('lastLoginAt'),
      passwordHash: this.hash(),
      passwordScheme: this.scheme(),
      tokenVersion: this.version(),
      tokensValidAfter: this.past('tokensValidAfter'),
      exemptTokenKey: this.text('exemptTokenKey'),
    };
    this.validate(account);
    return account;
  }

  private person() {
    return {
      email: this.text('email'),
      phone: this.text('phone'),
      firstName: this.text('firstName'),
      lastName: this.text('lastName'),
      dob: this.text('dob'),
    };
  }

  private validate(account: GivenAccount): void {
    const check = new Validation();
    if (account.username !== '') check.username(account.username);
    check.text('firstName', account.firstName, limits.name.max);
    check.text('lastName', account.lastName, limits.name.max);
    check.email(account.email);
    check.phone(account.phone);
    check.birthDate(account.dob, limits.ageToRegister, this.rules.now);
    check.text('exemptTokenKey', account.exemptTokenKey, textLimits.password);
    try {
      check.check();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      for (const { field, message } of error.problems) this.bad(field as Member, message);
    }
  }

  private bad(member: Member, why: string): undefined {
    this.problems.push(`${member}: ${why}`);
    return undefined;
  }

  /** Null for what is empty, undefined for what is not there. */
  private text(member: Member): string | null | undefined {
    const value = this.values[member];
    if (value === undefined || value === null) return value;
    if (typeof value !== 'string') return this.bad(member, 'must be text');
    return value === '' ? null : (normalizeText(value, 'password') ?? value);
  }

  private required(member: Member): string {
    const before = this.problems.length;
    const text = this.text(member);
    if (!text && this.problems.length === before) this.bad(member, 'is missing');
    return text ?? '';
  }

  private id(): string | undefined {
    const id = this.text('id');
    if (!id) return undefined;
    return isUuid(id) ? id.toLowerCase() : this.bad('id', 'must be a UUID');
  }

  private flag(member: Member): boolean | undefined {
    const value = this.values[member];
    if (value === undefined || value === null || value === '') return undefined;
    const text = String(value);
    if (TRUE.test(text)) return true;
    return FALSE.test(text) ? false : this.bad(member, 'must be true or false');
  }

  /**
   * Names, in an array or as text with spaces or | between; an array may hold objects with a
   * `name`, as the identity API answers.
   */
  private roles(): string[] | undefined {
    const value = this.values.roles;
    if (value === undefined) return undefined;
    if (value === null) return [];
    const list: unknown[] | undefined =
      typeof value === 'string' ? value.split(/[\s|]+/).filter(Boolean) : asArray(value);
    const names = list?.map((role) => (isNamed(role) ? role.name : role));
    const wellNamed = names?.filter((name) => typeof name === 'string' && isRoleName(name)) as string[] | undefined;
    if (!names || wellNamed?.length !== names.length) {
      return this.bad(
        'roles',
        'must be names of 1 to 64 letters, digits and _ . : - that begin with a letter or digit',
      );
    }
    return [...new Set(wellNamed)].sort();
  }

  private past(member: Member): string | null | undefined {
    const text = this.text(member);
    if (!text) return text;
    const at = instant(text);
    if (!at) return this.bad(member, 'must be a date and time such as 2020-01-31T12:00:00Z');
    // a day: what has no zone may be a local time
    return Date.parse(at) > this.rules.now.getTime() + DAY_MS ? this.bad(member, 'lies in the future') : at;
  }

  private hash(): string {
    const before = this.problems.length;
    // how Spring Security marks the algorithm
    const text = this.required('passwordHash').replace(/^\{bcrypt\}/, '');
    if (this.problems.length > before) return '';
    const parsed = parseHash(text);
    if (!parsed) this.bad('passwordHash', 'must be a bcrypt hash that begins with $2a$, $2b$ or $2y$');
    else if (parsed.cost < MIN_COST || parsed.cost > this.rules.maxCost) {
      this.bad('passwordHash', `must have a cost of ${MIN_COST} to ${this.rules.maxCost}, not ${parsed.cost}`);
    }
    return text;
  }

  private scheme(): PasswordScheme {
    const scheme = this.text('passwordScheme') ?? 'imported';
    if (!SCHEMES.includes(scheme)) this.bad('passwordScheme', `must be one of ${SCHEMES.join(', ')}`);
    return scheme as PasswordScheme;
  }

  private version(): number | undefined {
    const value = this.values.tokenVersion;
    if (value === undefined || value === null || value === '') return undefined;
    const version = Number(value);
    const fits = Number.isInteger(version) && version >= 1 && version <= MAX_INTEGER;
    return fits ? version : this.bad('tokenVersion', 'must be a whole number from 1');
  }
}

const asArray = (value: unknown): unknown[] | undefined => (Array.isArray(value) ? value : undefined);

const isNamed = (role: unknown): role is { name: unknown } =>
  typeof role === 'object' && role !== null && 'name' in role;
