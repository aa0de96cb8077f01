import { sql, statement } from '../database/sql';

interface NewPermission {
  name: string;
  description: string | null;
}

export interface PermissionRow extends NewPermission {
  id: string;
}

export const findPermissions = statement<Record<never, never>, PermissionRow>(
  'find-permissions',
  () => sql`select id, name, description from permissions order by name`,
);

export const findPermissionByName = statement<{ name: string }, PermissionRow>(
  'find-permission-by-name',
  ({ name }) => sql`select id, name, description from permissions where name = ${name}`,
);

/** No row when there is one of that name. */
export const insertPermission = statement<NewPermission, PermissionRow>(
  'insert-permission',
  ({ name, description }) =>
    sql`insert into permissions (name, description) values (${name}, ${description})
        on conflict (name) do nothing returning id, name, description`,
);

/** Also when it was deleted a moment ago. */
export const replacePermission = statement<NewPermission, PermissionRow>(
  'replace-permission',
  ({ name, description }) =>
    sql`insert into permissions (name, description) values (${name}, ${description})
        on conflict (name) do update set description = excluded.description returning id, name, description`,
);

export const deletePermissionByName = statement<{ name: string }, { id: string }>(
  'delete-permission',
  ({ name }) => sql`delete from permissions where name = ${name} returning id`,
);
