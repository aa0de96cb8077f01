import { type Logger, pino } from 'pino';

const SECRETS = [
  'password',
  'newPassword',
  'currentPassword',
  'token',
  'accessToken',
  'refreshToken',
  'authorization',
  'cookie',
  'secret',
  'otp',
  'code_hash',
];

/**
 * Lines of JSON on standard output; credentials are removed wherever a field has one of their names.
 * @param fields members of every line, such as the id of the request that is being handled
 */
export function createLogger(level: string, fields: () => object = () => ({})): Logger {
  return pino({
    level,
    base: undefined,
    mixin: fields,
    redact: {
      paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `req.headers.${name}`]),
      censor: '[redacted]',
    },
    serializers: {
      // an error of the database lists the statement's parameters after its first line
      err: (error: Error & { code?: unknown }) => ({
        type: error.name,
        message: firstLine(error.message),
        code: error.code,
        stack: error.stack,
      }),
    },
  });
}

const firstLine = (text: string): string => text.split('\n', 1)[0]!;
