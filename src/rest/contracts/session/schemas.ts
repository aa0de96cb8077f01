import { z } from 'zod';

const SessionUser = z
  .object({
    id: z.string().meta({ format: 'uuid' }),
    email: z.string().nullable(),
    role: z.string(),
    isVerified: z.boolean(),
    isActive: z.boolean(),
  })
  .meta({ id: 'SessionUser' });

const SessionProfile = z
  .object({ full_name: z.string().nullable(), phone: z.string().nullable(), avatar: z.string().nullable() })
  .meta({ id: 'SessionProfile' });

const SessionLogin = z
  .object({ accessToken: z.string(), refreshToken: z.string(), user: SessionUser, profile: SessionProfile })
  .meta({ id: 'SessionLogin' });

const SessionRefresh = z
  .object({ accessToken: z.string(), refreshToken: z.string().optional() })
  .meta({ id: 'SessionRefresh' });

export const sessionFailureSchema = z
  .object({
    statusCode: z.number().meta({ type: 'integer' }),
    error: z.string().meta({ description: 'The reason phrase of the HTTP status' }),
    code: z.string().meta({ description: 'Stable; compare this one' }),
    message: z.string().meta({ description: 'For people: Vietnamese, or English with Accept-Language: en' }),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'SessionError' });

const jwt = 'eyJhbGciOiJIUzUxMiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwYjlmNmMxZSJ9.c2lnbmF0dXJl';
const profile = { full_name: 'Nguyễn Văn A', phone: '0123456789', avatar: null };
const user = {
  id: '0b9f6c1e-5a55-4d0e-9f5b-3f8a1c0d2e47',
  email: 'user@example.com',
  role: 'co_owner',
  isVerified: true,
  isActive: true,
};

/** The body of each kind of row: schema and example. */
export const answers = {
  login: { answers: SessionLogin, example: { accessToken: jwt, refreshToken: jwt, user, profile } },
  refresh: { answers: SessionRefresh, example: { accessToken: jwt } },
  profile: { answers: SessionProfile, example: profile },
  nothing: { answers: z.null(), example: undefined },
} as const;
