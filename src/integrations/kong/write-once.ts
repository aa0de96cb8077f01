import type { Logger } from 'pino';
import { KongError, KongFailureError, KongUnreachableError } from './kong-errors';

export interface WriteOnce<T> {
  operation: string;
  /** Gives null when Kong says that it exists already. */
  write: () => Promise<T | null>;
  /** What became of it; null when it surely does not exist. */
  read: (timeoutMs?: number) => Promise<T | null>;
  /** How long the look after a lost answer may take, in milliseconds. */
  lookMs: number;
  logger: Logger;
}

/**
 * A POST that takes effect once, although its answer may be lost. Then `read` tells whether it was
 * applied, and only when it surely was not, and Kong is quick, it is written once more. When that
 * cannot be told, the error of the write is thrown.
 */
export async function writeOnce<T>({ operation, write, read, lookMs, logger }: WriteOnce<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const written = await write().catch(lostOrThrown);
    if (written !== null && !(written instanceof KongError)) return written;
    const lost = written;
    if (lost)
      logger.warn({ err: lost, operation }, 'the answer of Kong to a write was lost, looking what became of it');
    const found = lost ? await read(lookMs).catch(() => Promise.reject(lost)) : await read();
    if (found) return found;
    const timedOut = lost instanceof KongUnreachableError && lost.reason === 'timeout';
    if (timedOut || attempt === 2)
      throw lost ?? new KongFailureError({ operation, status: 409, problem: 'it exists, yet is not found' });
  }
}

function lostOrThrown(error: unknown): KongError {
  if (error instanceof KongError && error.outcomeUnknown) return error;
  throw error;
}
