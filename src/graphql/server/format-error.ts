import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import { isDatabaseAway } from '../../database/availability';
import { AppError, serviceUnavailable } from '../../errors/app-error';
import { errorCatalogue, isErrorCode } from '../../errors/catalogue';
import { HasherBusyError } from '../../security/passwords/password-hasher';

/**
 * What a thrown value is to a client. Whatever nobody meant for him becomes INTERNAL_SERVER_ERROR
 * and goes to the log.
 */
export function toAppError(thrown: unknown, logger: Logger): AppError {
  if (thrown instanceof AppError) {
    if (thrown.cause !== undefined && thrown.status >= 500) logger.warn({ err: thrown.cause }, thrown.message);
    return thrown;
  }
  if (isDatabaseAway(thrown) || thrown instanceof HasherBusyError) {
    logger.warn({ err: thrown }, 'service unavailable');
    return serviceUnavailable(thrown);
  }
  logger.error({ err: thrown }, 'unexpected error');
  return new AppError('INTERNAL_SERVER_ERROR', {}, { cause: thrown });
}

/** The error that is behind what GraphQL wrapped around it. */
export function unwrap(error: unknown): unknown {
  let at = error;
  while (at instanceof GraphQLError && at.originalError) at = at.originalError;
  return at;
}

/**
 * Answers every error by the catalogue: a code, a message, and nothing that was not meant to be
 * seen.
 */
export function formatError(formatted: GraphQLFormattedError, error: unknown, logger: Logger): GraphQLFormattedError {
  const { path, locations } = formatted;
  const thrown = unwrap(error);
  if (thrown instanceof GraphQLError && !(thrown.originalError instanceof Error))
    return requestError(formatted, thrown);
  const known = toAppError(thrown, logger);
  const { detail: _, ...params } = known.params;
  const extensions = { code: known.code, ...params, ...(known.problems.length > 0 && { problems: known.problems }) };
  return { message: known.message, extensions, ...(path && { path }), ...(locations && { locations }) };
}

/** An error that GraphQL itself found in the request. */
function requestError(formatted: GraphQLFormattedError, error: GraphQLError): GraphQLFormattedError {
  // Apollo calls whatever a validation rule reports GRAPHQL_VALIDATION_FAILED; the rules of the
  // limits have said more
  const given = isErrorCode(error.extensions.code) ? error.extensions.code : formatted.extensions?.code;
  const code = isErrorCode(given) ? given : 'INTERNAL_SERVER_ERROR';
  const message =
    errorCatalogue[code].status === 500 ? errorCatalogue[code].message : withoutValues(inOurWords(formatted.message));
  const { path, locations } = formatted;
  return { message, extensions: { code }, ...(path && { path }), ...(locations && { locations }) };
}

/** Apollo's advice is for whoever writes a server with it. */
const inOurWords = (message: string): string =>
  message.startsWith('GraphQL introspection is not allowed')
    ? 'Introspection is switched off here; INTROSPECTION=on switches it on'
    : message;

/**
 * GraphQL's messages about wrong values repeat the values, and a value may be a password: what is
 * wrong and where stays, what was sent goes.
 */
export function withoutValues(message: string): string {
  const variable = /^Variable "(\$\w+)" got invalid value ([\s\S]*)$/.exec(message);
  if (variable) {
    const [, name, rest = ''] = variable;
    const where = /(?:^|[\s\S]) at "([\w$.[\]]+)"; /.exec(rest)?.[1];
    const missing = /Field "\w+" of required type "[\w[\]!]+" was not provided\.$/.exec(rest)?.[0];
    const unknown = /Field "\w+" is not defined by type "\w+"\.?/.exec(rest)?.[0];
    const expected = /; Expected (?:non-nullable type "[\w[\]!]+" not to be null|type "\w+" to be an object)\.$/
      .exec(rest)?.[0]
      .slice(2);
    const scalar = /; (\w+) cannot represent [\s\S]*$/.exec(rest)?.[1];
    const reason =
      missing ??
      unknown ??
      expected ??
      (scalar ? `A value of type ${scalar} is expected.` : 'The value does not fit its type.');
    return `Variable "${name}" is not valid${where ? ` at "${where}"` : ''}: ${reason}`;
  }
  return message
    .replace(/^(Expected value of type "[\w[\]!]+"), found [\s\S]*$/, '$1, found another value.')
    .replace(/^(\w+) cannot represent [\s\S]*$/, 'A value of type $1 is expected.')
    .replace(/^(Value) "[\s\S]*" (does not exist in "\w+" enum)[\s\S]*$/, '$1 $2.');
}
