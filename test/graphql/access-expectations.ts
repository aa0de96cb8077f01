import type { BuiltInPermission } from '../../src/security/scopes';
import { NOBODY } from '../support/minimal-operation';

export type Given = Record<string, unknown>;
export type Expected =
  | 'anybody'
  | 'signed-in'
  /** Who comes through a gateway, and none of our tokens. */
  | 'gateway'
  | BuiltInPermission
  | { anybody: () => Given }
  /** Arguments that name another user. */
  | { others: BuiltInPermission; given: Given };

let count = 0;
/** Limits count per address. */
const ofAnAddress = (): Given => ({ input: { email: `nobody${++count}@example.org` } });

/**
 * Written a second time on purpose: the access tree has to mean what it says.
 */
export const EXPECTED: Record<string, Expected> = {
  settings: 'anybody',
  me: 'signed-in',
  user: { others: 'READ_USERS', given: { id: NOBODY } },
  users: 'READ_USERS',
  role: 'READ_ROLES',
  roles: 'READ_ROLES',
  permission: 'READ_PERMISSIONS',
  permissions: 'READ_PERMISSIONS',
  profile: { others: 'READ_USERS', given: { userId: NOBODY } },
  sessions: { others: 'READ_SESSIONS', given: { userId: NOBODY } },
  loginAttempts: { others: 'READ_LOGIN_ATTEMPTS', given: { userId: NOBODY } },
  sessionCount: 'READ_SESSIONS',
  loginCounts: 'READ_LOGIN_ATTEMPTS',
  auditEvents: 'READ_AUDIT_LOG',
  kongConsumer: 'gateway',

  login: 'anybody',
  refresh: 'anybody',
  logout: 'anybody',
  introspect: 'anybody',
  kongSignIn: 'anybody',
  kongToken: 'anybody',
  createUser: 'anybody',
  inviteUser: 'CREATE_USER',
  acceptInvitation: 'anybody',
  requestPasswordReset: { anybody: ofAnAddress },
  checkPasswordResetCode: { anybody: ofAnAddress },
  resetPassword: { anybody: ofAnAddress },
  verifyEmail: { anybody: () => ({ input: { linkToken: 'x' } }) },

  updateUser: { others: 'UPDATE_USER', given: { input: { id: NOBODY } } },
  deleteUser: 'DELETE_USER',
  disableUser: 'DISABLE_USER',
  enableUser: 'DISABLE_USER',
  assignRole: 'ASSIGN_ROLE',
  unassignRole: 'ASSIGN_ROLE',
  changePassword: 'signed-in',
  requestEmailVerification: 'signed-in',
  updateProfile: { others: 'UPDATE_USER', given: { input: { userId: NOBODY } } },
  createRole: 'CREATE_ROLE',
  updateRole: 'UPDATE_ROLE',
  deleteRole: 'DELETE_ROLE',
  grantPermission: 'GRANT_PERMISSION',
  revokePermission: 'GRANT_PERMISSION',
  createPermission: 'CREATE_PERMISSION',
  deletePermission: 'DELETE_PERMISSION',
  revokeSession: 'signed-in',
  revokeOtherSessions: 'signed-in',
  revokeAllSessions: { others: 'REVOKE_SESSIONS', given: { input: { userId: NOBODY } } },
};

/** Streams, which have no arguments. */
export const STREAMS: Record<string, 'signed-in' | BuiltInPermission> = {
  accountChanged: 'signed-in',
  securityEvents: 'READ_AUDIT_LOG',
};

/** Mutations whose account is null for a caller who may change it and not read it. */
export const ACCOUNT_PAYLOADS = ['updateUser', 'disableUser', 'enableUser', 'assignRole', 'unassignRole'];

/** What leads from one object to others needs of a caller who may read the object. */
export type RelationExpected = 'as-object' | BuiltInPermission | { others: BuiltInPermission };

export const RELATIONS: Record<string, RelationExpected> = {
  'User.roles': 'as-object',
  'User.profile': { others: 'READ_USERS' },
  'User.sessions': { others: 'READ_SESSIONS' },
  'User.loginAttempts': { others: 'READ_LOGIN_ATTEMPTS' },
  'User.auditEvents': 'READ_AUDIT_LOG',
  'Profile.user': { others: 'READ_USERS' },
  'Role.permissions': 'as-object',
  'Role.users': 'READ_USERS',
  'Permission.roles': 'READ_ROLES',
  'Session.user': { others: 'READ_USERS' },
  'LoginAttempt.user': { others: 'READ_USERS' },
  'AuditEvent.actor': { others: 'READ_USERS' },
};
