import { type Route, route } from '../../engine/contract';
import { requiredText, textOrEmpty } from '../../engine/request-body';
import {
  LogoutDocument,
  ProfileDocument,
  type ProfileFieldsFragment,
  RefreshDocument,
  SessionLoginDocument,
} from '../../generated/operations';
import { answers } from './schemas';

const shown = ({ fullName, phone, avatar }: ProfileFieldsFragment) => ({ full_name: fullName, phone, avatar });

const refreshToken = textOrEmpty(
  'The refresh token of the login',
  'eyJhbGciOiJIUzUxMiIsInR5cCI6InJ0K2p3dCJ9.eyJqdGkiOiIxIn0.c2lnbmF0dXJl',
);

/** @param options.rotating whether a refresh returns a new refresh token */
export function sessionRoutes({ rotating }: { rotating: boolean }): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/auth/login',
      tag: 'Sessions',
      operationId: 'openSession',
      summary: 'Open a session with e-mail and password',
      body: {
        email: requiredText('E-mail address', 'user@example.com'),
        password: requiredText('Password', 'password123'),
      },
      operation: SessionLoginDocument,
      variables: ({ body: { email, password } }) => ({ input: { username: email, password } }),
      result: ({ login: { tokens, user, profile } }) => ({
        accessToken: tokens.accessToken,
        refreshToken: tokens.refreshToken,
        user: {
          id: user.id,
          email: user.email,
          role: user.roles[0]?.name ?? 'user',
          isVerified: user.isVerified,
          isActive: user.isActive,
        },
        profile: shown(profile),
      }),
      ...answers.login,
      tokenAt: '/accessToken',
      fails: ['INVALID_CREDENTIALS', 'ACCOUNT_DISABLED', 'RATE_LIMITED'],
    }),
    route({
      method: 'POST',
      path: '/auth/refresh',
      tag: 'Sessions',
      operationId: 'refreshSession',
      summary: 'Get a new access token',
      body: { refreshToken },
      operation: RefreshDocument,
      variables: ({ body }) => ({ input: { refreshToken: body.refreshToken } }),
      result: ({ refresh: { tokens } }) => ({
        accessToken: tokens.accessToken,
        ...(rotating && { refreshToken: tokens.refreshToken }),
      }),
      ...answers.refresh,
      tokenAt: '/accessToken',
      fails: ['INVALID_REFRESH_TOKEN'],
    }),
    route({
      method: 'POST',
      path: '/auth/logout',
      tag: 'Sessions',
      operationId: 'endSession',
      summary: 'End a session',
      description: 'Succeeds for any token, also one that is expired, revoked, foreign or malformed.',
      status: 204,
      body: { refreshToken },
      operation: LogoutDocument,
      variables: ({ body }) => ({ input: { token: body.refreshToken } }),
      result: () => undefined,
      ...answers.nothing,
    }),
    route({
      method: 'GET',
      path: '/users/:id/profile',
      tag: 'Sessions',
      operationId: 'getProfile',
      summary: 'The profile of a user: your own, or any with READ_USERS',
      operation: ProfileDocument,
      variables: ({ params }) => ({ userId: params.id }),
      result: ({ profile }) => shown(profile),
      ...answers.profile,
      fails: ['USER_NOT_FOUND'],
    }),
  ];
}
