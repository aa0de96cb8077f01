import type { ErrorMapping, FailureCode } from '../../engine/contract';

/** An error in the identity contract's words. */
export interface IdentityError extends ErrorMapping {
  readonly code: number;
  /** Left out where the error's own message is the contract's. */
  readonly message?: string;
  /** The member that the error is about, for the codes whose message does not say it. */
  readonly field?: string;
}

const uncategorized = (field?: string): IdentityError => ({
  status: 400,
  code: 1001,
  message: 'Uncategorized error',
  field,
});
const unreadable = (status: number): IdentityError => ({ status, code: 1001, message: 'Uncategorized error' });
const unauthenticated: IdentityError = { status: 401, code: 1006, message: 'Unauthenticated' };
const forbidden: IdentityError = { status: 403, code: 1007, message: 'You do not have permission' };
const userNotExisted: IdentityError = { status: 404, code: 1005, message: 'User not existed' };
const userExisted: IdentityError = { status: 400, code: 1002, message: 'User existed' };
const failed = (status: number): IdentityError => ({ status, code: 9999, message: 'Uncategorized error' });

/** Section "Error Codes" of the contract, and what belongs to each of them. */
export const identityErrors = {
  UNAUTHENTICATED: unauthenticated,
  INVALID_CREDENTIALS: unauthenticated,
  INVALID_REFRESH_TOKEN: unauthenticated,
  UNKNOWN_GATEWAY_KEY: unauthenticated,

  FORBIDDEN: forbidden,
  ACCOUNT_DISABLED: forbidden,
  LAST_ADMINISTRATOR: forbidden,
  ROLE_PROTECTED: forbidden,
  REGISTRATION_CLOSED: forbidden,

  USER_UNKNOWN: userNotExisted,
  USER_NOT_FOUND: userNotExisted,
  USERNAME_TAKEN: userExisted,
  EMAIL_TAKEN: userExisted,
  USERNAME_TOO_SHORT: { status: 400, code: 1003 },
  PASSWORD_TOO_SHORT: { status: 400, code: 1004 },
  PASSWORD_TOO_COMMON: { status: 400, code: 1004 },
  AGE_TOO_LOW: { status: 400, code: 1008 },
  RATE_LIMITED: { status: 429, code: 1010, message: 'Too many requests' },

  VALIDATION_FAILED: uncategorized(),
  BAD_USER_INPUT: uncategorized('body'),
  BAD_REQUEST: uncategorized('body'),
  INVALID_CODE: uncategorized('otp'),
  INVALID_LINK: uncategorized('token'),
  ROLE_NOT_FOUND: uncategorized('roles'),
  PERMISSION_NOT_FOUND: uncategorized('permissions'),
  ROLE_NAME_TAKEN: uncategorized('name'),
  PERMISSION_NAME_TAKEN: uncategorized('name'),
  SESSION_NOT_FOUND: uncategorized('id'),
  GATEWAY_NAME_UNSUPPORTED: uncategorized('username'),
  GATEWAY_NAME_TAKEN: uncategorized('username'),
  MALFORMED_PATH: unreadable(400),
  MALFORMED_BODY: unreadable(400),
  NOT_FOUND: unreadable(404),
  METHOD_NOT_ALLOWED: unreadable(405),
  PAYLOAD_TOO_LARGE: unreadable(413),
  UNSUPPORTED_MEDIA_TYPE: unreadable(415),

  SERVICE_UNAVAILABLE: failed(503),
  GATEWAY_NOT_CONFIGURED: failed(503),
  GATEWAY_UNREACHABLE: failed(503),
  GATEWAY_FAILED: failed(502),
  INTERNAL_SERVER_ERROR: failed(500),
  // the documents are ours and were checked at the start: these would be defects
  QUERY_TOO_COMPLEX: failed(500),
  GRAPHQL_PARSE_FAILED: failed(500),
  GRAPHQL_VALIDATION_FAILED: failed(500),
  OPERATION_RESOLUTION_FAILURE: failed(500),
  PERSISTED_QUERY_NOT_SUPPORTED: failed(500),
} as const satisfies Record<FailureCode, IdentityError>;
