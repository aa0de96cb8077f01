import { sql, statement } from '../database/sql';
import { ADMIN_ROLE } from '../security/scopes';
import type { StoredPasswordRow } from './users';

export interface AdministratorRow extends StoredPasswordRow {
  username: string;
}

/** The oldest accounts with the role ADMIN, at most three. */
export const findOldestAdministrators = statement<{ role: typeof ADMIN_ROLE }, AdministratorRow>(
  'find-oldest-administrators',
  ({ role }) => sql`
    with holders as materialized (
      select ur.user_id from user_roles ur join roles r on r.id = ur.role_id where r.name = ${role})
    select u.username, u.password_hash, u.password_scheme
    from holders h join users u on u.id = h.user_id order by u.created_at limit 3`,
);
