import { type Route, route } from '../../engine/contract';
import { textOrEmpty } from '../../engine/request-body';
import {
  CheckPasswordResetCodeDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
} from '../../generated/operations';
import { answers } from './schemas';

const email = textOrEmpty('Address of the account', 'john.doe@example.com', { format: 'email' });
const otp = textOrEmpty('The six digits of the e-mail', '123456', { pattern: '^\\d{6}$' });

/** Rows for a forgotten password, which clients use beyond the contract. */
export const recoveryRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/auth/forgot-password',
    tag: 'Forgotten password',
    operationId: 'requestPasswordReset',
    summary: 'Request a six-digit code by e-mail',
    description: 'The answer is the same when no account has the address.',
    body: { email },
    operation: RequestPasswordResetDocument,
    variables: ({ body }) => ({ input: { email: body.email } }),
    result: () => null,
    message: 'If an account has this address, a code has been sent to it',
    ...answers.nothing,
    fails: ['RATE_LIMITED'],
  }),
  route({
    method: 'POST',
    path: '/auth/verify-otp',
    tag: 'Forgotten password',
    operationId: 'checkPasswordResetCode',
    summary: 'Check whether a code is right',
    body: { email, otp },
    operation: CheckPasswordResetCodeDocument,
    variables: ({ body }) => ({ input: { email: body.email, code: body.otp } }),
    result: ({ checkPasswordResetCode }) => checkPasswordResetCode.valid,
    ...answers.yesOrNo,
    fails: ['RATE_LIMITED'],
  }),
  route({
    method: 'POST',
    path: '/auth/reset-password',
    tag: 'Forgotten password',
    operationId: 'resetPassword',
    summary: 'Set a new password with a code',
    description: 'Ends every token and session of the account. A code works once.',
    body: { email, otp, newPassword: textOrEmpty('The new password', 'password456', { minLength: 6 }) },
    operation: ResetPasswordDocument,
    variables: ({ body }) => ({ input: { email: body.email, code: body.otp, newPassword: body.newPassword } }),
    result: () => null,
    message: 'The password has been changed',
    ...answers.nothing,
    fails: ['INVALID_CODE', 'PASSWORD_TOO_SHORT', 'RATE_LIMITED'],
  }),
];
