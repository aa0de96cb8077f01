import { DatabaseError } from 'pg';
import { isDatabaseAway } from '../../database/availability';

/** Stops the import or export: its message is printed alone, without a stack; the exit code is 1. */
export class TransferError extends Error {
  override name = 'TransferError';
}

const HASH = /\$2[abxy]\$\d\d\$[./A-Za-z0-9]{22,53}/g;
const CONNECTION_LOST = /not queryable|client was closed/i;

/** Removes password hashes from a message of the parser or the database. */
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
