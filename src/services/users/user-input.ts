import { limits, type PasswordRules, Validation } from '../validation';

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

/** A text as it is stored: in NFC, null for an empty one. */
export const storedText = (text: string | null | undefined): string | null => (text ? text.normalize('NFC') : null);

export interface InputRules {
  password: PasswordRules;
  now: Date;
}

/** @throws AppError of the first problem, in the order of the identity contract's body */
export function validateNewUser(input: CreateUserInput, rules: InputRules): void {
  const check = new Validation();
  check.username(input.username);
  check.password(input.password, {
    ...rules.password,
    context: [input.username, input.email, input.firstName, input.lastName],
  });
  validatePerson(check, input);
  check.birthDate(input.dob, limits.ageToRegister, rules.now);
  check.check();
}

/** @throws as `validateNewUser` */
export function validateUserChange(
  input: UpdateUserInput,
  target: { username: string; email: string | null },
  rules: InputRules & { setsPassword: boolean },
): void {
  const check = new Validation();
  if (input.password && !rules.setsPassword)
    check.add('password', 'Change your own password with changePassword, which takes the current one');
  else if (input.password)
    check.password(input.password, { ...rules.password, context: [target.username, input.email ?? target.email] });
  validatePerson(check, input);
  check.birthDate(input.dob, limits.ageToUpdate, rules.now);
  check.check();
}

function validatePerson(check: Validation, input: Omit<UpdateUserInput, 'id'>): void {
  check.text('firstName', input.firstName, limits.name.max);
  check.text('lastName', input.lastName, limits.name.max);
  check.email(input.email);
  check.phone(input.phone);
}
