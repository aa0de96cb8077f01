import type { Logger } from 'pino';
import type { Clock } from '../../config/clock';
import { DevelopmentMailer } from './development-mailer';
import type { Mailer } from './mailer';
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
  folder: string;
  showText: boolean;
  logger: Logger;
  clock: Clock;
}): Mailer {
  const { smtpUrl, from, folder, showText, logger, clock } = options;
  if (smtpUrl) return new SmtpMailer({ smtpUrl, from, logger });
  return new DevelopmentMailer({ from, folder, showText, logger, clock });
}
