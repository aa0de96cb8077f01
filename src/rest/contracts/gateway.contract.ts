import type { GatewayTrust } from '../../http/gateway-trust';
import type { Contract } from '../contract';
import { type GatewayError, gatewayErrors } from './gateway/errors';
import { gatewayRoutes } from './gateway/routes';

/**
 * Sign-in at a Kong gateway: the three phases of its contract, on both ports. Behind Kong the Authorization header holds a token
 * that is not ours: no bearer is believed here, only what a trusted gateway says.
 */
export function gatewayContract(trust: GatewayTrust): Contract<GatewayError> {
  return {
    name: 'Gateway',
    door: {
      name: 'gateway',
      bearers: [],
      issues: 'session',
      loginBy: 'username',
      rotatesRefreshTokens: true,
      tellsUnknownUser: false,
      limitsEveryLogin: false,
      setsOwnPassword: false,
    },
    mounts: { main: [{ prefix: '' }], gateway: [{ prefix: '' }] },
    routes: gatewayRoutes,
    errors: gatewayErrors,
    success: (result) => result,
    successSchema: (result) => result,
    failure: ({ message: own }, { message = own }) => ({ message }),
    believes: (request) => ({ gatewayConsumer: trust.consumerOf(request) }),
  };
}
