import { type Access, anybody, ownOr, scope, signedInUser } from './access-rule';

/**
 * Who may use what: the whole policy of the server at its channels. A root field that is not listed
 * is refused, and the server does not start. What a field says of its needs in the schema comes
 * from here too.
 */
export const access = {
  Query: {
    me: signedInUser,
    user: ownOr('READ_USERS', 'id'),
    users: scope('READ_USERS'),
    role: scope('READ_ROLES'),
    roles: scope('READ_ROLES'),
    permission: scope('READ_PERMISSIONS'),
    permissions: scope('READ_PERMISSIONS'),
    profile: ownOr('READ_USERS', 'userId'),
    sessions: ownOr('READ_SESSIONS', 'userId'),
    loginAttempts: ownOr('READ_LOGIN_ATTEMPTS', 'userId'),
    auditEvents: scope('READ_AUDIT_LOG'),
    kongConsumer: anybody,
  },
  Mutation: {
    login: anybody,
    refresh: anybody,
    logout: anybody,
    introspect: anybody,

    createUser: anybody,
    updateUser: ownOr('UPDATE_USER', 'input.id'),
    deleteUser: scope('DELETE_USER'),
    disableUser: scope('DISABLE_USER'),
    enableUser: scope('DISABLE_USER'),
    assignRole: scope('ASSIGN_ROLE'),
    unassignRole: scope('ASSIGN_ROLE'),
    changePassword: signedInUser,
    updateProfile: ownOr('UPDATE_USER', 'input.userId'),

    requestPasswordReset: anybody,
    checkPasswordResetCode: anybody,
    resetPassword: anybody,
    requestEmailVerification: signedInUser,
    verifyEmail: anybody,

    createRole: scope('CREATE_ROLE'),
    updateRole: scope('UPDATE_ROLE'),
    deleteRole: scope('DELETE_ROLE'),
    grantPermission: scope('GRANT_PERMISSION'),
    revokePermission: scope('GRANT_PERMISSION'),
    createPermission: scope('CREATE_PERMISSION'),
    deletePermission: scope('DELETE_PERMISSION'),

    kongSignIn: anybody,
    kongToken: anybody,

    revokeSession: signedInUser,
    revokeOtherSessions: signedInUser,
    revokeAllSessions: ownOr('REVOKE_SESSIONS', 'input.userId'),
  },
} as const satisfies Record<'Query' | 'Mutation', Record<string, Access>>;
