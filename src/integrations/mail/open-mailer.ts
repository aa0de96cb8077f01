import type { Logger } from 'pino';
import type { Clock } from '../../config/clock';
import { DevelopmentMailer } from './development-mailer';
import type { Mailer } from './mailer';
import { namedSender, signMails } from './product-name';
import { SmtpMailer } from './smtp-mailer';

/**
 * The mailer that the configuration asks for: SMTP with `smtpUrl`, files in `folder` without. Opens
 * no connection, so that the server starts while the mail server is away.
 *
 * @param options `showText` is the caller's decision on every start: true only in development, see
 *   DevelopmentMailer
 * @throws Error when `smtpUrl` or `from` is malformed, without repeating the URL
 */
export function openMailer(options: {
  smtpUrl?: string | undefined;
  from: string;
  /** Empty for none. */
  productName?: string;
  folder: string;
  showText: boolean;
  logger: Logger;
  clock: Clock;
}): Mailer {
  const { smtpUrl, productName = '', folder, showText, logger, clock } = options;
  const from = namedSender(options.from, productName);
  const mailer = smtpUrl
    ? new SmtpMailer({ smtpUrl, from, logger })
    : new DevelopmentMailer({ from, folder, showText, logger, clock });
  return productName === '' ? mailer : signMails(mailer, productName);
}
