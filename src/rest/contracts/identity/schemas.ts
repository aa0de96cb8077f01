type Schema = Readonly<Record<string, unknown>>;

const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const listOf = (items: Schema): Schema => ({ type: 'array', items });
const object = (properties: Record<string, Schema>): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const maybe = (schema: Schema): Schema => ({ ...schema, type: [schema.type, 'null'] });
const string: Schema = { type: 'string' };

/** The named schemas of the description. */
export const identitySchemas = {
  Permission: object({ name: string, description: maybe(string) }),
  Role: object({ name: string, description: maybe(string), permissions: listOf(ref('Permission')) }),
  User: object({
    id: { type: 'string', format: 'uuid' },
    username: string,
    firstName: maybe(string),
    lastName: maybe(string),
    dob: maybe({ type: 'string', format: 'date' }),
    email: maybe(string),
    phone: maybe(string),
    roles: listOf(ref('Role')),
  }),
  Token: object({
    token: { type: 'string', description: 'JWT; send it as `Authorization: Bearer <token>`' },
    authenticated: { const: true },
  }),
  Validity: object({ valid: { const: true } }),
  IdentityError: {
    ...object({ code: { type: 'integer' }, message: string }),
    properties: {
      code: { type: 'integer', description: 'What went wrong; see the examples' },
      message: string,
      errors: {
        ...listOf(object({ field: string, message: string })),
        description: 'Says more where the message alone does not',
      },
      result: { description: 'With some errors, such as those of introspection' },
    },
  },
} as const;

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

/** What each kind of row answers: schema and example together. */
export const answers = {
  token: { answers: ref('Token'), example: token },
  validity: { answers: ref('Validity'), example: { valid: true } },
  user: { answers: ref('User'), example: user },
  users: { answers: listOf(ref('User')), example: [{ ...user, roles: [role] }] },
  role: { answers: ref('Role'), example: role },
  roles: { answers: listOf(ref('Role')), example: [role] },
  permission: { answers: ref('Permission'), example: permission },
  permissions: { answers: listOf(ref('Permission')), example: [permission] },
  nothing: { answers: { type: 'null' }, example: null },
  yesOrNo: { answers: { type: 'boolean' }, example: true },
  deleted: { answers: { const: 'User has been deleted' }, example: 'User has been deleted' },
} as const;
