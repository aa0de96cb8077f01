import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { inTransaction } from '../../database/transaction';
import type { PasswordHasher } from '../../security/passwords/password-hasher';
import type { PasswordPolicy } from '../../security/passwords/password-policy';
import { network, type RateLimit } from '../../security/rate-limits/rate-limit';
import { normalizeText } from '../../security/text-limits';
import type { AuditLog } from '../audit/audit-log';
import type { WriteAuthorization } from '../auth/write-authorization';
import { type Caller, requireScopesOf, signedIn } from '../caller';
import { getCurrentScopes } from '../roles/current-scopes';
import { type RoleCache, scopesOf } from '../roles/role-cache';
import { mapUniqueViolation } from '../unique-violation';
import { assertIdentifiersAvailable, reserveIdentifiers } from './identifiers';
import { insertUser } from './insert-user';
import { assertMayRegister, type Registration } from './registration';
import { type CreateUserInput, storedText, validateNewUser } from './user-input';
import type { UserQueries } from './user-queries';
import type { UserView } from './user-view';

export interface CreateUserDependencies {
  em: SqlEntityManager;
  users: UserQueries;
  roleCache: RoleCache;
  hasher: PasswordHasher;
  audit: AuditLog;
  authorization: WriteAuthorization;
  clock: Clock;
  passwords: PasswordPolicy;
  /** Registrations by the network of the client. */
  registrations: RateLimit;
  /** Names of the roles that a new user has where none are asked for. */
  defaultRoles: readonly string[];
  registration: Registration;
}

/**
 * Registers a user. Registrations of one client network are limited, except those of callers with
 * CREATE_USER. A caller who gives roles needs every scope of them.
 * @throws AppError FORBIDDEN, RATE_LIMITED, USERNAME_TOO_SHORT, PASSWORD_TOO_SHORT, PASSWORD_TOO_COMMON,
 *   AGE_TOO_LOW, VALIDATION_FAILED, USERNAME_TAKEN, EMAIL_TAKEN, ROLE_NOT_FOUND
 */
export async function createUser(
  deps: CreateUserDependencies,
  input: CreateUserInput,
  caller: Caller,
): Promise<UserView> {
  assertMayRegister(deps.registration, caller);
  const wanted = { ...input, username: normalizeText(input.username, 'username') ?? input.username };
  const isByAdministrator = caller.principal?.has('CREATE_USER') ?? false;
  if (!isByAdministrator) await deps.registrations.consume(network(caller.address));
  await validateNewUser(wanted, { passwords: deps.passwords, now: deps.clock.now() });
  const identifiers = { username: wanted.username, email: storedText(input.email) };
  const roles = await deps.roleCache.getNamed(wanted.roles ?? deps.defaultRoles);
  if (wanted.roles) requireScopesOf(signedIn(caller), scopesOf(roles));
  await assertIdentifiersAvailable(deps.em, identifiers);
  const password = await deps.hasher.hashYielding(wanted.password);
  const id = await mapUniqueViolation(
    inTransaction(deps.em, async (em) => {
      if (isByAdministrator) {
        const givenRoleIds = wanted.roles ? roles.map(({ id }) => id) : [];
        const rights = { scope: 'CREATE_USER', givenRoleIds };
        const principal = await deps.authorization.authorizeAgain(em, caller, rights);
        if (wanted.roles) requireScopesOf(principal, ['ASSIGN_ROLE', ...(await getCurrentScopes(em, roles))]);
      }
      await reserveIdentifiers(em, identifiers);
      const user = await insertUser(em, { input: wanted, password, roles, now: deps.clock.now() });
      const { username } = user;
      await deps.audit.record(em, caller, {
        action: 'user.created',
        targetType: 'user',
        targetId: user.id,
        detail: { username, roles: roles.map(({ name }) => name) },
        ...(!caller.principal && { actor: { id: user.id, name: username } }),
      });
      return user.id;
    }),
  );
  return deps.users.get(id);
}
