import { GraphQLScalarType } from 'graphql';
import { GraphQLDateTimeISO, GraphQLJSONObject, GraphQLLocalDate } from 'graphql-scalars';

/** A moment, as an RFC 3339 string in UTC with milliseconds. */
export const DateTime = GraphQLDateTimeISO;

/**
 * A day of the calendar, YYYY-MM-DD: as PostgreSQL writes it, and it has no other; so it is not
 * parsed again to be shown.
 */
export const LocalDate = new GraphQLScalarType({ ...GraphQLLocalDate.toConfig(), serialize: (day) => day });

/** An object of any members. */
export const JsonObject = GraphQLJSONObject;
