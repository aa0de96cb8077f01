import type { SendMailOptions } from 'nodemailer';
import { isPlainAddress, type Mailbox } from './address';
import { MailUnavailableError } from './mail-unavailable.error';
import type { MailMessage } from './mailer';

/**
 * The one place where a message becomes headers. Addresses go in as parsed objects and as an
 * explicit envelope, so that the library never splits a string into several recipients; a subject
 * is always one line; nothing in a message can make the library read a file or fetch a URL.
 *
 * @throws MailUnavailableError (`address`, not retryable) when the recipient is not exactly one
 *   plain address
 */
export function compose(from: Mailbox, message: MailMessage): SendMailOptions {
  if (!isPlainAddress(message.to)) throw new MailUnavailableError({ reason: 'address', retryable: false });
  return {
    from,
    to: { name: '', address: message.to },
    envelope: { from: from.address, to: message.to },
    subject: message.subject.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim(),
    text: message.text,
    html: message.html,
    headers: { 'Auto-Submitted': 'auto-generated' }, // RFC 3834, 5: holiday responders keep quiet
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
