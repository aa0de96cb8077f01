import type { KongTrust } from '../../http/kong-trust';
import type { Contract } from '../engine/contract';
import { identityContract } from './identity/identity.contract';
import { kongContract } from './kong/kong.contract';
import { sessionContract } from './session/session.contract';

/** Every REST contract of the server. */
export function restContracts(profile: { strict: boolean }, trust: KongTrust): readonly Contract[] {
  return [identityContract(profile), sessionContract(profile), kongContract(trust)];
}
