import { z } from 'zod';
import { problemsIn } from '../../../errors/vietnamese';
import type { Contract } from '../../engine/contract';
import { authenticationRoutes } from './authentication.routes';
import { type IdentityError, identityErrors } from './errors';
import { permissionRoutes } from './permission.routes';
import { recoveryRoutes } from './recovery.routes';
import { roleRoutes } from './role.routes';
import { identityFailureSchema } from './schemas';
import { userRoutes } from './user.routes';

const SUCCESS = 1000;

/**
 * The identity contract: `/identity` on the main port. The gateway port has the same paths below
 * `/auth`, and the rows for tokens at their own paths too, which the contract's first example and
 * its route table use.
 * @param profile.strict a login does not reveal whether the user exists, and changing one's own
 *   password takes the current one
 */
export function identityContract({ strict }: { strict: boolean }): Contract<IdentityError> {
  return {
    name: 'Identity',
    channel: {
      name: 'identity',
      issues: 'compat',
      loginBy: 'username',
      rotatesRefreshTokens: false,
      tellsUnknownUser: !strict,
      limitsEveryLogin: false,
      changesOwnCredentials: !strict,
    },
    bearer: { name: 'identityToken', description: 'The token of POST /identity/auth/token' },
    mounts: {
      main: [{ prefix: '/identity' }],
      gateway: [
        { prefix: '/auth', operationIdPrefix: 'gateway' },
        { prefix: '', only: '/auth/', operationIdPrefix: 'gatewayShort' },
      ],
    },
    routes: [...authenticationRoutes, ...recoveryRoutes, ...userRoutes, ...roleRoutes, ...permissionRoutes],
    language: 'en',
    errors: identityErrors,
    success: (result, message) => ({ code: SUCCESS, ...(message !== undefined && { message }), result }),
    successSchema: (result, message) =>
      z.object({ code: z.literal(SUCCESS), ...(message !== undefined && { message: z.literal(message) }), result }),
    failure: ({ message: own, problems }, { code, message = own, field }, { result, language }) => {
      const all =
        field !== undefined && problems.length === 0 ? [{ field, message: own }] : problemsIn(language, problems);
      const saysMore = all.length > 1 || (all.length === 1 && all[0]!.message !== message);
      return { code, message, ...(saysMore && { errors: all }), ...(result !== undefined && { result }) };
    },
    failureSchema: identityFailureSchema,
  };
}
