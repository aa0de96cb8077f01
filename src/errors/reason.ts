/**
 * What an error of a connection says, in one line: where a name has several addresses it is made of
 * one for each.
 */
export function reason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reason).join(', ');
  return error instanceof Error ? error.message.replace(/[.\s]+$/, '') : String(error);
}
