import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import nodemailer from 'nodemailer';
import type { Logger } from 'pino';
import type { Clock } from '../../config/clock';
import { type Mailbox, parseMailbox } from './address';
import { compose } from './compose';
import { MailUnavailableError } from './mail-unavailable.error';
import type { Mailer, MailMessage } from './mailer';

/**
 * For machines without an SMTP server: every mail becomes a file that mail programs open (RFC 5322,
 * `.eml`), named by time so that a listing is in order, and one line in the log says where. Files
 * are readable by their owner only, since codes are in them.
 */
export class DevelopmentMailer implements Mailer {
  private readonly renderer = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  private readonly from: Mailbox;
  private readonly folder: string;
  private readonly logger: Logger;
  private readonly clock: Clock;
  private readonly showText: boolean;
  private readonly underWay = new Set<Promise<void>>();
  private closed = false;

  /**
   * @param options `showText` writes recipient, text and code into the log, for a developer's own
   *   machine only: a reader of that log can take over accounts
   */
  constructor(options: { folder: string; logger: Logger; clock: Clock; showText: boolean; from?: string }) {
    this.from = parseMailbox(options.from ?? 'no-reply@localhost');
    this.folder = options.folder;
    this.logger = options.logger;
    this.clock = options.clock;
    this.showText = options.showText;
  }

  /** @throws MailUnavailableError (`folder`) when the file cannot be written */
  async send(message: MailMessage): Promise<void> {
    if (this.closed) throw new MailUnavailableError({ reason: 'closed', retryable: true });
    const writing = this.write(message);
    this.underWay.add(writing);
    try {
      await writing;
    } finally {
      this.underWay.delete(writing);
    }
  }

  async isHealthy(): Promise<boolean> {
    return true;
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.allSettled(this.underWay);
  }

  private async write(message: MailMessage): Promise<void> {
    const now = this.clock.now();
    const { message: content } = await this.renderer.sendMail({ ...compose(this.from, message), date: now });
    const file = join(this.folder, `${now.toISOString().replace(/[:.]/g, '-')}-${randomBytes(4).toString('hex')}.eml`);
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      await writeFile(file, content, { flag: 'wx', mode: 0o600 }); // wx follows no link
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      this.logger.warn({ code, folder: this.folder }, 'A mail could not be written');
      throw new MailUnavailableError({ reason: 'folder', retryable: true, code });
    }
    const { to, subject, text } = message;
    this.logger.info(this.showText ? { file, to, subject, text } : { file }, `A mail was written to ${file}`);
  }
}
