import { listRoute, precondition, type Route, route } from '../../engine/contract';
import { text, textOrEmpty, texts } from '../../engine/request-body';
import {
  CreateUserDocument,
  DeleteUserDocument,
  MeDocument,
  UpdateUserDocument,
  UserDocument,
  UsersDocument,
} from '../../generated/operations';
import { answers } from './schemas';

/** Rows that a list holds in memory at a time; a small page also delays other requests less. */
const PAGE = 100;

const credentials = {
  username: textOrEmpty('Unique without regard to case', 'newuser', { minLength: 4 }),
  password: textOrEmpty('Kept as a bcrypt hash', 'password123', { minLength: 6 }),
};
const person = {
  firstName: text('First name', 'John'),
  lastName: text('Last name', 'Doe'),
  email: text('Unique without regard to case', 'john.doe@example.com'),
  phone: text('6 to 20 characters', '0123456789'),
};
const account = { ...credentials, ...person, dob: text('Date of birth; at least 10 years ago', '2000-01-01') };
const changes = {
  password: text('A new password of at least 6 characters; ends every other token of the account', 'password456'),
  ...person,
  dob: text('Date of birth; at least 18 years ago', '2000-01-01'),
  roles: texts('Names of all the roles to have; for administrators', ['EDITOR']),
};

const oneOrNone = (value: string | null | undefined): string[] => (value ? [value] : []);
/** An empty string means "not given" here. */
const given = (value: string | null | undefined): string | undefined => value || undefined;

/** Section "User APIs" of the contract, and a row that its clients use as well. */
export const userRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/users',
    tag: 'Users',
    operationId: 'register',
    summary: 'Register',
    body: account,
    operation: CreateUserDocument,
    variables: ({ body }) => ({ input: body }),
    result: ({ createUser }) => createUser.user,
    ...answers.user,
    fails: [
      'USERNAME_TAKEN',
      'EMAIL_TAKEN',
      'USERNAME_TOO_SHORT',
      'PASSWORD_TOO_SHORT',
      'AGE_TOO_LOW',
      'VALIDATION_FAILED',
    ],
  }),
  route({
    method: 'POST',
    path: '/users/admin/users',
    tag: 'Users',
    operationId: 'createUser',
    summary: 'Create a user with a role',
    body: { ...account, role: text('Name of one role', 'EDITOR') },
    operation: CreateUserDocument,
    variables: ({ body: { role, ...input } }) => ({ input: { ...input, roles: oneOrNone(role) } }),
    result: ({ createUser }) => createUser.user,
    accessVariables: () => ({ input: { roles: [] } }),
    ...answers.user,
    fails: [
      'UNAUTHENTICATED',
      'FORBIDDEN',
      'USERNAME_TAKEN',
      'EMAIL_TAKEN',
      'USERNAME_TOO_SHORT',
      'PASSWORD_TOO_SHORT',
      'AGE_TOO_LOW',
      'VALIDATION_FAILED',
      'ROLE_NOT_FOUND',
    ],
  }),
  listRoute({
    path: '/users',
    tag: 'Users',
    operationId: 'listUsers',
    summary: 'List all users',
    operation: UsersDocument,
    variables: (after) => ({ first: PAGE, after }),
    result: ({ users }) => users.nodes,
    next: ({ users: { pageInfo } }) => (pageInfo.hasNextPage ? pageInfo.endCursor : null),
    ...answers.users,
  }),
  route({
    method: 'GET',
    path: '/users/my-info',
    tag: 'Users',
    operationId: 'getMyInfo',
    summary: 'The user of the token',
    operation: MeDocument,
    variables: () => ({}),
    result: ({ me }) => me,
    ...answers.user,
  }),
  route({
    method: 'GET',
    path: '/users/:userId',
    tag: 'Users',
    operationId: 'getUser',
    summary: 'One user',
    operation: UserDocument,
    variables: ({ params }) => ({ id: params.userId }),
    result: ({ user }) => user,
    ...answers.user,
    fails: ['USER_NOT_FOUND'],
  }),
  route({
    method: 'PUT',
    path: '/users/:userId',
    tag: 'Users',
    operationId: 'updateUser',
    summary: 'Change a user',
    description:
      'Changes the members that are present. An empty string clears a name, the e-mail address or the phone number.',
    body: changes,
    operation: UpdateUserDocument,
    variables: ({ params, body: { password, dob, ...rest } }) => ({
      input: { ...rest, id: params.userId, password: given(password), dob: given(dob) },
    }),
    result: ({ updateUser }) => updateUser.user,
    accessVariables: ({ params }) => ({ input: { id: params.userId } }),
    precondition: precondition('/users/:userId', {
      operation: UserDocument,
      variables: ({ params }) => ({ id: params.userId }),
      errors: ['USER_NOT_FOUND'],
    }),
    ...answers.user,
    fails: [
      'USER_NOT_FOUND',
      'FORBIDDEN',
      'EMAIL_TAKEN',
      'PASSWORD_TOO_SHORT',
      'AGE_TOO_LOW',
      'VALIDATION_FAILED',
      'ROLE_NOT_FOUND',
      'LAST_ADMINISTRATOR',
    ],
  }),
  route({
    method: 'DELETE',
    path: '/users/:userId',
    tag: 'Users',
    operationId: 'deleteUser',
    summary: 'Delete a user',
    description: 'Their tokens end at once.',
    operation: DeleteUserDocument,
    variables: ({ params }) => ({ input: { id: params.userId } }),
    result: () => 'User has been deleted',
    ...answers.deleted,
    fails: ['USER_NOT_FOUND', 'LAST_ADMINISTRATOR'],
  }),
];
