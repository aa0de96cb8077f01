import { GraphQLError, type GraphQLFormattedError, Kind } from 'graphql';
import type { Logger } from 'pino';
import { isDatabaseAway } from '../../database/availability';
import { AppError, fillIn, serviceUnavailable } from '../../errors/app-error';
import { type ErrorCode, errorCatalogue, isErrorCode } from '../../errors/catalogue';
import { messageIn, problemsIn, vietnameseMessages } from '../../errors/vietnamese';
import { HasherBusyError } from '../../security/passwords/password-hasher';
import type { GraphqlContext } from './context';

/** Maps whatever was thrown to the error that the client gets. An unexpected error is logged and masked. */
export function toAppError(thrown: unknown, logger: Logger): AppError {
  const error = unwrap(thrown);
  if (error instanceof AppError) {
    if (error.cause !== undefined && error.status >= 500) logger.warn({ err: error.cause }, error.message);
    return error;
  }
  const code = requestErrorCode(thrown);
  if (code) return new AppError(code, { detail: withoutValues((error as GraphQLError).message) });
  if (error instanceof HasherBusyError) {
    logger.warn(error.message); // a flood of these must not fill the log with stacks
    return serviceUnavailable(error);
  }
  // the change feed logs once that the database is away
  if (isDatabaseAway(error)) return serviceUnavailable(error);
  logger.error({ err: error }, 'unexpected error');
  return new AppError('INTERNAL_SERVER_ERROR', {}, { cause: error });
}

/** The error that GraphQL has wrapped. */
function unwrap(thrown: unknown): unknown {
  let error = thrown;
  while (error instanceof GraphQLError && error.originalError) error = error.originalError;
  return error;
}

/**
 * The code of an error that GraphQL itself has found in the request; undefined for a defect of the
 * server. Execution reports a wrong variable or argument at its own node, a defect at the field.
 */
function requestErrorCode(error: unknown, formattedCode?: unknown): ErrorCode | undefined {
  const original = unwrap(error);
  if (!(original instanceof GraphQLError)) return undefined;
  // Apollo calls every error of a validation rule GRAPHQL_VALIDATION_FAILED; the limits name their own code
  const code = [original.extensions.code, formattedCode].find(isErrorCode);
  if (code && errorCatalogue[code].status !== 500) return code;
  const node = (error as GraphQLError).nodes?.[0];
  return node && node.kind !== Kind.FIELD ? 'BAD_USER_INPUT' : undefined;
}

/** Formats an error of the execution, in the language that the client asks for. */
export function formatExecutionError(error: GraphQLError, logger: Logger, context: GraphqlContext) {
  return translateError(formatError(error.toJSON(), error, logger, context.messageLanguage ?? 'en'), context);
}

/**
 * Formats every error by the catalogue: a code, a message, and nothing that was not meant for the
 * client. Only here is it known what is wrong with the input, in each language.
 */
export function formatError(
  formatted: GraphQLFormattedError,
  error: unknown,
  logger: Logger,
  language: 'en' | 'vi' = 'en',
): GraphQLFormattedError {
  const { path, locations } = formatted;
  const place = { ...(path && { path }), ...(locations && { locations }) };
  const code = requestErrorCode(error, formatted.extensions?.code);
  if (code) return { message: withoutValues(withoutAdvice(formatted.message)), extensions: { code }, ...place };
  const known = toAppError(error, logger);
  const { detail: _, ...params } = known.params;
  const problems = problemsIn(language, known.problems);
  const extensions = { code: known.code, ...params, ...(problems.length > 0 && { problems }) };
  return { message: messageIn(language, known), extensions, ...place };
}

/** The error with its message in the language that the client asks for; codes are the same in each. */
export function translateError<E extends GraphQLFormattedError>(error: E, { messageLanguage }: GraphqlContext): E {
  const { code, ...params } = error.extensions ?? {};
  const message = messageLanguage === 'vi' && isErrorCode(code) ? vietnameseMessages[code] : undefined;
  return message === undefined ? error : { ...error, message: fillIn(message, params) };
}

/** Apollo's advice addresses the developers of the server. */
const withoutAdvice = (message: string): string =>
  message.startsWith('GraphQL introspection is not allowed')
    ? 'Introspection is switched off here; INTROSPECTION=on switches it on'
    : message;

/**
 * GraphQL's messages about wrong values repeat the values, which may be passwords: only the place
 * and the reason are kept.
 */
function withoutValues(message: string): string {
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
