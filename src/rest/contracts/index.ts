import type { KongTrust } from '../../http/kong-trust';
import type { DescribedContract } from '../engine/open-api';
import { identityContract } from './identity/identity.contract';
import { identitySchemas } from './identity/schemas';
import { kongContract } from './kong/kong.contract';
import { kongSchemas } from './kong/routes';
import { sessionSchemas } from './session/schemas';
import { sessionContract } from './session/session.contract';

/** Every REST contract that the server speaks. */
export function restContracts(profile: { strict: boolean }, trust: KongTrust): readonly DescribedContract[] {
  return [
    { contract: identityContract(profile), schemas: identitySchemas, failure: 'IdentityError' },
    { contract: sessionContract(profile), schemas: sessionSchemas, failure: 'SessionError' },
    { contract: kongContract(trust), schemas: kongSchemas, failure: 'KongErrorMapping' },
  ];
}
