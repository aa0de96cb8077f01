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
  /**
   * Undefined where it is not at hand: a view that was remembered does not know of later logins.
   */
  lastLoginAt?: Date | null;
  roles: RoleView[];
}

export interface UserRow {
  id: string;
  username: string;
  username_key: string;
  first_name: string | null;
  last_name: string | null;
  email: string | null;
  phone: string | null;
  dob: string | null;
  is_active: boolean;
  is_verified: boolean;
  created_at: Date | string;
  last_login_at: Date | string | null;
  /** Separated by commas: the driver's parser of arrays costs more than the roles. */
  role_ids: string | null;
}

/** Columns of a UserRow, from `users u`. */
export const USER_COLUMNS = `u.id, u.username, u.username_key, u.first_name, u.last_name, u.email, u.phone, u.dob::text as dob, u.is_active,
  u.is_verified, u.created_at, u.last_login_at, (select string_agg(ur.role_id::text, ',') from user_roles ur where ur.user_id = u.id) as role_ids`;

export function userView(row: UserRow, roles: Roles): UserView {
  const held = row.role_ids === null ? [] : row.role_ids.split(',').flatMap((id) => roles.get(id) ?? []);
  if (held.length > 1) held.sort((a, b) => a.precedence - b.precedence || (a.name < b.name ? -1 : 1));
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
}
