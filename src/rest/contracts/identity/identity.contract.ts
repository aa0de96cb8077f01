import type { Contract } from '../../engine/contract';
import { authenticationRoutes } from './authentication.routes';
import { type IdentityError, identityErrors } from './errors';
import { permissionRoutes } from './permission.routes';
import { recoveryRoutes } from './recovery.routes';
import { roleRoutes } from './role.routes';
import { userRoutes } from './user.routes';

const SUCCESS = 1000;

/**
 * The identity contract: `/identity` on the main port. The gateway port has the same below `/auth`,
 * and its rows for tokens at their own paths as well, because the contract's first example and its
 * route table use those.
 * @param profile.strict nobody is told an unknown user from a wrong password, and the own password
 *   takes the current one
 */
export function identityContract({ strict }: { strict: boolean }): Contract<IdentityError> {
  return {
    name: 'Identity',
    channel: {
      name: 'identity',
      bearers: ['compat'],
      issues: 'compat',
      loginBy: 'username',
      rotatesRefreshTokens: false,
      tellsUnknownUser: !strict,
      limitsEveryLogin: false,
      setsOwnPassword: !strict,
    },
    mounts: { main: [{ prefix: '/identity' }], gateway: [{ prefix: '/auth' }, { prefix: '', only: '/auth/' }] },
    routes: [...authenticationRoutes, ...recoveryRoutes, ...userRoutes, ...roleRoutes, ...permissionRoutes],
    errors: identityErrors,
    success: (result, message) => ({ code: SUCCESS, ...(message !== undefined && { message }), result }),
    successSchema: (result, message) => ({
      type: 'object',
      properties: { code: { const: SUCCESS }, ...(message !== undefined && { message: { const: message } }), result },
      required: ['code', ...(message === undefined ? [] : ['message']), 'result'],
      additionalProperties: false,
    }),
    failure: ({ message: own, problems }, { code, message = own, field }, { result }) => {
      const all = field !== undefined && problems.length === 0 ? [{ field, message: own }] : problems;
      const saysMore = all.length > 1 || (all.length === 1 && all[0]!.message !== message);
      return { code, message, ...(saysMore && { errors: all }), ...(result !== undefined && { result }) };
    },
  };
}
