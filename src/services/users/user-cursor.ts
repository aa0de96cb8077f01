import { AppError } from '../../errors/app-error';
import type { UserSortField } from '../../queries/user-pages';

/** The place of a user in a list. */
export interface UserPlace {
  /** What the list is sorted by; null where the user has no such value. */
  key: string | null;
  id: string;
}

/** By user name a cursor is `user:<name>`, by another field `user.<field>:<id> <key>`. */
export const encodeCursor = (field: UserSortField, { key, id }: UserPlace): string =>
  Buffer.from(field === 'USERNAME' ? `user:${key}` : `user.${field}:${id}${key === null ? '' : ` ${key}`}`).toString(
    'base64url',
  );

const CURSOR = /^user(?:\.(EMAIL|CREATED_AT|LAST_LOGIN_AT))?:([\s\S]*)$/;
const PLACE = /^([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})(?: ([\s\S]*))?$/;
const MICROSECONDS = /^-?\d{1,17}$/;

/** @throws AppError BAD_USER_INPUT for a cursor of another list, or of this one in another order */
export function decodeCursor(cursor: string, wanted: { argument: string; field: UserSortField }): UserPlace {
  const { argument, field } = wanted;
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const [, sorted = 'USERNAME', rest] = CURSOR.exec(text) ?? [];
  if (rest === undefined || text.includes('\0')) throw foreignCursor(argument);
  if (sorted !== field) {
    const detail = `"${argument}" is a cursor of users by ${sorted}, and the list is sorted by ${field}`;
    throw new AppError('BAD_USER_INPUT', { detail });
  }
  if (field === 'USERNAME') return { key: rest, id: '' };
  const [, id, key = null] = PLACE.exec(rest) ?? [];
  const fits = key === null ? field !== 'CREATED_AT' : field === 'EMAIL' || MICROSECONDS.test(key);
  if (id === undefined || !fits) throw foreignCursor(argument);
  return { key, id };
}

const foreignCursor = (argument: string): AppError =>
  new AppError('BAD_USER_INPUT', { detail: `"${argument}" is not a cursor of this connection` });
