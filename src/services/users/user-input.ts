import type { PasswordPolicy } from '../../security/passwords/password-policy';
import { normalizeText } from '../../security/text-limits';
import { limits, Validation } from '../validation';

export interface CreateUserInput {
  username: string;
  password: string;
  firstName?: string | null;
  lastName?: string | null;
  email?: string | null;
  phone?: string | null;
  dob?: string | null;
  roles?: readonly string[] | null;
}

/** A member that is missing stays as it is; "" or null empties a text. */
export interface UpdateUserInput {
  id: string;
  password?: string | null;
  currentPassword?: string | null;
  firstName?: string | null;
  lastName?: string | null;
  email?: string | null;
  phone?: string | null;
  dob?: string | null;
  roles?: readonly string[] | null;
}

type PersonTexts = 'firstName' | 'lastName' | 'email' | 'phone';

/** A text as it is stored: in NFC, null for an empty one. For what was validated. */
export const storedText = (text: string | null | undefined): string | null =>
  text ? normalizeText(text, 'name') : null;

export interface InputRules {
  passwords: PasswordPolicy;
  now: Date;
}

/** @throws AppError of the first problem, in the order of the identity contract's body */
export async function validateNewUser(input: CreateUserInput, rules: InputRules): Promise<void> {
  const { username, email, firstName, lastName } = input;
  const check = new Validation();
  check.username(username);
  const password = { field: 'password', value: input.password } as const;
  await check.password(password, rules.passwords, [username, email, firstName, lastName]);
  validatePerson(check, input);
  check.birthDate(input.dob, limits.ageToRegister, rules.now);
  check.check();
}

/** @throws as `validateNewUser` */
export async function validateUserChange(
  input: UpdateUserInput,
  target: { username: string; email: string | null },
  rules: InputRules & { setsPassword: boolean },
): Promise<void> {
  const check = new Validation();
  if (input.password && !rules.setsPassword) check.add('password', 'OWN_PASSWORD');
  else if (input.password) {
    const password = { field: 'password', value: input.password } as const;
    await check.password(password, rules.passwords, [target.username, input.email ?? target.email]);
  }
  validatePerson(check, input);
  check.birthDate(input.dob, limits.ageToUpdate, rules.now);
  check.check();
}

function validatePerson(check: Validation, input: Pick<UpdateUserInput, PersonTexts>): void {
  check.text('firstName', input.firstName, limits.name.max);
  check.text('lastName', input.lastName, limits.name.max);
  check.email(input.email);
  check.phone(input.phone);
}
