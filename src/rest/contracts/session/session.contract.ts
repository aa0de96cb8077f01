import { STATUS_CODES } from 'node:http';
import { problemsIn } from '../../../errors/vietnamese';
import type { Contract } from '../../engine/contract';
import { type SessionError, sessionErrors } from './errors';
import { sessionRoutes } from './routes';
import { sessionFailureSchema } from './schemas';

/**
 * The session contract: e-mail login with access and refresh tokens below `/api`, the same on both
 * ports. Bodies have no envelope.
 * @param profile.strict every refresh returns a new refresh token; otherwise the client keeps its
 *   own
 */
export function sessionContract({ strict }: { strict: boolean }): Contract<SessionError> {
  return {
    name: 'Session',
    channel: {
      name: 'session',
      issues: 'session',
      loginBy: 'email',
      rotatesRefreshTokens: strict,
      tellsUnknownUser: false,
      limitsEveryLogin: true,
      changesOwnCredentials: false,
    },
    bearer: { name: 'sessionToken', description: 'The access token of POST /api/auth/login' },
    mounts: { main: [{ prefix: '/api' }], gateway: [{ prefix: '/api' }] },
    routes: sessionRoutes({ rotating: strict }),
    errors: sessionErrors,
    success: (result) => result,
    successSchema: (result) => result,
    failure: ({ code, message, params, problems }, { status, code: known, vi, en }, { language }) => {
      const expired = code === 'UNAUTHENTICATED' && params.reason === 'expired';
      return {
        statusCode: status,
        error: STATUS_CODES[status],
        code: expired ? 'TOKEN_EXPIRED' : (known ?? code),
        message: expired ? 'Token expired' : ((language === 'vi' ? vi : en) ?? message),
        ...(problems.length > 0 && { errors: problemsIn(language, problems) }),
      };
    },
    failureSchema: sessionFailureSchema,
  };
}
