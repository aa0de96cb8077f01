/** SQLSTATE read_only_sql_transaction: also what a standby answers to a statement that writes. */
export const READ_ONLY = '25006';

/** The address leads to a node that must not be asked. Counts as an absence of the database. */
export class NotPrimaryError extends Error {
  readonly code = READ_ONLY;
  override readonly name = 'NotPrimaryError';
}
