import type { ErrorMapping, FailureCode } from '../../engine/contract';

/**
 * An error in the session contract's words; without words of its own the error's message stands,
 * which is English.
 */
export interface SessionError extends ErrorMapping {
  readonly vi?: string;
  readonly en?: string;
  /** Where the contract knows the error by another code. */
  readonly code?: string;
}

const bad = (vi: string, status = 400): SessionError => ({ status, vi });
const away: SessionError = { status: 503, vi: 'Dịch vụ tạm thời không khả dụng', en: 'Service unavailable' };
const failed: SessionError = { status: 500, vi: 'Lỗi server', en: 'Server error', code: 'INTERNAL_SERVER_ERROR' };

export const sessionErrors = {
  INVALID_CREDENTIALS: { status: 401, vi: 'Email hoặc mật khẩu sai', en: 'The e-mail or the password is wrong' },
  USER_UNKNOWN: {
    status: 401,
    vi: 'Email hoặc mật khẩu sai',
    en: 'The e-mail or the password is wrong',
    code: 'INVALID_CREDENTIALS',
  },
  ACCOUNT_DISABLED: { status: 403, vi: 'Tài khoản đã bị khóa', en: 'The account is locked' },
  RATE_LIMITED: { status: 429, vi: 'Vui lòng thử lại sau', en: 'Too many requests' },
  UNAUTHENTICATED: { status: 401, vi: 'Unauthorized', en: 'Unauthorized' },
  INVALID_REFRESH_TOKEN: { status: 401, vi: 'Invalid refresh token', en: 'Invalid refresh token' },
  UNKNOWN_GATEWAY_KEY: { status: 401 },
  FORBIDDEN: { status: 403, vi: 'Không có quyền truy cập', en: 'You do not have permission' },
  LAST_ADMINISTRATOR: { status: 403 },
  ROLE_PROTECTED: { status: 403 },
  REGISTRATION_CLOSED: { status: 403 },

  USER_NOT_FOUND: bad('Không tìm thấy người dùng', 404),
  ROLE_NOT_FOUND: { status: 404 },
  PERMISSION_NOT_FOUND: { status: 404 },
  SESSION_NOT_FOUND: { status: 404 },
  USERNAME_TAKEN: { status: 409 },
  EMAIL_TAKEN: { status: 409 },
  ROLE_NAME_TAKEN: { status: 409 },
  PERMISSION_NAME_TAKEN: { status: 409 },

  USERNAME_TOO_SHORT: { status: 400 },
  PASSWORD_TOO_SHORT: { status: 400 },
  PASSWORD_TOO_COMMON: { status: 400 },
  AGE_TOO_LOW: { status: 400 },
  VALIDATION_FAILED: bad('Dữ liệu không hợp lệ'),
  INVALID_CODE: { status: 400 },
  INVALID_LINK: { status: 400 },
  BAD_USER_INPUT: bad('Dữ liệu không hợp lệ'),
  BAD_REQUEST: bad('Yêu cầu không hợp lệ'),
  GATEWAY_NAME_UNSUPPORTED: { status: 400 },
  GATEWAY_NAME_TAKEN: { status: 409 },
  MALFORMED_PATH: bad('Yêu cầu không hợp lệ'),
  MALFORMED_BODY: bad('Dữ liệu không hợp lệ'),
  NOT_FOUND: bad('Không tìm thấy', 404),
  METHOD_NOT_ALLOWED: bad('Phương thức không được hỗ trợ', 405),
  PAYLOAD_TOO_LARGE: bad('Yêu cầu quá lớn', 413),
  UNSUPPORTED_MEDIA_TYPE: bad('Yêu cầu không hợp lệ', 415),

  SERVICE_UNAVAILABLE: away,
  GATEWAY_NOT_CONFIGURED: { status: 503 },
  GATEWAY_UNREACHABLE: { status: 503 },
  GATEWAY_FAILED: { status: 502 },
  INTERNAL_SERVER_ERROR: failed,
  // the documents are ours and were checked at the start: these would be defects
  QUERY_TOO_COMPLEX: failed,
  GRAPHQL_PARSE_FAILED: failed,
  GRAPHQL_VALIDATION_FAILED: failed,
  OPERATION_RESOLUTION_FAILURE: failed,
  PERSISTED_QUERY_NOT_SUPPORTED: failed,
} as const satisfies Record<FailureCode, SessionError>;
