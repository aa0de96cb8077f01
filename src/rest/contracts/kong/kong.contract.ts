import type { KongTrust } from '../../../http/kong-trust';
import type { Contract } from '../../engine/contract';
import { type KongErrorMapping, kongErrors } from './errors';
import { kongFailureSchema, kongRoutes } from './routes';

/**
 * Sign-in at Kong: the three phases of its contract, on both ports. Behind Kong the Authorization
 * header holds a token of Kong, so this channel accepts no bearer tokens, only the consumer that a
 * trusted Kong names.
 */
export function kongContract(trust: KongTrust): Contract<KongErrorMapping> {
  return {
    name: 'Gateway',
    channel: {
      name: 'kong',
      issues: 'session',
      loginBy: 'username',
      rotatesRefreshTokens: true,
      tellsUnknownUser: false,
      limitsEveryLogin: false,
      changesOwnCredentials: false,
    },
    bearer: {
      name: 'kongToken',
      description: 'The token of POST /auth-jwt; Kong verifies it and names the consumer here',
    },
    mounts: { main: [{ prefix: '' }], gateway: [{ prefix: '' }] },
    routes: kongRoutes,
    errors: kongErrors,
    success: (result) => result,
    successSchema: (result) => result,
    failure: ({ message: own }, { message = own }) => ({ message }),
    failureSchema: kongFailureSchema,
    extendCaller: (request) => ({ kongConsumer: trust.consumerOf(request) }),
  };
}
