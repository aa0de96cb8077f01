import { type Route, route } from '../../engine/contract';
import { requiredText, textOrEmpty } from '../../engine/request-body';
import { IntrospectActiveDocument, LoginDocument, LogoutDocument, RefreshDocument } from '../../generated/operations';
import { answers } from './schemas';

const token = textOrEmpty('A token of any kind', 'eyJhbGciOiJIUzUxMiJ9.eyJzdWIiOiJhZG1pbiJ9.c2lnbmF0dXJl');

/** Section "Authentication APIs" of the contract. */
export const authenticationRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/auth/token',
    tag: 'Authentication',
    operationId: 'login',
    summary: 'Log in',
    body: {
      username: requiredText('User name or e-mail address', 'admin'),
      password: requiredText('Password', 'password123'),
    },
    operation: LoginDocument,
    variables: ({ body: { username, password } }) => ({ input: { username, password } }),
    result: ({ login: { tokens } }) => ({ token: tokens.accessToken, authenticated: true }),
    ...answers.token,
    tokenAt: '/result/token',
    fails: ['USER_UNKNOWN', 'INVALID_CREDENTIALS', 'ACCOUNT_DISABLED', 'RATE_LIMITED'],
  }),
  route({
    method: 'POST',
    path: '/auth/introspect',
    tag: 'Authentication',
    operationId: 'introspect',
    summary: 'Check whether a token is accepted now',
    body: { token },
    operation: IntrospectActiveDocument,
    variables: ({ body }) => ({ input: { token: body.token } }),
    result: ({ introspect }) => ({ valid: introspect.active }),
    failWhen: { when: ({ introspect }) => !introspect.active, as: 'UNAUTHENTICATED', result: { valid: false } },
    ...answers.validity,
    fails: ['UNAUTHENTICATED'],
  }),
  route({
    method: 'POST',
    path: '/auth/refresh',
    tag: 'Authentication',
    operationId: 'refresh',
    summary: 'Exchange a token for a new one',
    description: 'Works for ten hours from its issue, also after it has expired. The old token ends at once.',
    body: { token },
    operation: RefreshDocument,
    variables: ({ body }) => ({ input: { refreshToken: body.token } }),
    result: ({ refresh: { tokens } }) => ({ token: tokens.accessToken, authenticated: true }),
    ...answers.token,
    tokenAt: '/result/token',
    fails: ['INVALID_REFRESH_TOKEN'],
  }),
  route({
    method: 'POST',
    path: '/auth/logout',
    tag: 'Authentication',
    operationId: 'logout',
    summary: 'End a token',
    description: 'Succeeds for any token, also one that is expired, revoked, foreign or malformed.',
    body: { token },
    operation: LogoutDocument,
    variables: ({ body }) => ({ input: { token: body.token } }),
    result: () => null,
    ...answers.nothing,
  }),
];
