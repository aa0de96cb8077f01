const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Whether PostgreSQL would take it for a uuid: anything else cannot be the id of a row, and must
 * not reach a query.
 */
export const isUuid = (id: string): boolean => UUID.test(id);

/** Ids as PostgreSQL reads an array: `{id,id}`. */
export const uuidArray = (ids: Iterable<string>): string => `{${[...ids].join(',')}}`;
