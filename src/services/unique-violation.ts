import { UniqueConstraintViolationException } from '@mikro-orm/postgresql';
import { AppError, type ErrorParams } from '../errors/app-error';
import type { ErrorCode } from '../errors/catalogue';

/** The error of each unique constraint, which decides the race. */
const CONSTRAINTS: Record<string, ErrorCode> = {
  users_username_key_unique: 'USERNAME_TAKEN',
  users_email_key_unique: 'EMAIL_TAKEN',
  roles_name_unique: 'ROLE_NAME_TAKEN',
  permissions_name_unique: 'PERMISSION_NAME_TAKEN',
};

/** Awaits a write and maps a unique violation to its error. */
export async function mapUniqueViolation<T>(write: Promise<T>, params: ErrorParams = {}): Promise<T> {
  try {
    return await write;
  } catch (error) {
    const constraint =
      error instanceof UniqueConstraintViolationException ? String((error as { constraint?: unknown }).constraint) : '';
    const code = CONSTRAINTS[constraint];
    if (code) throw new AppError(code, params, { cause: error });
    throw error;
  }
}
