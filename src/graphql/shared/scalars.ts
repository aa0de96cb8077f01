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
export const DateTime = new GraphQLScalarType({
  ...GraphQLDateTimeISO.toConfig(),
  description: 'A moment in UTC, such as 2007-12-03T10:15:30.000Z (RFC 3339 section 5.6).',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339#section-5.6',
});

/** A calendar day, YYYY-MM-DD. PostgreSQL returns it in this form, so it is not parsed again. */
export const LocalDate = new GraphQLScalarType({
  ...GraphQLLocalDate.toConfig(),
  description: 'A day without a time zone, such as 2000-01-31 (`full-date` of RFC 3339 section 5.6).',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339#section-5.6',
  serialize: (day) => day,
});

/** An object with any members. */
export const JsonObject = new GraphQLScalarType({
  ...GraphQLJSONObject.toConfig(),
  description: 'A JSON object with any members (RFC 8259).',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259#section-4',
});
