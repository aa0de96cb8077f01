/**
 * A name or an address as the generated columns `username_key` and `email_key` hold it, so that it
 * can be compared with them. The comparison has to go by the columns' collation, the database's
 * own: by any other PostgreSQL cannot use their indexes.
 * @param expression SQL of type text
 */
export const caseFold = (expression: string): string => `(lower(${expression} collate "und-x-icu") collate "default")`;
