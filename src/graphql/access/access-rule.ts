import type { BuiltInPermission } from '../../security/scopes';

/** What a field requires of its caller. */
export type Access =
  | { readonly kind: 'public' }
  | { readonly kind: 'authenticated' }
  /** What its object requires: a part of the object. */
  | { readonly kind: 'as-object' }
  | { readonly kind: 'scope'; readonly scope: BuiltInPermission }
  /** The scope, unless the argument, or the member of the object, names the caller, or is missing. */
  | { readonly kind: 'own-or-scope'; readonly scope: BuiltInPermission; readonly argument: string }
  /** The scopes, once the argument is given. */
  | { readonly kind: 'public-without'; readonly argument: string; readonly scopes: readonly BuiltInPermission[] };

export const publicAccess: Access = { kind: 'public' };
export const authenticated: Access = { kind: 'authenticated' };
export const asObject: Access = { kind: 'as-object' };
export const scope = (name: BuiltInPermission): Access => ({ kind: 'scope', scope: name });
export const ownOr = (name: BuiltInPermission, argument: string): Access => ({
  kind: 'own-or-scope',
  scope: name,
  argument,
});
export const publicWithout = (argument: string, ...scopes: readonly BuiltInPermission[]): Access => ({
  kind: 'public-without',
  argument,
  scopes,
});

export type Arguments = Readonly<Record<string, unknown>>;

/** The value at a path such as `input.id`; undefined where a step is missing. */
export const argumentAt = (args: Arguments, path: string): unknown =>
  path.split('.').reduce<unknown>((at, key) => (at as Arguments | null | undefined)?.[key], args);

export const isPublic = (access: Access, args: Arguments): boolean =>
  access.kind === 'public' ||
  (access.kind === 'public-without' && (argumentAt(args, access.argument) ?? null) === null);

/** The sentence that the schema shows. */
export function describeAccess(access: Access): string {
  switch (access.kind) {
    case 'public':
      return 'Access: public; no token is needed.';
    case 'authenticated':
      return 'Access: any valid token.';
    case 'as-object':
      return 'Access: as the object itself.';
    case 'scope':
      return `Access: scope ${access.scope} or ROLE_ADMIN.`;
    case 'own-or-scope':
      return `Access: any valid token for the caller's own account; for others scope ${access.scope} or ROLE_ADMIN.`;
    case 'public-without':
      return (
        `Access: public; with \`${access.argument.split('.').at(-1)}\` scopes ` +
        `${access.scopes.join(' and ')} or ROLE_ADMIN.`
      );
  }
}
