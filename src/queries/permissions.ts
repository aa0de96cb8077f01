import { sql, statement } from '../database/sql';

export interface PermissionRow {
  name: string;
  description: string | null;
}

export const findPermissions = statement<Record<never, never>, PermissionRow>(
  'find-permissions',
  () => sql`select name, description from permissions order by name`,
);

export const findPermissionByName = statement<{ name: string }, PermissionRow>(
  'find-permission-by-name',
  ({ name }) => sql`select name, description from permissions where name = ${name}`,
);

export const insertPermission = statement<PermissionRow, PermissionRow>(
  'insert-permission',
  ({ name, description }) =>
    sql`insert into permissions (name, description) values (${name}, ${description}) returning name, description`,
);

export const insertOrReplacePermission = statement<PermissionRow, PermissionRow>(
  'insert-or-replace-permission',
  ({ name, description }) =>
    sql`insert into permissions (name, description) values (${name}, ${description})
        on conflict (name) do update set description = excluded.description returning name, description`,
);

export const deletePermissionByName = statement<{ name: string }, { name: string }>(
  'delete-permission',
  ({ name }) => sql`delete from permissions where name = ${name} returning name`,
);
