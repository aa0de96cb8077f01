/** What went wrong with a mail; a word that is safe in logs, metrics and health reports. */
export type MailFailure =
  | 'address' // the message itself names an address that no server may see
  | 'authentication'
  | 'closed'
  | 'connection'
  | 'folder'
  | 'recipient'
  | 'refused'
  | 'timeout'
  | 'tls';

/**
 * A mail was not handed over. Invariant: neither the message nor any property holds a credential,
 * an address or a part of the mail. The library's own error is deliberately not kept as `cause`: it
 * carries the server's answer, which may quote all three.
 */
export class MailUnavailableError extends Error {
  override readonly name = 'MailUnavailableError';
  readonly reason: MailFailure;
  /**
   * False when the same mail would be refused again, so that the queue gives up (RFC 5321, 4.2.1:
   * 5yz is permanent).
   */
  readonly retryable: boolean;
  /** The library's or the system's error code, such as ECONNREFUSED. */
  readonly code?: string;
  /** The SMTP reply code, such as 550. */
  readonly responseCode?: number;

  constructor(failure: { reason: MailFailure; retryable: boolean; code?: string; responseCode?: number }) {
    const details = [failure.code, failure.responseCode].filter((detail) => detail !== undefined).join(' ');
    super(`The mail could not be handed over: ${failure.reason}${details ? ` (${details})` : ''}`);
    this.reason = failure.reason;
    this.retryable = failure.retryable;
    if (failure.code !== undefined) this.code = failure.code;
    if (failure.responseCode !== undefined) this.responseCode = failure.responseCode;
  }
}
