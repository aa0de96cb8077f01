import { type Block, type Language, renderMail } from './mail-template';
import type { MailMessage } from './mailer';

/** The life of a mailed code in the identity contract, in minutes. */
const CODE_VALID_MINUTES = 5;

export interface Recipient {
  to: string;
  /** The name that the user chose: see `greetingName`. */
  name?: string | null;
  language: Language;
}

/**
 * The mail with the code that resets a forgotten password, and where there is one the page that takes it.
 *
 * @throws RangeError when the code is not six digits, TypeError when the link is not an absolute http(s) URL
 */
export function passwordResetMail(
  mail: Recipient & { code: string; link?: string | null; validMinutes?: number },
): MailMessage {
  const code = sixDigits(mail.code);
  const minutes = mail.validMinutes ?? CODE_VALID_MINUTES;
  const { subject, opening, place, validity, closing } = {
    en: {
      subject: 'Your code to reset the password',
      opening: 'We were asked to reset the password of your account. This is your code:',
      place: 'Enter it here:',
      validity: `It is valid for ${inMinutes(minutes)} and can be used once.`,
      closing: 'If you did not ask for it, ignore this mail and nothing changes. Never give the code to anyone.',
    },
    vi: {
      subject: 'Mã đặt lại mật khẩu của bạn',
      opening: 'Chúng tôi nhận được yêu cầu đặt lại mật khẩu cho tài khoản của bạn. Mã của bạn là:',
      place: 'Nhập mã tại đây:',
      validity: `Mã có hiệu lực trong ${minutes} phút và chỉ dùng được một lần.`,
      closing:
        'Nếu bạn không yêu cầu, hãy bỏ qua thư này, mật khẩu của bạn vẫn giữ nguyên. Đừng đưa mã này cho bất kỳ ai.',
    },
  }[mail.language];
  return composeMail(mail, subject, [
    opening,
    { code },
    ...(mail.link ? [place, { link: webLink(mail.link) }] : []),
    validity,
    closing,
  ]);
}

/**
 * The mail that proves that an address belongs to its account: a code to type in, or a link to
 * open.
 *
 * @throws RangeError when the code is not six digits, TypeError when the link is not an absolute
 *   http(s) URL
 */
export function emailVerificationMail(
  mail: Recipient & { code: string; link: string; validMinutes?: number },
): MailMessage {
  const code = sixDigits(mail.code);
  const link = webLink(mail.link);
  const minutes = mail.validMinutes ?? CODE_VALID_MINUTES;
  const { subject, opening, alternative, validity, closing } = {
    en: {
      subject: 'Confirm your e-mail address',
      opening: 'Please confirm that this e-mail address is yours. This is your code:',
      alternative: 'Or open this link:',
      validity: `Both are valid for ${inMinutes(minutes)} and can be used once.`,
      closing: 'If you have no account with us, ignore this mail.',
    },
    vi: {
      subject: 'Xác nhận địa chỉ e-mail của bạn',
      opening: 'Vui lòng xác nhận rằng địa chỉ e-mail này là của bạn. Mã của bạn là:',
      alternative: 'Hoặc mở liên kết này:',
      validity: `Mã và liên kết có hiệu lực trong ${minutes} phút và chỉ dùng được một lần.`,
      closing: 'Nếu bạn không có tài khoản với chúng tôi, hãy bỏ qua thư này.',
    },
  }[mail.language];
  return composeMail(mail, subject, [opening, { code }, alternative, { link }, validity, closing]);
}

/**
 * The mail that invites a person to register.
 * @throws TypeError when the link is not an absolute http(s) URL
 */
export function invitationMail(mail: Recipient & { link: string; expiresAt: Date }): MailMessage {
  const link = webLink(mail.link);
  const [date = ''] = mail.expiresAt.toISOString().split('T');
  const { subject, opening, validity, closing } = {
    en: {
      subject: 'You are invited to open an account',
      opening: 'You are invited to open an account. Choose your user name and password here:',
      validity: `The link is valid until ${date} and can be used once.`,
      closing: 'If you do not know why you got this mail, ignore it.',
    },
    vi: {
      subject: 'Bạn được mời mở tài khoản',
      opening: 'Bạn được mời mở một tài khoản. Hãy chọn tên người dùng và mật khẩu tại đây:',
      validity: `Liên kết có hiệu lực đến ngày ${date.split('-').reverse().join('/')} và chỉ dùng được một lần.`,
      closing: 'Nếu bạn không biết vì sao nhận được thư này, hãy bỏ qua.',
    },
  }[mail.language];
  return composeMail(mail, subject, [opening, { link }, validity, closing]);
}

/** Greets the recipient by name, where the name is safe to show, and adds the blocks. */
export function composeMail(mail: Recipient, subject: string, blocks: readonly Block[]): MailMessage {
  const name = greetingName(mail.name);
  const hello = mail.language === 'vi' ? 'Xin chào' : 'Hello';
  return renderMail({
    to: mail.to,
    language: mail.language,
    subject,
    blocks: [`${hello}${name && ` ${name}`},`, ...blocks],
  });
}

/**
 * Leaves out a name that could carry a message of its own: a stranger may have signed up with the
 * recipient's address, and mail programs make links of text. A name has one line, 64 characters and
 * nothing that looks like a link.
 */
function greetingName(name: string | null | undefined): string {
  const line = (name ?? '').replace(/[\s\p{C}]+/gu, ' ').trim();
  const couldBeLink = /[/@:\\]|\.\p{L}{2}/u.test(line);
  return couldBeLink || [...line].length > 64 ? '' : line;
}

function sixDigits(code: string): string {
  if (!/^[0-9]{6}$/.test(code)) throw new RangeError('A mailed code has six digits');
  return code;
}

function webLink(link: string): string {
  const url = URL.parse(link);
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new TypeError('A mailed link must be an absolute http or https URL');
  return url.href;
}

function inMinutes(minutes: number): string {
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}
