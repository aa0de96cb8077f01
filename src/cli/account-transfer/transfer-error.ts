import { DatabaseError } from 'pg';
import { isDatabaseAway } from '../../database/availability';

/**
 * The import or export cannot run, or cannot go on: the message is printed alone, without a stack,
 * and the exit code is 1.
 */
export class TransferError extends Error {
  override name = 'TransferError';
}

const HASH = /\$2[abxy]\$\d\d\$[./A-Za-z0-9]{22,53}/g;
const CONNECTION_LOST = /not queryable|client was closed/i;

/** Whatever ends up in a message, of a parser or of the database: never a password hash. */
export const withoutHashes = (text: string): string => text.replace(HASH, '(hash)');

/** One line, without a password hash in it. */
export function plainReason(error: unknown): string {
  const text = error instanceof Error ? error.message || String((error as NodeJS.ErrnoException).code) : String(error);
  const reason = withoutHashes(text).split('\n', 1)[0]!;
  return error instanceof DatabaseError ? `the database refused it: ${reason}` : reason;
}

/** Whether the connection to the database, or the database, is gone. */
export const isConnectionLost = (error: unknown): boolean =>
  isDatabaseAway(error) || (error instanceof Error && CONNECTION_LOST.test(error.message));
