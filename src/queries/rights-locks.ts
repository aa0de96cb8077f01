import { sql, statement } from '../database/sql';

interface RightsInUse {
  /** Whose rights a write relies on. */
  callerId: string;
  /** The account that it changes, or null. */
  accountId: string | null;
  /** Ids of the roles that it gives, as PostgreSQL reads an array: `{id,id}`. */
  givenRoleIds: string;
  /** Name of the role that it changes, or null. */
  changedRole: string | null;
  /** Name of the permission that it deletes from every role, or null. */
  deletedPermission: string | null;
}

/**
 * Makes changes of rights and the writes that rely on them take turns until their transactions end:
 * the caller and the roles that are held or given are shared, what is changed is not. Advisory locks
 * are first in, first out, where a row lock can be shared past a waiting change for ever. All are
 * taken in one order. Roles share 256 locks, since PostgreSQL has room for some thousands.
 */
export const lockRights = statement<RightsInUse, object>(
  'lock-rights',
  ({ callerId, accountId, givenRoleIds, changedRole, deletedPermission }) => sql`
  select case when is_changed then pg_advisory_xact_lock(key) else pg_advisory_xact_lock_shared(key) end from (
    select key, bool_or(is_changed) as is_changed from (
      select hashtextextended(id::text, 1) as key, is_changed
        from (values (${callerId}::uuid, false), (${accountId}::uuid, true)) as accounts (id, is_changed)
        where id is not null
      union all select hashtextextended('role ' || (hashtext(id::text) & 255), 1), is_changed from (
        select role_id as id, false as is_changed from user_roles where user_id = ${callerId}::uuid
        union all select unnest(${givenRoleIds}::uuid[]), false
        union all select id, true from roles where name = ${changedRole}::text
        union all select rp.role_id, true from role_permissions rp join permissions p on p.id = rp.permission_id
          where p.name = ${deletedPermission}::text
      ) as roles
    ) as concerned group by key order by key
  ) as locks`,
);
