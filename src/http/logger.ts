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

/** JSON lines on standard output; what could let somebody in is taken out wherever it is named. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: undefined,
    redact: {
      paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `req.headers.${name}`]),
      censor: '[redacted]',
    },
    serializers: {
      // an error of the database carries the statement's parameters, and those may be anything
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
