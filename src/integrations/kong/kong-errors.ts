/** Why Kong could not be reached. */
export type UnreachableReason = 'refused' | 'unknown-host' | 'broken' | 'timeout' | 'failed';

interface KongErrorDetails {
  /**
   * The call with placeholders, e.g. `POST /consumers/{consumer}/jwt`: never a name, a key or a
   * body.
   */
  operation: string;
  /** True when a write was sent and may have been applied. */
  outcomeUnknown?: boolean;
  cause?: unknown;
}

/**
 * A call to Kong's Admin API failed. `message` may be shown to a client, everything else is for the
 * log. No field holds a body that Kong sent, because a credential's body has its secret in clear.
 */
export abstract class KongError extends Error {
  readonly operation: string;
  readonly outcomeUnknown: boolean;

  protected constructor(message: string, details: KongErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.operation = details.operation;
    this.outcomeUnknown = details.outcomeUnknown ?? false;
  }
}

const unreachableMessages: Record<UnreachableReason, string> = {
  refused: 'The API gateway could not be reached: the connection was refused.',
  'unknown-host': 'The API gateway could not be reached: its host name is unknown.',
  broken: 'The API gateway could not be reached: it closed the connection.',
  timeout: 'The API gateway could not be reached: it did not answer in time.',
  failed: 'The API gateway could not be reached.',
};

/** No answer at all. Worth repeating later: HTTP 503. */
export class KongUnreachableError extends KongError {
  override readonly name = 'KongUnreachableError';
  readonly reason: UnreachableReason;

  constructor(details: KongErrorDetails & { reason: UnreachableReason }) {
    super(unreachableMessages[details.reason], details);
    this.reason = details.reason;
  }
}

/** An unusable answer: a 5xx, HTML, an unexpected refusal, missing or wrong members. HTTP 502. */
export class KongFailureError extends KongError {
  override readonly name: string = 'KongFailureError';
  /** What is wrong, in our own words. */
  readonly problem: string;
  /** The HTTP status of the answer, if there was one. */
  readonly status: number | undefined;
  /**
   * Kong's message about a refused request (4xx only), shortened and without the given secrets. For
   * operators, not for clients.
   */
  readonly refusal: string | undefined;

  constructor(details: KongErrorDetails & { problem: string; status?: number; refusal?: string }) {
    super('The API gateway gave an answer that could not be used.', details);
    this.problem = details.problem;
    this.status = details.status;
    this.refusal = details.refusal;
  }
}

/** Another consumer has this `custom_id`, which Kong holds once. */
export class KongCustomIdTakenError extends KongFailureError {
  override readonly name = 'KongCustomIdTakenError';

  constructor(operation: string) {
    super({ operation, status: 409, problem: 'another consumer has this custom_id' });
  }
}

/** The consumer of a new credential does not exist; create it again, then repeat. */
export class KongConsumerGoneError extends KongFailureError {
  override readonly name = 'KongConsumerGoneError';

  constructor(operation: string) {
    super({ operation, status: 404, problem: 'the consumer does not exist' });
  }
}

/**
 * A name that Kong cannot hold, or that no URL can address. The message says why and may be shown
 * to the client.
 */
export class KongNameError extends Error {
  override readonly name = 'KongNameError';
}
