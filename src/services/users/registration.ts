import { AppError } from '../../errors/app-error';
import type { Caller } from '../caller';

/** Who may have an account: everyone, those with an invitation, or those whom an administrator adds. */
export type Registration = 'open' | 'invite' | 'closed';

/** A caller with CREATE_USER adds users in every mode. @throws AppError REGISTRATION_CLOSED */
export function assertMayRegister(registration: Registration, { principal }: Caller): void {
  if (registration !== 'open' && !principal?.has('CREATE_USER')) throw new AppError('REGISTRATION_CLOSED');
}

/** @throws AppError REGISTRATION_CLOSED */
export function assertInvitationsAllowed(registration: Registration): void {
  if (registration === 'closed') throw new AppError('REGISTRATION_CLOSED');
}
