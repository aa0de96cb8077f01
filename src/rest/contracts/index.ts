import type { GatewayTrust } from '../../http/gateway-trust';
import type { DescribedContract } from '../open-api';
import { gatewaySchemas } from './gateway/routes';
import { gatewayContract } from './gateway.contract';
import { identitySchemas } from './identity/schemas';
import { identityContract } from './identity.contract';
import { sessionSchemas } from './session/schemas';
import { sessionContract } from './session.contract';

/** Every REST contract that the server speaks. */
export function restContracts(profile: { strict: boolean }, trust: GatewayTrust): readonly DescribedContract[] {
  return [
    { contract: identityContract(profile), schemas: identitySchemas, failure: 'IdentityError' },
    { contract: sessionContract(profile), schemas: sessionSchemas, failure: 'SessionError' },
    { contract: gatewayContract(trust), schemas: gatewaySchemas, failure: 'GatewayError' },
  ];
}
