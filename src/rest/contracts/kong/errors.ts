import { type ErrorCode, errorCatalogue } from '../../../errors/catalogue';
import type { ErrorMapping, FailureCode } from '../../engine/contract';
import { requestErrors } from '../../engine/request-error';

/** How this contract answers an error; without a message of its own it sends the catalogue's. */
export interface KongErrorMapping extends ErrorMapping {
  readonly message?: string;
}

const statuses = (codes: Record<string, number | { status: number }>) =>
  Object.fromEntries(
    Object.entries(codes).map(([code, status]) => [
      code,
      { status: typeof status === 'number' ? status : status.status },
    ]),
  );

/** The contract names 401 only; every other error has the catalogue's status and message. */
export const kongErrors: Record<FailureCode, KongErrorMapping> = {
  ...(statuses(errorCatalogue) as Record<ErrorCode, KongErrorMapping>),
  ...(statuses(requestErrors) as Record<keyof typeof requestErrors, KongErrorMapping>),
  INVALID_CREDENTIALS: { status: 401, message: 'Invalid credentials' },
  USER_UNKNOWN: { status: 401, message: 'Invalid credentials' },
  UNAUTHENTICATED: { status: 401, message: 'Unauthorized' },
};
