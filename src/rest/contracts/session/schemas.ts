type Schema = Readonly<Record<string, unknown>>;

const object = (properties: Record<string, Schema>, optional: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
});
const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const string: Schema = { type: 'string' };
const boolean: Schema = { type: 'boolean' };
const maybe: Schema = { type: ['string', 'null'] };

/** The named schemas of the description. */
export const sessionSchemas = {
  SessionUser: object({
    id: { type: 'string', format: 'uuid' },
    email: maybe,
    role: string,
    isVerified: boolean,
    isActive: boolean,
  }),
  SessionProfile: object({ full_name: maybe, phone: maybe, avatar: maybe }),
  SessionLogin: object({
    accessToken: string,
    refreshToken: string,
    user: ref('SessionUser'),
    profile: ref('SessionProfile'),
  }),
  SessionRefresh: object({ accessToken: string, refreshToken: string }, ['refreshToken']),
  SessionError: object(
    {
      statusCode: { type: 'integer' },
      error: { type: 'string', description: 'What HTTP calls the status' },
      code: { type: 'string', description: 'Stable: to be compared' },
      message: { type: 'string', description: 'To be shown; Vietnamese, or English with Accept-Language: en' },
      errors: { type: 'array', items: object({ field: string, message: string }) },
    },
    ['errors'],
  ),
} as const;

const jwt = 'eyJhbGciOiJIUzUxMiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwYjlmNmMxZSJ9.c2lnbmF0dXJl';
const profile = { full_name: 'Nguyễn Văn A', phone: '0123456789', avatar: null };
const user = {
  id: '0b9f6c1e-5a55-4d0e-9f5b-3f8a1c0d2e47',
  email: 'user@example.com',
  role: 'co_owner',
  isVerified: true,
  isActive: true,
};

export const answers = {
  login: { answers: ref('SessionLogin'), example: { accessToken: jwt, refreshToken: jwt, user, profile } },
  refresh: { answers: ref('SessionRefresh'), example: { accessToken: jwt } },
  profile: { answers: ref('SessionProfile'), example: profile },
  nothing: { answers: { type: 'null' }, example: undefined },
} as const;
