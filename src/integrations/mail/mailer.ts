/**
 * One mail to one person. `text` is what counts; `html` says the same again for those who prefer
 * it.
 */
export interface MailMessage {
  to: string;
  subject: string;
  text: string;
  html?: string;
}

/**
 * Hands mails over. Services know this interface only, so that tests and development need no SMTP
 * server.
 */
export interface Mailer {
  /**
   * Resolves when the next hop has taken the mail, which is not yet delivery.
   *
   * @throws MailUnavailableError when it could not be handed over; its `retryable` tells a queue
   *   what to do
   */
  send(message: MailMessage): Promise<void>;
  /** Whether the next hop takes connections. */
  isHealthy(): Promise<boolean>;
  /**
   * Lets the mails under way finish (their time is bounded) and takes no further ones. Safe to call
   * twice.
   */
  close(): Promise<void>;
}
