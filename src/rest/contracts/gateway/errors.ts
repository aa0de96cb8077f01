import { type ErrorCode, errorCatalogue } from '../../../errors/catalogue';
import type { FailureCode, Spoken } from '../../contract';
import { requestErrors } from '../../request-error';

/** An error in the gateway contract's words; without words of its own the error's message stands. */
export interface GatewayError extends Spoken {
  readonly message?: string;
}

const statuses = (codes: Record<string, number | { status: number }>) =>
  Object.fromEntries(Object.entries(codes).map(([code, of]) => [code, { status: typeof of === 'number' ? of : of.status }]));

/** The contract names no more than 401: every other error has the status and the message of the catalogue. */
export const gatewayErrors: Record<FailureCode, GatewayError> = {
  ...(statuses(errorCatalogue) as Record<ErrorCode, GatewayError>),
  ...(statuses(requestErrors) as Record<keyof typeof requestErrors, GatewayError>),
  INVALID_CREDENTIALS: { status: 401, message: 'Invalid credentials' },
  USER_UNKNOWN: { status: 401, message: 'Invalid credentials' },
  UNAUTHENTICATED: { status: 401, message: 'Unauthorized' },
};
