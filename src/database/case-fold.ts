import { type Parameter, type Sql, sql } from './sql';

/**
 * A name or an address as the generated columns `username_key` and `email_key` hold it. The comparison uses the
 * database's own collation, which is that of the columns' indexes.
 */
export const caseFolded = (text: Parameter | Sql): Sql =>
  sql`(lower(${text}::text collate "und-x-icu") collate "default")`;
