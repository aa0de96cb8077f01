import { AppError } from '../../errors/app-error';
import type { UserConditions } from '../../queries/user-pages';
import { normalizeText } from '../../security/text-limits';
import type { RoleCache } from '../roles/role-cache';

/** From a moment on, until before another one. */
interface Period {
  from?: Date | null;
  until?: Date | null;
}

export interface UserFilter {
  /** Part of user name, e-mail, first or last name, in any case. */
  text?: string | null;
  /** Name of a role that the users have. */
  role?: string | null;
  active?: boolean | null;
  createdAt?: Period | null;
  lastLoginAt?: Period | null;
}

/** The nil UUID of RFC 9562, which no role has. */
const NO_ROLE = '00000000-0000-0000-0000-000000000000';

/**
 * The id of the role, not its name, goes into the statement: PostgreSQL then knows how many users
 * hold it, and plans for a small role or a large one.
 * @throws AppError BAD_USER_INPUT for a text that is too long
 */
export async function conditionsOf(filter: UserFilter, roles: RoleCache): Promise<UserConditions> {
  const { text, role, active, createdAt, lastLoginAt } = filter;
  return {
    ...(text && { text: searchedText(text).replace(/[\\%_]/g, '\\$&') }),
    ...(role && { roleId: (await roles.find(role))?.id ?? NO_ROLE }),
    ...(typeof active === 'boolean' && { active }),
    ...(createdAt?.from && { createdFrom: createdAt.from }),
    ...(createdAt?.until && { createdUntil: createdAt.until }),
    ...(lastLoginAt?.from && { lastLoginFrom: lastLoginAt.from }),
    ...(lastLoginAt?.until && { lastLoginUntil: lastLoginAt.until }),
  };
}

/** As PostgreSQL can hold it: another text is in no row. @throws AppError BAD_USER_INPUT */
function searchedText(text: string): string {
  const normalized = normalizeText(text, 'search');
  if (normalized === null) throw new AppError('BAD_USER_INPUT', { detail: 'The text of the filter is too long' });
  return normalized.toWellFormed().replaceAll('\0', '');
}
