import { listRoute, precondition, type Route, route } from '../../engine/contract';
import { text, textOrEmpty, texts } from '../../engine/members';
import {
  CreateUserDocument,
  DeleteUserDocument,
  MeDocument,
  UpdateUserDocument,
  UserDocument,
  UsersDocument,
} from '../../generated/operations';
import { answers } from './schemas';

/**
 * Small: the whole list is no heavier on memory, and on those who wait beside it, than one page.
 */
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
/** An empty text where it means that nothing was given. */
const given = (value: string | null | undefined): string | undefined => value || undefined;

/** Section "User APIs" of the contract, and what its clients use beside it. */
export const userRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/users',
    tag: 'Users',
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
    summary: 'Create a user with a role',
    body: { ...account, role: text('Name of one role', 'EDITOR') },
    operation: CreateUserDocument,
    variables: ({ body: { role, ...input } }) => ({ input: { ...input, roles: oneOrNone(role) } }),
    result: ({ createUser }) => createUser.user,
    precondition: precondition('/users/admin/users', {
      operation: CreateUserDocument,
      variables: () => ({ input: { username: '', password: '', roles: [] } }),
      counts: ['UNAUTHENTICATED', 'FORBIDDEN'],
    }),
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
    summary: 'The user whose token it is',
    operation: MeDocument,
    variables: () => ({}),
    result: ({ me }) => me,
    ...answers.user,
  }),
  route({
    method: 'GET',
    path: '/users/:userId',
    tag: 'Users',
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
    summary: 'Change a user',
    description: 'Changes what is there. An empty text empties a name, the e-mail address and the phone number.',
    body: changes,
    operation: UpdateUserDocument,
    variables: ({ params, body: { password, dob, ...rest } }) => ({
      input: { ...rest, id: params.userId, password: given(password), dob: given(dob) },
    }),
    result: ({ updateUser }) => updateUser.user,
    precondition: precondition('/users/:userId', {
      operation: UserDocument,
      variables: ({ params }) => ({ id: params.userId }),
      counts: ['USER_NOT_FOUND'],
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
    summary: 'Delete a user',
    description: 'His tokens end at once.',
    operation: DeleteUserDocument,
    variables: ({ params }) => ({ input: { id: params.userId } }),
    result: () => 'User has been deleted',
    ...answers.deleted,
    fails: ['USER_NOT_FOUND', 'LAST_ADMINISTRATOR'],
  }),
];
