import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { MailUnavailableError } from '../../integrations/mail/mail-unavailable.error';
import type { Mailer, MailMessage } from '../../integrations/mail/mailer';

const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 1000;

/**
 * Sends mails after the answer: whether there is anybody to write to, and how fast the mail server
 * is, must not show in it.
 */
export class BackgroundMail {
  private readonly underWay = new Set<Promise<void>>();
  private readonly closing = new AbortController();

  constructor(
    private readonly mailer: Mailer,
    private readonly logger: Logger,
  ) {}

  send(message: MailMessage): void {
    const sending = this.deliver(message).finally(() => this.underWay.delete(sending));
    this.underWay.add(sending);
  }

  /** Work that belongs to a mail and has to come after the answer as well. */
  afterwards(work: () => Promise<void>): void {
    const working = work()
      .catch((error: unknown) => this.logger.error({ err: error }, 'a mail could not be prepared'))
      .finally(() => this.underWay.delete(working));
    this.underWay.add(working);
  }

  /** Waits for what is being sent; what waits for another try is given up. */
  async close(): Promise<void> {
    this.closing.abort();
    while (this.underWay.size > 0) await Promise.allSettled(this.underWay);
    await this.mailer.close();
  }

  private async deliver(message: MailMessage): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.mailer.send(message);
      } catch (error) {
        const again =
          error instanceof MailUnavailableError &&
          error.retryable &&
          attempt < ATTEMPTS &&
          !this.closing.signal.aborted;
        if (!again) return this.logger.error({ err: error, subject: message.subject }, 'a mail could not be sent');
        await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1), undefined, { signal: this.closing.signal }).catch(
          () => undefined,
        );
      }
    }
  }
}
