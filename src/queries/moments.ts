import { type Parameter, type Sql, sql } from '../database/sql';

/** A moment as the count of its microseconds since 1970, which a cursor holds exactly. */
export const microsecondsOf = (moment: Sql): Sql => sql`(extract(epoch from ${moment}) * 1000000)::bigint::text`;

export const momentAt = (microseconds: Parameter): Sql =>
  sql`(timestamptz 'epoch' + ${microseconds}::bigint * interval '1 microsecond')`;
