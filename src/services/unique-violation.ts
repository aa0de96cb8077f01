import { UniqueConstraintViolationException } from '@mikro-orm/postgresql';
import { AppError, type ErrorParams } from '../errors/app-error';
import type { ErrorCode } from '../errors/catalogue';

/** The error of each unique constraint, which decides the race, and the member of the input that it is about. */
const CONSTRAINTS: Record<string, { code: ErrorCode; field: string }> = {
  users_username_key_unique: { code: 'USERNAME_TAKEN', field: 'username' },
  users_email_key_unique: { code: 'EMAIL_TAKEN', field: 'email' },
  roles_name_unique: { code: 'ROLE_NAME_TAKEN', field: 'name' },
  permissions_name_unique: { code: 'PERMISSION_NAME_TAKEN', field: 'name' },
};

/** Awaits a write and maps a unique violation to its error. */
export async function mapUniqueViolation<T>(write: Promise<T>, params: ErrorParams = {}): Promise<T> {
  try {
    return await write;
  } catch (error) {
    const constraint =
      error instanceof UniqueConstraintViolationException ? String((error as { constraint?: unknown }).constraint) : '';
    const taken = CONSTRAINTS[constraint];
    if (taken) throw new AppError(taken.code, { ...params, field: taken.field }, { cause: error });
    throw error;
  }
}
