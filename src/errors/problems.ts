import { type ErrorParams, type FieldProblem, fillIn } from './app-error';
import { vietnameseMessages } from './vietnamese';

/** What can be wrong with a member of the input, in each language. `{label}` is what people call the member. */
export const problemMessages = {
  TEXT_TOO_LONG: {
    en: '{field} must be at most {max} characters',
    vi: '{label} không được dài quá {max} ký tự',
  },
  TEXT_NOT_STORABLE: {
    en: '{field} holds characters that cannot be kept',
    vi: '{label} chứa ký tự không thể lưu được',
  },
  USERNAME_TOO_LONG: {
    en: 'Username must be at most {max} characters',
    vi: 'Tên người dùng không được dài quá {max} ký tự',
  },
  USERNAME_NOT_PLAIN: {
    en: 'Username must not begin or end with a space, nor hold control characters',
    vi: 'Tên người dùng không được bắt đầu hay kết thúc bằng dấu cách, và không được chứa ký tự điều khiển',
  },
  USERNAME_TOO_SHORT: {
    en: 'Username must be at least {min} characters',
    vi: vietnameseMessages.USERNAME_TOO_SHORT,
  },
  PASSWORD_TOO_LONG: {
    en: 'Password must be at most {max} characters',
    vi: 'Mật khẩu không được dài quá {max} ký tự',
  },
  PASSWORD_NOT_UNICODE: {
    en: 'Password holds characters that are not valid Unicode',
    vi: 'Mật khẩu chứa ký tự Unicode không hợp lệ',
  },
  PASSWORD_TOO_SHORT: {
    en: 'Password must be at least {min} characters',
    vi: vietnameseMessages.PASSWORD_TOO_SHORT,
  },
  PASSWORD_TOO_COMMON: {
    en: 'This password is common or repeats the account; choose another',
    vi: vietnameseMessages.PASSWORD_TOO_COMMON,
  },
  OWN_PASSWORD: {
    en: 'Change your own password with changePassword, which takes the current one',
    vi: 'Hãy đổi mật khẩu của chính bạn bằng changePassword, cần có mật khẩu hiện tại',
  },
  EMAIL_INVALID: {
    en: 'E-mail must be a valid address such as name@example.org',
    vi: 'E-mail phải là một địa chỉ hợp lệ, ví dụ name@example.org',
  },
  PHONE_LENGTH: {
    en: 'Phone must be {min} to {max} characters',
    vi: 'Số điện thoại phải có từ {min} đến {max} ký tự',
  },
  WEB_ADDRESS_INVALID: {
    en: '{field} must be an address that begins with http:// or https://',
    vi: '{label} phải là một địa chỉ bắt đầu bằng http:// hoặc https://',
  },
  DATE_INVALID: {
    en: 'Date of birth must be a date such as 2000-01-31',
    vi: 'Ngày sinh phải là một ngày hợp lệ, ví dụ 2000-01-31',
  },
  AGE_TOO_LOW: { en: 'Your age must be at least {min}', vi: vietnameseMessages.AGE_TOO_LOW },
  ROLE_NAME_INVALID: {
    en: 'A role name has 1 to 64 letters, digits and _ . : - and begins with a letter or digit',
    vi: 'Tên vai trò có từ 1 đến 64 chữ cái, chữ số và _ . : - và bắt đầu bằng chữ cái hoặc chữ số',
  },
  PERMISSION_NAME_INVALID: {
    en: 'A permission name has 1 to 64 letters, digits and _ . : - begins with a letter or digit, and not with ROLE_',
    vi: 'Tên quyền có từ 1 đến 64 chữ cái, chữ số và _ . : - bắt đầu bằng chữ cái hoặc chữ số, không bằng ROLE_',
  },
  PRECEDENCE_OUT_OF_RANGE: {
    en: 'Precedence must be 0 to {max}',
    vi: 'Thứ tự ưu tiên phải từ 0 đến {max}',
  },
  EMAIL_MISSING: {
    en: 'The account has no e-mail address; set one with updateUser',
    vi: 'Tài khoản chưa có địa chỉ e-mail; hãy đặt địa chỉ bằng updateUser',
  },
} as const satisfies Record<string, { en: string; vi: string | undefined }>;

export type ProblemRule = keyof typeof problemMessages;

/** Members whose messages have no words of their own. */
const labels: Readonly<Record<string, string>> = {
  firstName: 'Tên',
  lastName: 'Họ',
  fullName: 'Họ và tên',
  avatar: 'Ảnh đại diện',
  description: 'Mô tả',
};

/** A problem of a member of the input, with its message in each language. */
export function describeProblem(field: string, rule: ProblemRule, params: ErrorParams = {}): FieldProblem {
  const { en, vi } = problemMessages[rule];
  return {
    field,
    message: fillIn(en, { ...params, field }),
    vietnamese: fillIn(vi ?? en, { ...params, label: labels[field] ?? field }),
  };
}
