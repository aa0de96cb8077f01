import { GraphQLID, GraphQLScalarType } from 'graphql';
import { GraphQLDateTimeISO, GraphQLJSONObject, GraphQLLocalDate } from 'graphql-scalars';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A UUID in lower case, as the database returns it, so that ids can be compared; anything else as it is. */
export const normalizeId = <T>(id: T): T => (typeof id === 'string' && UUID.test(id) ? (id.toLowerCase() as T) : id);

/** GraphQL's own ID, for every argument and field: what a client gives is normalized before anything reads it. */
export const ID = new GraphQLScalarType({
  ...GraphQLID.toConfig(),
  parseValue: (value) => normalizeId(GraphQLID.parseValue(value)),
  parseLiteral: (node, variables) => normalizeId(GraphQLID.parseLiteral(node, variables)),
});

/** A point in time as an RFC 3339 string in UTC with milliseconds. */
export const DateTime = GraphQLDateTimeISO;

/** A calendar day, YYYY-MM-DD. PostgreSQL returns it in this form, so it is not parsed again. */
export const LocalDate = new GraphQLScalarType({ ...GraphQLLocalDate.toConfig(), serialize: (day) => day });

/** An object with any members. */
export const JsonObject = GraphQLJSONObject;
