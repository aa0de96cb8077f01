import { z } from 'zod';

const Permission = z.object({ name: z.string(), description: z.string().nullable() }).meta({ id: 'Permission' });

const Role = z
  .object({ name: z.string(), description: z.string().nullable(), permissions: z.array(Permission) })
  .meta({ id: 'Role' });

const User = z
  .object({
    id: z.string().meta({ format: 'uuid' }),
    username: z.string(),
    firstName: z.string().nullable(),
    lastName: z.string().nullable(),
    dob: z.string().nullable().meta({ format: 'date' }),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    roles: z.array(Role),
  })
  .meta({ id: 'User' });

const Token = z
  .object({
    token: z.string().meta({ description: 'JWT; send it as `Authorization: Bearer <token>`' }),
    authenticated: z.literal(true),
  })
  .meta({ id: 'Token' });

const Validity = z.object({ valid: z.literal(true) }).meta({ id: 'Validity' });

export const identityFailureSchema = z
  .object({
    code: z.number().meta({ type: 'integer', description: 'The reason; see the examples' }),
    message: z.string(),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'Details, where the message alone does not say enough' }),
    result: z.unknown().optional().meta({ description: 'With some errors, such as those of introspection' }),
  })
  .meta({ id: 'IdentityError' });

const permission = { name: 'CREATE_USER', description: 'Create users with roles' };
const role = { name: 'EDITOR', description: 'Writes articles', permissions: [permission] };
const user = {
  id: '0b9f6c1e-5a55-4d0e-9f5b-3f8a1c0d2e47',
  username: 'newuser',
  firstName: 'John',
  lastName: 'Doe',
  dob: '2000-01-01',
  email: 'john.doe@example.com',
  phone: '0123456789',
  roles: [],
};
const token = { token: 'eyJhbGciOiJIUzUxMiJ9.eyJzdWIiOiJhZG1pbiJ9.c2lnbmF0dXJl', authenticated: true };

/** The result of each kind of row: schema and example. */
export const answers = {
  token: { answers: Token, example: token },
  validity: { answers: Validity, example: { valid: true } },
  user: { answers: User, example: user },
  users: { answers: z.array(User), example: [{ ...user, roles: [role] }] },
  role: { answers: Role, example: role },
  roles: { answers: z.array(Role), example: [role] },
  permission: { answers: Permission, example: permission },
  permissions: { answers: z.array(Permission), example: [permission] },
  nothing: { answers: z.null(), example: null },
  yesOrNo: { answers: z.boolean(), example: true },
  deleted: { answers: z.literal('User has been deleted'), example: 'User has been deleted' },
} as const;
