import type { BuiltInPermission } from '../../security/scopes';

/** What a root field asks of its caller. */
export type Access =
  | { readonly kind: 'anybody' }
  | { readonly kind: 'signed-in' }
  | { readonly kind: 'scope'; readonly scope: BuiltInPermission }
  /**
   * The scope, unless the argument names the caller himself (or nobody, where it may be left out).
   */
  | { readonly kind: 'own-or-scope'; readonly scope: BuiltInPermission; readonly argument: string };

export const anybody: Access = { kind: 'anybody' };
export const signedInUser: Access = { kind: 'signed-in' };
export const scope = (name: BuiltInPermission): Access => ({ kind: 'scope', scope: name });
export const ownOr = (name: BuiltInPermission, argument: string): Access => ({
  kind: 'own-or-scope',
  scope: name,
  argument,
});

/** The sentence that the schema shows. */
export function describeAccess(of: Access): string {
  switch (of.kind) {
    case 'anybody':
      return 'Access: anybody, no token needed.';
    case 'signed-in':
      return 'Access: any valid token.';
    case 'scope':
      return `Access: scope ${of.scope} or ROLE_ADMIN.`;
    case 'own-or-scope':
      return `Access: any valid token for oneself; for others scope ${of.scope} or ROLE_ADMIN.`;
  }
}
