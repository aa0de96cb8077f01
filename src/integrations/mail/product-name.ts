import { escapeHtml } from '../../text/escape-html';
import { parseMailbox } from './address';
import type { Mailer, MailMessage } from './mailer';

/** The sender with the product's name beside the address, unless it has a name of its own. */
export function namedSender(from: string, productName: string): string {
  const { name, address } = parseMailbox(from);
  return name === '' && productName !== '' ? `${productName} <${address}>` : from;
}

/** A mailer whose mails end with the product's name, in text and HTML. */
export function signMails(mailer: Mailer, productName: string): Mailer {
  return {
    send: (message) => mailer.send(signed(message, productName)),
    isHealthy: () => mailer.isHealthy(),
    close: () => mailer.close(),
  };
}

function signed(message: MailMessage, productName: string): MailMessage {
  const { text, html } = message;
  const signature = `<p>${escapeHtml(productName)}</p>\n</body>`;
  return {
    ...message,
    text: `${text}\n${productName}\n`,
    // a function, since a name may hold the patterns of a replacement
    ...(html !== undefined && { html: html.replace('</body>', () => signature) }),
  };
}
