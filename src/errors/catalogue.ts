/**
 * Every error that a client can meet, by its stable code. The key is what GraphQL answers in
 * `extensions.code`; the REST contracts map each key to their own form. `status` is the HTTP status
 * of the REST channels. `{name}` in a message is replaced from the error's parameters.
 */
export const errorCatalogue = {
  UNAUTHENTICATED: { status: 401, message: 'Sign in first: send a valid token as "Authorization: Bearer <token>"' },
  FORBIDDEN: { status: 403, message: 'You do not have permission; this needs {needs}' },
  INVALID_CREDENTIALS: { status: 401, message: 'The user name or the password is wrong' },
  USER_UNKNOWN: { status: 404, message: 'No such user' },
  ACCOUNT_DISABLED: { status: 403, message: 'This account is disabled' },
  INVALID_REFRESH_TOKEN: { status: 401, message: 'The refresh token is not valid any more; log in again' },
  INVALID_CODE: { status: 400, message: 'The code is wrong, used up or expired' },
  INVALID_LINK: { status: 400, message: 'The link was used or has expired; ask for a new mail' },
  RATE_LIMITED: { status: 429, message: 'Too many attempts; try again in {retryAfter} s' },

  USER_NOT_FOUND: { status: 404, message: 'No such user' },
  ROLE_NOT_FOUND: { status: 404, message: 'There is no role named "{name}"' },
  PERMISSION_NOT_FOUND: { status: 404, message: 'There is no permission named "{name}"' },
  SESSION_NOT_FOUND: { status: 404, message: 'No such session' },

  USERNAME_TAKEN: { status: 409, message: 'The user name is taken' },
  EMAIL_TAKEN: { status: 409, message: 'The e-mail address is taken' },
  ROLE_NAME_TAKEN: { status: 409, message: 'A role named "{name}" exists' },
  PERMISSION_NAME_TAKEN: { status: 409, message: 'A permission named "{name}" exists' },

  USERNAME_TOO_SHORT: { status: 400, message: 'Username must be at least {min} characters' },
  PASSWORD_TOO_SHORT: { status: 400, message: 'Password must be at least {min} characters' },
  PASSWORD_TOO_COMMON: {
    status: 400,
    message: 'This password is on the list of common passwords or repeats the account; choose another',
  },
  AGE_TOO_LOW: { status: 400, message: 'Your age must be at least {min}' },
  VALIDATION_FAILED: { status: 400, message: '{detail}' },

  LAST_ADMINISTRATOR: { status: 403, message: 'The last administrator cannot be removed' },
  REGISTRATION_CLOSED: {
    status: 403,
    message: 'Registration is closed; ask an administrator for an invitation or an account',
  },
  ROLE_PROTECTED: { status: 403, message: 'The role "{name}" cannot be deleted' },

  GATEWAY_NOT_CONFIGURED: { status: 503, message: 'No Kong gateway is configured; set KONG_ADMIN_URL' },
  GATEWAY_UNREACHABLE: { status: 503, message: 'The Kong gateway does not answer; try again' },
  GATEWAY_FAILED: { status: 502, message: 'The Kong gateway refused or failed; try again' },
  GATEWAY_NAME_UNSUPPORTED: {
    status: 400,
    message: 'Kong cannot hold this user name; sign in through another channel',
  },
  GATEWAY_NAME_TAKEN: {
    status: 409,
    message: 'Kong has a consumer with this {member} that belongs to another user; sign in through another channel',
  },
  UNKNOWN_GATEWAY_KEY: { status: 401, message: 'The key is unknown, expired or its owner is not active' },

  BAD_USER_INPUT: { status: 400, message: '{detail}' },
  QUERY_TOO_COMPLEX: { status: 400, message: '{detail}' },
  GRAPHQL_PARSE_FAILED: { status: 400, message: 'The GraphQL document cannot be parsed' },
  GRAPHQL_VALIDATION_FAILED: { status: 400, message: 'The GraphQL document does not fit the schema' },
  OPERATION_RESOLUTION_FAILURE: { status: 400, message: 'The document holds no operation of that name' },
  PERSISTED_QUERY_NOT_SUPPORTED: { status: 400, message: 'Persisted queries are not supported; send the document' },
  BAD_REQUEST: { status: 400, message: '{detail}' },

  SERVICE_UNAVAILABLE: { status: 503, message: 'The service is not available at the moment; try again' },
  INTERNAL_SERVER_ERROR: { status: 500, message: 'Unexpected error' },
} as const satisfies Record<string, { status: number; message: string }>;

export type ErrorCode = keyof typeof errorCatalogue;

export const errorCodes = Object.keys(errorCatalogue) as ErrorCode[];

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorCatalogue, code);
}
