import { sql, statement } from '../database/sql';
import type { PermissionRow } from './permissions';

export interface RoleRow {
  id: string;
  name: string;
  description: string | null;
  precedence: number;
  permissions: PermissionRow[];
}

/** All roles with their permissions, by precedence and name. */
export const findRoles = statement<Record<never, never>, RoleRow>(
  'find-roles',
  () => sql`select r.id, r.name, r.description, r.precedence,
      coalesce(json_agg(json_build_object('id', p.id, 'name', p.name, 'description', p.description) order by p.name)
        filter (where p.id is not null), '[]') as permissions
    from roles r left join role_permissions rp on rp.role_id = r.id left join permissions p on p.id = rp.permission_id
    group by r.id order by r.precedence, r.name`,
);

export const findRoleId = statement<{ name: string }, { id: string }>(
  'find-role-id',
  ({ name }) => sql`select id from roles where name = ${name}`,
);

/** Changes of one role wait for each other. */
export const lockRole = statement<{ name: string }, { id: string }>(
  'lock-role',
  ({ name }) => sql`select id from roles where name = ${name} for update`,
);

/** Removals of a role's holders wait for each other; the role can still be referred to. */
export const lockRoleHolders = statement<{ name: string }, { id: string }>(
  'lock-role-holders',
  ({ name }) => sql`select id from roles where name = ${name} for no key update`,
);

/** Keeps the role from being deleted until the transaction ends. */
export const keepRole = statement<{ id: string }, { id: string }>(
  'keep-role',
  ({ id }) => sql`select id from roles where id = ${id} for key share`,
);

/** What these roles carry now. @param ids as PostgreSQL reads an array: `{id,id}` */
export const findRoleScopes = statement<{ ids: string }, { id: string; name: string; permissions: string[] }>(
  'find-role-scopes',
  ({ ids }) => sql`select r.id, r.name,
      array(select p.name from role_permissions rp join permissions p on p.id = rp.permission_id
        where rp.role_id = r.id) as permissions
    from roles r where r.id = any(${ids}::uuid[])`,
);

interface OtherHolder {
  role: string;
  userId: string;
}

export const findOtherActiveHolder = statement<OtherHolder, { user_id: string }>(
  'find-other-active-holder',
  ({ role, userId }) => sql`select u.id as user_id
    from users u join user_roles ur on ur.user_id = u.id join roles r on r.id = ur.role_id
    where r.name = ${role} and u.is_active and u.id <> ${userId} limit 1`,
);

export const findOtherHolder = statement<{ roleId: string; userId: string }, { user_id: string }>(
  'find-other-holder',
  ({ roleId, userId }) =>
    sql`select user_id from user_roles where role_id = ${roleId} and user_id <> ${userId} limit 1`,
);
