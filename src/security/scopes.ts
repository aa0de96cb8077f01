/** The role that implies every permission. */
export const ADMIN_ROLE = 'ADMIN';
export const ADMIN_SCOPE = 'ROLE_ADMIN';

/** The permissions that this server itself requires; seeded once, and ADMIN holds all of them. */
export const builtInPermissions = {
  READ_USERS: 'List and read all users',
  CREATE_USER: 'Create users with roles',
  UPDATE_USER: 'Change names, e-mail, phone, date of birth and password of other users',
  DELETE_USER: 'Delete users',
  DISABLE_USER: 'Disable and enable users',
  READ_ROLES: 'List and read roles',
  CREATE_ROLE: 'Create roles',
  UPDATE_ROLE: 'Change roles',
  DELETE_ROLE: 'Delete roles',
  ASSIGN_ROLE: 'Give roles to users and take them away',
  READ_PERMISSIONS: 'List and read permissions',
  CREATE_PERMISSION: 'Create permissions',
  DELETE_PERMISSION: 'Delete permissions',
  GRANT_PERMISSION: 'Put permissions into roles and take them out',
  READ_SESSIONS: 'See the sessions of other users',
  REVOKE_SESSIONS: 'End the sessions of other users',
  READ_LOGIN_ATTEMPTS: 'See the login history of all users',
  READ_AUDIT_LOG: 'See the audit log',
  INTROSPECT_TOKENS: 'See what is in the tokens of other users',
} as const;

export type BuiltInPermission = keyof typeof builtInPermissions;

/** A role as it stands in a scope claim. */
export const roleScope = (roleName: string): string => `ROLE_${roleName}`;

/**
 * RFC 6749 section 3.3 allows more in a scope token; names are kept to what is safe in URLs,
 * headers and logs as well.
 */
const SCOPE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/;

export const isRoleName = (name: string): boolean => SCOPE_NAME.test(name);

/** A permission must not pass for a role: one named `ROLE_ADMIN` would make its holders administrators. */
export const isPermissionName = (name: string): boolean => SCOPE_NAME.test(name) && !/^role_/i.test(name);

/** The scopes of a `scope` claim (RFC 8693 section 4.2); none of anything but a string. */
export function parseScope(scope: unknown): string[] {
  return typeof scope === 'string' ? scope.split(' ').filter(Boolean) : [];
}

/** Whether a holder of the scopes `held` may use `scope`; ROLE_ADMIN implies every permission. */
export const hasScope = (held: ReadonlySet<string>, scope: string): boolean =>
  held.has(scope) || (held.has(ADMIN_SCOPE) && !scope.startsWith('ROLE_'));

/** Whether all of `scopes` are held: the condition for granting them, or for changing their holder. */
export function coversScopes(held: ReadonlySet<string>, scopes: Iterable<string>): boolean {
  if (held.has(ADMIN_SCOPE)) return true;
  for (const scope of scopes) if (!hasScope(held, scope)) return false;
  return true;
}

/**
 * What a token may do now: the scopes it was issued with that its account still has. An account
 * with ROLE_ADMIN has every permission, whether its roles name it or not.
 */
export function effectiveScopes(issued: readonly string[], held: ReadonlySet<string>): Set<string> {
  const heldAdmin = held.has(ADMIN_SCOPE);
  return new Set(issued.filter((scope) => held.has(scope) || (heldAdmin && !scope.startsWith('ROLE_'))));
}
