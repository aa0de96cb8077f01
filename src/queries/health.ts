import { sql, statement } from '../database/sql';

/** Whether the database answers at all. */
export const checkDatabase = statement<object, { one: number }>('check-database', () => sql`select 1 as one`);
