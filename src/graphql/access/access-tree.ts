import { type Access, asObject, authenticated, ownOr, publicAccess, publicWithout, scope } from './access-rule';

/** Type → field → what it requires. */
export type AccessTree = Readonly<Record<string, Readonly<Record<string, Access>>>>;

/**
 * The access policy of the server, for every channel: the root fields, and the fields that lead from
 * one object to others. The server does not start with one that is not listed. The schema's
 * descriptions of access, and the order of its root fields, come from here as well.
 */
export const access = {
  Query: {
    settings: publicAccess,
    me: authenticated,
    user: ownOr('READ_USERS', 'id'),
    users: scope('READ_USERS'),
    role: scope('READ_ROLES'),
    roles: scope('READ_ROLES'),
    permission: scope('READ_PERMISSIONS'),
    permissions: scope('READ_PERMISSIONS'),
    profile: ownOr('READ_USERS', 'userId'),
    sessions: ownOr('READ_SESSIONS', 'userId'),
    sessionCount: scope('READ_SESSIONS'),
    loginAttempts: ownOr('READ_LOGIN_ATTEMPTS', 'userId'),
    loginCounts: scope('READ_LOGIN_ATTEMPTS'),
    auditEvents: scope('READ_AUDIT_LOG'),
    kongConsumer: publicAccess,
  },
  Mutation: {
    login: publicAccess,
    refresh: publicAccess,
    logout: publicAccess,
    introspect: publicAccess,

    createUser: publicWithout('input.roles', 'CREATE_USER', 'ASSIGN_ROLE'),
    inviteUser: scope('CREATE_USER'),
    acceptInvitation: publicAccess,
    updateUser: ownOr('UPDATE_USER', 'input.id'),
    deleteUser: scope('DELETE_USER'),
    disableUser: scope('DISABLE_USER'),
    enableUser: scope('DISABLE_USER'),
    assignRole: scope('ASSIGN_ROLE'),
    unassignRole: scope('ASSIGN_ROLE'),
    changePassword: authenticated,
    updateProfile: ownOr('UPDATE_USER', 'input.userId'),

    createRole: scope('CREATE_ROLE'),
    updateRole: scope('UPDATE_ROLE'),
    deleteRole: scope('DELETE_ROLE'),
    grantPermission: scope('GRANT_PERMISSION'),
    revokePermission: scope('GRANT_PERMISSION'),
    createPermission: scope('CREATE_PERMISSION'),
    deletePermission: scope('DELETE_PERMISSION'),

    requestPasswordReset: publicAccess,
    checkPasswordResetCode: publicAccess,
    resetPassword: publicAccess,
    requestEmailVerification: authenticated,
    verifyEmail: publicAccess,

    revokeSession: authenticated,
    revokeOtherSessions: authenticated,
    revokeAllSessions: ownOr('REVOKE_SESSIONS', 'input.userId'),

    kongSignIn: publicAccess,
    kongToken: publicAccess,
  },
  Subscription: {
    accountChanged: authenticated,
    securityEvents: scope('READ_AUDIT_LOG'),
  },
  User: {
    roles: asObject,
    profile: ownOr('READ_USERS', 'id'),
    sessions: ownOr('READ_SESSIONS', 'id'),
    loginAttempts: ownOr('READ_LOGIN_ATTEMPTS', 'id'),
    auditEvents: scope('READ_AUDIT_LOG'),
  },
  Profile: { user: ownOr('READ_USERS', 'userId') },
  Role: { permissions: asObject, users: scope('READ_USERS') },
  Permission: { roles: scope('READ_ROLES') },
  Session: { user: ownOr('READ_USERS', 'userId') },
  LoginAttempt: { user: ownOr('READ_USERS', 'userId') },
  AuditEvent: { actor: ownOr('READ_USERS', 'actorId') },
} as const satisfies AccessTree;
