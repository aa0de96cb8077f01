import { AppError } from '../errors/app-error';
import type { ChannelPolicy } from '../security/channel-policy';
import type { Principal } from '../security/principal';

/** Who asks, from where and through which channel: all that services know of a request. */
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
   * Asks again what the token is worth: a request may wait for its body, or do several things,
   * while the token is revoked. Afterwards `principal` is what it is now. Rejects when that cannot
   * be said.
   */
  confirm?(): Promise<void>;
  /** Whom a trusted Kong in front of us has let through, at the channel that believes it. */
  readonly kongConsumer?: { readonly id: string; readonly username: string } | null;
}

/** @throws AppError UNAUTHENTICATED */
export function signedIn(caller: Caller): Principal {
  if (caller.principal) return caller.principal;
  throw new AppError('UNAUTHENTICATED', { reason: caller.authenticationFailure ?? 'missing' });
}

/** @throws AppError UNAUTHENTICATED, FORBIDDEN */
export function requireScope(caller: Caller, scope: string): Principal {
  const principal = signedIn(caller);
  if (!principal.has(scope)) throw new AppError('FORBIDDEN', { needs: scope });
  return principal;
}

/** Nobody gives, takes or touches what goes beyond his own scopes. @throws AppError FORBIDDEN */
export function requireScopesOf(principal: Principal, scopes: Iterable<string>): void {
  if (!principal.covers(scopes))
    throw new AppError('FORBIDDEN', { needs: 'every scope that is concerned, or ROLE_ADMIN' });
}
