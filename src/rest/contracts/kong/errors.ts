import { type ErrorCode, errorCatalogue } from '../../../errors/catalogue';
import type { ErrorMapping, FailureCode } from '../../engine/contract';
import { requestErrors } from '../../engine/request-error';

/**
 * An error in the gateway contract's words; without words of its own the error's message stands.
 */
export interface KongErrorMapping extends ErrorMapping {
  readonly message?: string;
}

const statuses = (codes: Record<string, number | { status: number }>) =>
  Object.fromEntries(
    Object.entries(codes).map(([code, of]) => [code, { status: typeof of === 'number' ? of : of.status }]),
  );

/**
 * The contract names no more than 401: every other error has the status and the message of the
 * catalogue.
 */
export const kongErrors: Record<FailureCode, KongErrorMapping> = {
  ...(statuses(errorCatalogue) as Record<ErrorCode, KongErrorMapping>),
  ...(statuses(requestErrors) as Record<keyof typeof requestErrors, KongErrorMapping>),
  INVALID_CREDENTIALS: { status: 401, message: 'Invalid credentials' },
  USER_UNKNOWN: { status: 401, message: 'Invalid credentials' },
  UNAUTHENTICATED: { status: 401, message: 'Unauthorized' },
};
