import { type Route, route } from '../../engine/contract';
import { requiredText, text } from '../../engine/request-body';
import { CreatePermissionDocument, DeletePermissionDocument, PermissionsDocument } from '../../generated/operations';
import { answers } from './schemas';

/** Section "Permission APIs" of the contract. */
export const permissionRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/permissions',
    tag: 'Permissions',
    operationId: 'createPermission',
    summary: 'Create a permission, or replace the one of that name',
    body: {
      name: requiredText('1 to 64 letters, digits and _ . : - that do not begin with ROLE_', 'PUBLISH_ARTICLE'),
      description: text('What it allows', 'Publish articles'),
    },
    operation: CreatePermissionDocument,
    variables: ({ body }) => ({ input: { ...body, ifExists: 'REPLACE' } }),
    result: ({ createPermission }) => createPermission.permission,
    ...answers.permission,
    fails: ['VALIDATION_FAILED'],
  }),
  route({
    method: 'GET',
    path: '/permissions',
    tag: 'Permissions',
    operationId: 'listPermissions',
    summary: 'List all permissions',
    operation: PermissionsDocument,
    variables: () => ({}),
    result: ({ permissions }) => permissions,
    ...answers.permissions,
  }),
  route({
    method: 'DELETE',
    path: '/permissions/:permission',
    tag: 'Permissions',
    operationId: 'deletePermission',
    summary: 'Delete a permission',
    description: 'Every role and every token loses it at once. Succeeds when there is none of that name.',
    operation: DeletePermissionDocument,
    variables: ({ params }) => ({ input: { name: params.permission } }),
    result: () => null,
    errorsAsSuccess: { PERMISSION_NOT_FOUND: () => null },
    ...answers.nothing,
  }),
];
