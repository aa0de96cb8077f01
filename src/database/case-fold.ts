import { type Parameter, type Sql, sql } from './sql';

/**
 * A name or an address as the generated columns `username_key` and `email_key` hold it. The
 * comparison uses the database's own collation, which is that of the columns' indexes.
 * @param expression SQL of type text
 */
export const caseFold = (expression: string): string => `(lower(${expression} collate "und-x-icu") collate "default")`;

/** As `caseFold`, for a parameter or a column of a statement. */
export const caseFolded = (text: Parameter | Sql): Sql =>
  sql`(lower(${text}::text collate "und-x-icu") collate "default")`;
