/** `ROLE_ADMIN` implies every permission, but no other role. */
export const hasScope = (scopes: readonly string[], scope: string): boolean =>
  scopes.includes(scope) || (!scope.startsWith('ROLE_') && scopes.includes('ROLE_ADMIN'));
