import nodemailer, {
  type NodemailerError,
  type SMTPSentMessageInfo,
  type SMTPTransportOptions,
  type Transporter,
} from 'nodemailer';
import type { Logger } from 'pino';
import { smtpDuration } from '../../observability/metrics/metrics';
import { ObservedWork } from '../../observability/observed-work';
import { type Mailbox, parseMailbox } from './address';
import { compose } from './compose';
import { MailUnavailableError } from './mail-unavailable.error';
import type { Mailer, MailMessage } from './mailer';
import { parseSmtpUrl } from './smtp-url';

const DEFAULT_STEP_TIMEOUT_MS = 5_000;

const deliveries = new ObservedWork({
  duration: smtpDuration,
  span: { kind: 'client', attributes: { 'network.protocol.name': 'smtp' } },
  failureOf: (error) => (error instanceof MailUnavailableError && !error.retryable ? 'failed' : 'unavailable'),
});

/**
 * Sends over SMTP, one connection per mail: mails are rare, and a connection kept open is one more
 * thing that can be stale. A mail takes at most twice `timeoutMs`, whatever the server does (also
 * one that keeps answering a byte at a time).
 */
export class SmtpMailer implements Mailer {
  private readonly transporter: Transporter<SMTPSentMessageInfo, SMTPTransportOptions>;
  private readonly from: Mailbox;
  private readonly logger: Logger;
  private readonly timeoutMs: number;
  private readonly underWay = new Set<Promise<void>>();
  private closed = false;

  /**
   * @param options `timeoutMs` bounds each step (connecting, greeting, silence), in milliseconds,
   *   5,000 by default
   * @throws Error when `smtpUrl` or `from` is malformed, without repeating the URL
   */
  constructor(options: { smtpUrl: string; from: string; logger: Logger; timeoutMs?: number }) {
    const { host, port, secure, requireTLS, ignoreTLS, rejectUnauthorized, auth } = parseSmtpUrl(options.smtpUrl);
    this.from = parseMailbox(options.from);
    this.logger = options.logger;
    this.timeoutMs = options.timeoutMs ?? DEFAULT_STEP_TIMEOUT_MS;
    this.transporter = nodemailer.createTransport({
      host,
      port,
      secure,
      requireTLS,
      ignoreTLS,
      auth,
      tls: { rejectUnauthorized, minVersion: 'TLSv1.2' },
      dnsTimeout: this.timeoutMs,
      connectionTimeout: this.timeoutMs,
      greetingTimeout: this.timeoutMs,
      socketTimeout: this.timeoutMs,
      socketCloseTimeout: Math.min(this.timeoutMs, 1_000), // a server that does not hang up is hung up on
    });
  }

  async send(message: MailMessage): Promise<void> {
    if (this.closed) throw new MailUnavailableError({ reason: 'closed', retryable: true });
    const delivery = deliveries.run('send mail', () => this.deliver(message));
    this.underWay.add(delivery);
    try {
      await delivery;
    } finally {
      this.underWay.delete(delivery);
    }
  }

  async isHealthy(): Promise<boolean> {
    return this.transporter.verify().catch(() => false);
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.allSettled(this.underWay);
    this.transporter.close();
  }

  private async deliver(message: MailMessage): Promise<void> {
    const mail = compose(this.from, message);
    try {
      const { messageId } = await this.transporter.sendMail({
        ...mail,
        signal: AbortSignal.timeout(2 * this.timeoutMs),
      });
      this.logger.info({ messageId }, 'A mail was handed to the SMTP server');
    } catch (error) {
      const unavailable = classify(error as NodemailerError);
      const { reason, code, responseCode, retryable } = unavailable;
      this.logger.warn({ reason, code, responseCode, retryable }, 'A mail could not be handed to the SMTP server');
      throw unavailable;
    }
  }
}

function classify(error: NodemailerError): MailUnavailableError {
  const { responseCode } = error;
  const code = error.originalCode ?? error.code;
  const retryable = error.permanent !== true;
  switch (error.code) {
    case 'EENVELOPE':
      return new MailUnavailableError({
        reason: 'recipient',
        retryable: retryable && responseCode !== undefined,
        code,
        responseCode,
      });
    case 'EAUTH':
    case 'ENOAUTH': // the operator can put this right, so the mail is worth keeping
      return new MailUnavailableError({ reason: 'authentication', retryable: true, code, responseCode });
    case 'EABORT': // only our own time limit aborts
    case 'ETIMEDOUT':
      return new MailUnavailableError({ reason: 'timeout', retryable: true, code, responseCode });
    case 'ETLS':
      return new MailUnavailableError({ reason: 'tls', retryable: true, code, responseCode });
    default:
      if (responseCode !== undefined)
        return new MailUnavailableError({ reason: 'refused', retryable, code, responseCode });
      return new MailUnavailableError({
        reason: isCertificateProblem(code) ? 'tls' : 'connection',
        retryable: true,
        code,
      });
  }
}

/**
 * OpenSSL's verification results and Node's own ERR_TLS_… and ERR_SSL_… arrive as socket errors.
 */
function isCertificateProblem(code: string | undefined): boolean {
  return code !== undefined && /^ERR_(TLS|SSL)|CERT|SIGNATURE|CRL_|ISSUER/.test(code);
}
