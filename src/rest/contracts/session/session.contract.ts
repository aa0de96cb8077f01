import { STATUS_CODES } from 'node:http';
import type { Contract } from '../../engine/contract';
import { type SessionError, sessionErrors } from './errors';
import { sessionRoutes } from './routes';

/**
 * The session contract: e-mail login with access and refresh tokens below `/api`, the same on both
 * ports. Bodies are bare.
 * @param profile.strict every refresh gives a new refresh token; else the client keeps the one it
 *   has
 */
export function sessionContract({ strict }: { strict: boolean }): Contract<SessionError> {
  return {
    name: 'Session',
    channel: {
      name: 'session',
      bearers: ['session'],
      issues: 'session',
      loginBy: 'email',
      rotatesRefreshTokens: strict,
      tellsUnknownUser: false,
      limitsEveryLogin: true,
      setsOwnPassword: false,
    },
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
        ...(problems.length > 0 && { errors: problems }),
      };
    },
  };
}
