import { type AppError, type FieldProblem, fillIn } from './app-error';
import type { ErrorCode } from './catalogue';

/** The messages of errors that people meet. Those of developers are English. */
export const vietnameseMessages: Partial<Record<ErrorCode, string>> = {
  UNAUTHENTICATED: 'Vui lòng đăng nhập trước',
  FORBIDDEN: 'Bạn không có quyền truy cập; cần có {needs}',
  INVALID_CREDENTIALS: 'Tên người dùng hoặc mật khẩu sai',
  USER_UNKNOWN: 'Không tìm thấy người dùng',
  ACCOUNT_DISABLED: 'Tài khoản đã bị khóa',
  INVALID_REFRESH_TOKEN: 'Phiên đăng nhập không còn hiệu lực; vui lòng đăng nhập lại',
  INVALID_CODE: 'Mã sai, đã được dùng hoặc đã hết hạn',
  INVALID_LINK: 'Liên kết đã được dùng hoặc đã hết hạn; hãy yêu cầu thư mới',
  RATE_LIMITED: 'Quá nhiều lần thử; vui lòng thử lại sau {retryAfter} giây',

  USER_NOT_FOUND: 'Không tìm thấy người dùng',
  ROLE_NOT_FOUND: 'Không có vai trò tên "{name}"',
  PERMISSION_NOT_FOUND: 'Không có quyền tên "{name}"',
  SESSION_NOT_FOUND: 'Không tìm thấy phiên đăng nhập',

  USERNAME_TAKEN: 'Tên người dùng đã được sử dụng',
  EMAIL_TAKEN: 'Địa chỉ e-mail đã được sử dụng',
  ROLE_NAME_TAKEN: 'Đã có vai trò tên "{name}"',
  PERMISSION_NAME_TAKEN: 'Đã có quyền tên "{name}"',

  USERNAME_TOO_SHORT: 'Tên người dùng phải có ít nhất {min} ký tự',
  PASSWORD_TOO_SHORT: 'Mật khẩu phải có ít nhất {min} ký tự',
  PASSWORD_TOO_COMMON: 'Mật khẩu này quá phổ biến hoặc lặp lại thông tin tài khoản; hãy chọn mật khẩu khác',
  AGE_TOO_LOW: 'Tuổi của bạn phải từ {min} trở lên',

  LAST_ADMINISTRATOR: 'Không thể xóa quản trị viên cuối cùng',
  REGISTRATION_CLOSED: 'Đăng ký đang đóng; hãy yêu cầu quản trị viên mời bạn hoặc tạo tài khoản',
  ROLE_PROTECTED: 'Không thể xóa vai trò "{name}"',

  SERVICE_UNAVAILABLE: 'Dịch vụ tạm thời không khả dụng; vui lòng thử lại',
  INTERNAL_SERVER_ERROR: 'Lỗi không mong đợi',
};

/** The message of an error in a language, or in English where it has no other. */
export function messageIn(language: 'en' | 'vi', error: Pick<AppError, 'code' | 'message' | 'params' | 'problems'>) {
  const { code, message, params, problems } = error;
  if (language === 'en') return message;
  const vietnamese = vietnameseMessages[code];
  return vietnamese === undefined ? (problems[0]?.vietnamese ?? message) : fillIn(vietnamese, params);
}

/** The members that are wrong, with their messages in a language. */
export const problemsIn = (language: 'en' | 'vi', problems: readonly FieldProblem[]): FieldProblem[] =>
  problems.map(({ field, message, vietnamese }) => ({
    field,
    message: language === 'vi' ? (vietnamese ?? message) : message,
  }));
