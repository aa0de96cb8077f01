import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { Role, User } from '../../entities';
import type { StoredPassword } from '../../security/passwords/password-hasher';
import type { RoleView } from '../roles/role-cache';
import { type CreateUserInput, storedText } from './user-input';

export interface NewUser {
  input: CreateUserInput;
  password: StoredPassword;
  roles: readonly RoleView[];
  /** Whether the e-mail address is proved. */
  isVerified?: boolean;
  now: Date;
}

/** Writes the row of a new user and those of its roles. */
export async function insertUser(
  em: SqlEntityManager,
  { input, password, roles, isVerified = false, now }: NewUser,
): Promise<User> {
  const user = em.create(User, {
    username: input.username,
    email: storedText(input.email),
    passwordHash: password.hash,
    passwordScheme: password.scheme,
    firstName: storedText(input.firstName),
    lastName: storedText(input.lastName),
    phone: storedText(input.phone),
    dob: storedText(input.dob),
    isVerified,
    createdAt: now,
    updatedAt: now,
  });
  for (const role of roles) user.roles.add(em.getReference(Role, role.id));
  await em.flush();
  return user;
}
