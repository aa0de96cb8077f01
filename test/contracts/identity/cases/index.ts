import { accessCases } from './access.cases';
import { authenticationCases } from './authentication.cases';
import type { Case } from './case';
import { recoveryCases } from './recovery.cases';
import { roleCases } from './role.cases';
import { updateCases } from './update.cases';
import { userCases } from './user.cases';

/** Every case of the identity contract, in files by section. */
export const caseTables: Record<string, Case[]> = {
  authentication: authenticationCases,
  access: accessCases,
  users: userCases,
  updates: updateCases,
  roles: roleCases,
  recovery: recoveryCases,
};
