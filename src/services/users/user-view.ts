import type { UserRow } from '../../queries/users';
import type { Roles, RoleView } from '../roles/role-cache';

/** A user as the API shows it. */
export interface UserView {
  id: string;
  username: string;
  firstName: string | null;
  lastName: string | null;
  email: string | null;
  phone: string | null;
  /** YYYY-MM-DD */
  dob: string | null;
  isActive: boolean;
  isVerified: boolean;
  createdAt: Date;
  /** Undefined in a cached view, which logins do not change. */
  lastLoginAt?: Date | null;
  roles: RoleView[];
}

export const userView = (row: UserRow, roles: Roles): UserView => userViews(roles)(row);

/** Makes the views of several users: those with the same roles share one list of them. */
export function userViews(roles: Roles): (row: UserRow) => UserView {
  const lists = new Map<string | null, RoleView[]>();
  return (row) => {
    const held = lists.get(row.role_ids) ?? rolesOf(row, roles);
    lists.set(row.role_ids, held);
    return {
      id: row.id,
      username: row.username,
      firstName: row.first_name,
      lastName: row.last_name,
      email: row.email,
      phone: row.phone,
      dob: row.dob,
      isActive: row.is_active,
      isVerified: row.is_verified,
      createdAt: new Date(row.created_at),
      lastLoginAt: row.last_login_at === null ? null : new Date(row.last_login_at),
      roles: held,
    };
  };
}

function rolesOf({ role_ids }: UserRow, roles: Roles): RoleView[] {
  const held = role_ids === null ? [] : role_ids.split(',').flatMap((id) => roles.get(id) ?? []);
  return held.sort((a, b) => a.precedence - b.precedence || (a.name < b.name ? -1 : 1));
}
