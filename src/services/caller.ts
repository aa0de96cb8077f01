import { AppError } from '../errors/app-error';
import type { ChannelPolicy } from '../security/channel-policy';
import type { Principal } from '../security/principal';

/** Who makes a request, from where and on which channel: all that services know of it. */
export interface Caller {
  /** Null without a valid token. */
  readonly principal: Principal | null;
  /** Why there is no principal. */
  readonly authenticationFailure: 'missing' | 'expired' | 'invalid' | null;
  readonly channel: ChannelPolicy;
  readonly address: string;
  readonly userAgent: string | null;
  readonly language: 'en' | 'vi';
  /**
   * Authenticates the token again: it may be revoked while a request waits for its body, or between
   * its mutations. Afterwards `principal` is current. Rejects when this cannot be decided.
   */
  confirm?(): Promise<void>;
  /** The consumer that a trusted Kong has authenticated, on the channel that takes its headers. */
  readonly kongConsumer?: { readonly id: string; readonly username: string } | null;
}

/** @throws AppError UNAUTHENTICATED */
export function signedIn(caller: Caller): Principal {
  if (caller.principal) return caller.principal;
  throw new AppError('UNAUTHENTICATED', { reason: caller.authenticationFailure ?? 'missing' });
}

/**
 * Whether callers may change the password and the e-mail of their own account without the current
 * password: the identity contract draws it so, for its own tokens.
 */
export const changesOwnCredentialsFreely = ({ channel, principal }: Caller): boolean =>
  channel.changesOwnCredentials && principal?.tokenKind === 'compat';

/** @throws AppError UNAUTHENTICATED, FORBIDDEN */
export function requireScope(caller: Caller, scope: string): Principal {
  const principal = signedIn(caller);
  if (!principal.has(scope)) throw new AppError('FORBIDDEN', { needs: scope });
  return principal;
}

/** Whether the caller may read the fields of a user, in queries and in what mutations return. */
export const mayReadUser = ({ principal }: Caller, userId: string): boolean =>
  principal !== null && (principal.userId === userId || principal.has('READ_USERS'));

/** Callers give, take and change nothing beyond their own scopes. @throws AppError FORBIDDEN */
export function requireScopesOf(principal: Principal, scopes: Iterable<string>): void {
  if (!principal.covers(scopes))
    throw new AppError('FORBIDDEN', { needs: 'every scope that is concerned, or ROLE_ADMIN' });
}
