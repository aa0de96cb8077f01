import type { MailMessage } from './mailer';
import { composeMail, type Recipient } from './messages';

/** When a change was made, and from where. */
interface Occasion {
  at: Date;
  /** Address of the client. */
  address: string;
}

interface Notice {
  subject: string;
  lines: string[];
}

/**
 * Notices to the owner of an account after a change that could be an attack (ASVS 6.3.7). They hold
 * no secret, and no link that a forged mail could imitate.
 */
export function passwordChangedMail(mail: Recipient & Occasion): MailMessage {
  return compose(mail, {
    en: {
      subject: 'Your password was changed',
      lines: [
        `The password of your account was changed ${inEnglish(mail)}. Other devices were signed out.`,
        'If it was not you, reset your password at once and tell your administrator.',
      ],
    },
    vi: {
      subject: 'Mật khẩu của bạn đã được thay đổi',
      lines: [
        `Mật khẩu tài khoản của bạn đã được thay đổi ${inVietnamese(mail)}. Các thiết bị khác đã bị đăng xuất.`,
        'Nếu không phải bạn, hãy đặt lại mật khẩu ngay và báo cho quản trị viên.',
      ],
    },
  });
}

/** Goes to the old address and to the new one. */
export function emailChangedMail(mail: Recipient & Occasion): MailMessage {
  return compose(mail, {
    en: {
      subject: 'The e-mail address of your account was changed',
      lines: [
        `The e-mail address of your account was changed ${inEnglish(mail)}. Mails go to the new address from now on.`,
        'If it was not you, tell your administrator at once.',
      ],
    },
    vi: {
      subject: 'Địa chỉ e-mail của tài khoản đã được thay đổi',
      lines: [
        `Địa chỉ e-mail của tài khoản đã được thay đổi ${inVietnamese(mail)}. Từ nay thư được gửi đến địa chỉ mới.`,
        'Nếu không phải bạn, hãy báo ngay cho quản trị viên.',
      ],
    },
  });
}

export function newDeviceMail(mail: Recipient & Occasion & { device: string }): MailMessage {
  return compose(mail, {
    en: {
      subject: 'A new device has signed in to your account',
      lines: [
        `A device or network that your account has not used before signed in ${inEnglish(mail)}: ${mail.device}`,
        'If it was not you, change your password at once: that signs out every other device.',
      ],
    },
    vi: {
      subject: 'Một thiết bị mới đã đăng nhập vào tài khoản của bạn',
      lines: [
        `Một thiết bị hoặc mạng mà tài khoản của bạn chưa từng dùng đã đăng nhập ${inVietnamese(mail)}: ${mail.device}`,
        'Nếu không phải bạn, hãy đổi mật khẩu ngay: mọi thiết bị khác sẽ bị đăng xuất.',
      ],
    },
  });
}

const compose = (mail: Recipient, notices: Record<Recipient['language'], Notice>): MailMessage =>
  composeMail(mail, notices[mail.language].subject, notices[mail.language].lines);

function dateAndTime({ at }: Occasion): [date: string, time: string] {
  const [date = '', time = ''] = at.toISOString().split(/[T.]/);
  return [date, time];
}

function inEnglish(occasion: Occasion): string {
  const [date, time] = dateAndTime(occasion);
  return `on ${date} at ${time} UTC, from ${occasion.address}`;
}

function inVietnamese(occasion: Occasion): string {
  const [date, time] = dateAndTime(occasion);
  return `ngày ${date.split('-').reverse().join('/')} lúc ${time} UTC, từ ${occasion.address}`;
}
