import type { TransferAccountRow } from '../../queries/account-transfer';
import type { PasswordScheme } from '../../security/passwords/password-scheme';

/** An account in a file, with everything that its owner needs to log in elsewhere and keep tokens. */
export type TransferAccount = TransferAccountRow & { passwordScheme: PasswordScheme };

export type Member = keyof TransferAccount;

/** Every member, in the order of a file's columns. */
export const members = [
  'id',
  'username',
  'email',
  'phone',
  'firstName',
  'lastName',
  'dob',
  'roles',
  'isActive',
  'isVerified',
  'createdAt',
  'lastLoginAt',
  'passwordHash',
  'passwordScheme',
  'tokenVersion',
  'tokensValidAfter',
  'exemptTokenKey',
] as const satisfies readonly Member[];

/** The members that a file gives; the others stay as they are, or take their defaults. */
export type GivenAccount = Partial<TransferAccount> &
  Pick<TransferAccount, 'username' | 'passwordHash' | 'passwordScheme'>;

const normalizeColumnName = (name: string): string => name.replace(/[_\s-]/g, '').toLowerCase();

const memberByName = new Map<string, Member>([
  ...members.map((member) => [normalizeColumnName(member), member] as const),
  ['password', 'passwordHash'],
  ['role', 'roles'],
]);

/**
 * The member that a column or JSON member means: `firstName`, `first_name` and `FIRST_NAME` are
 * one; undefined when it is none.
 */
export const memberNamed = (name: string): Member | undefined => memberByName.get(normalizeColumnName(name));
