import { type Route, route } from '../../engine/contract';
import { requiredText, text, texts } from '../../engine/request-body';
import { CreateRoleDocument, DeleteRoleDocument, RolesDocument } from '../../generated/operations';
import { answers } from './schemas';

/** Section "Role APIs" of the contract. */
export const roleRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/roles',
    tag: 'Roles',
    operationId: 'createRole',
    summary: 'Create a role, or replace the one of that name',
    body: {
      name: requiredText('1 to 64 letters, digits and _ . : -', 'EDITOR'),
      description: text('What the role is for', 'Writes articles'),
      permissions: texts('Names of permissions', ['CREATE_USER']),
    },
    operation: CreateRoleDocument,
    variables: ({ body }) => ({ input: { ...body, ifExists: 'REPLACE' } }),
    result: ({ createRole }) => createRole.role,
    ...answers.role,
    fails: ['VALIDATION_FAILED', 'PERMISSION_NOT_FOUND'],
  }),
  route({
    method: 'GET',
    path: '/roles',
    tag: 'Roles',
    operationId: 'listRoles',
    summary: 'List all roles',
    operation: RolesDocument,
    variables: () => ({}),
    result: ({ roles }) => roles,
    ...answers.roles,
  }),
  route({
    method: 'DELETE',
    path: '/roles/:role',
    tag: 'Roles',
    operationId: 'deleteRole',
    summary: 'Delete a role',
    description: 'Its holders lose it at once. Succeeds when there is none of that name.',
    operation: DeleteRoleDocument,
    variables: ({ params }) => ({ input: { name: params.role } }),
    result: () => null,
    errorsAsSuccess: { ROLE_NOT_FOUND: () => null },
    ...answers.nothing,
    fails: ['ROLE_PROTECTED'],
  }),
];
