import { z } from 'zod';
import { listRoute, precondition, route } from '../../src/rest/engine/contract';
import { readMembers, requiredText, text, textOrEmpty, texts } from '../../src/rest/engine/request-body';
import {
  CreateRoleDocument,
  LoginDocument,
  UpdateUserDocument,
  UserDocument,
  UsersDocument,
} from '../../src/rest/generated/operations';

const described = { tag: 'x', operationId: 'x', summary: 'x', answers: z.unknown(), example: null } as const;
const row = { ...described, method: 'PUT', path: '/users/:userId' } as const;
const body = { firstName: text('x', 'x'), roles: texts('x', ['x']) };
const operation = UpdateUserDocument;

// `npm run typecheck` holds these lines to their errors: one that compiles is an error itself
const rows = [
  route({
    ...row,
    body,
    operation,
    // @ts-expect-error a member that the input does not have
    variables: ({ params, body }) => ({ input: { id: params.userId, firstname: body.firstName } }),
    result: () => null,
  }),
  route({
    ...row,
    body,
    operation,
    // @ts-expect-error a required member is missing
    variables: ({ body }) => ({ input: { firstName: body.firstName } }),
    result: () => null,
  }),
  route({
    ...row,
    operation,
    // @ts-expect-error a variable that the document does not have
    variables: ({ params }) => ({ input: { id: params.userId }, id: params.userId }),
    result: () => null,
  }),
  route({
    ...row,
    body,
    operation,
    // @ts-expect-error a type that the input does not take
    variables: ({ params, body }) => ({ input: { id: params.userId, firstName: body.roles } }),
    result: () => null,
  }),
  route({
    ...row,
    body,
    operation,
    // @ts-expect-error a member that the body does not have
    variables: ({ params, body }) => ({ input: { id: params.userId, firstName: body.name } }),
    result: () => null,
  }),
  route({
    ...row,
    operation,
    // @ts-expect-error a parameter that the path does not have
    variables: ({ params }) => ({ input: { id: params.id } }),
    result: () => null,
  }),
  route({
    ...row,
    operation,
    variables: ({ params }) => ({ input: { id: params.userId } }),
    // @ts-expect-error a field that the document does not ask for
    result: ({ updateUser }) => updateUser.user.isActive,
  }),
  route({
    ...described,
    method: 'POST',
    path: '/roles',
    operation: CreateRoleDocument,
    // @ts-expect-error a value that the enumeration does not have
    variables: () => ({ input: { name: 'x', ifExists: 'OVERWRITE' } }),
    result: () => null,
  }),
  route({
    ...described,
    method: 'POST',
    path: '/auth/token',
    operation: LoginDocument,
    variables: () => ({ input: { username: 'x', password: 'x' } }),
    result: () => null,
    // @ts-expect-error an error that there is not
    fails: ['NO_SUCH_ERROR'],
  }),
  listRoute({
    ...described,
    path: '/users',
    operation: UsersDocument,
    // @ts-expect-error a variable that the document does not have
    variables: (after) => ({ first: 10, before: after }),
    result: ({ users }) => users.nodes,
    next: ({ users }) => users.pageInfo.endCursor,
  }),
];

const asked = precondition('/users/:userId', {
  operation: UserDocument,
  // @ts-expect-error a parameter that the path does not have
  variables: ({ params }) => ({ id: params.id }),
  errors: ['USER_NOT_FOUND'],
});

test('a wrong name in a row does not compile', () => {
  expect(rows).toHaveLength(10);
  expect(asked.errors).toEqual(['USER_NOT_FOUND']);
});

describe('the members of a body', () => {
  const members = z.object({
    name: requiredText('x', 'x'),
    token: textOrEmpty('x', 'x'),
    note: text('x', 'x'),
    tags: texts('x', ['x']),
  });

  test('are picked, and nothing else comes through', () => {
    const sent = JSON.parse('{"name":"a","note":null,"tags":["b"],"extra":1,"__proto__":{"token":"x"},"toString":"y"}');
    expect(readMembers(members, sent)).toEqual({ name: 'a', token: '', note: null, tags: ['b'] });
    expect(Object.getPrototypeOf(readMembers(members, sent))).toBe(Object.prototype);
  });

  test('that are inherited are not there', () => {
    expect(() => readMembers(members, Object.create({ name: 'inherited' }))).toThrow('name is required');
  });

  test('are all named when several are wrong, in the order of the row', () => {
    expect.assertions(1);
    try {
      readMembers(members, { tags: 'b', note: 7, name: null });
    } catch (error) {
      expect((error as { problems: unknown }).problems).toEqual([
        { field: 'name', message: 'name is required' },
        { field: 'note', message: 'note must be a string' },
        { field: 'tags', message: 'tags must be an array of strings' },
      ]);
    }
  });
});
