const rows = ['graphql/audit-rows.test.ts'];
const role = { tests: rows, only: 'of a role' };
const permission = { tests: rows, only: 'of a permission' };
const user = { tests: rows, only: 'of a user' };
const history = ['graphql/security-history.test.ts'];

/** What every change and every refusal leaves behind. */
export const audit = [
  {
    ...role,
    file: 'src/services/roles/create-role.ts',
    title: 'A new role is not recorded.',
    find: `    await audit.record(tx, caller, {
      action: 'role.created',
      targetType: 'role',
      targetId: name,
      detail: { permissions },
    });
`,
    replace: '',
  },
  {
    ...role,
    file: 'src/services/roles/update-role.ts',
    title: 'A changed role is not recorded.',
    find: `    await audit.record(tx, caller, {
      action: 'role.updated',
      targetType: 'role',
      targetId: role.name,
      detail: { permissions: role.permissions.getItems().map(({ name }) => name) },
    });
`,
    replace: '',
  },
  {
    ...role,
    file: 'src/services/roles/delete-role.ts',
    title: 'A deleted role is not recorded.',
    find: "await audit.record(tx, caller, { action: 'role.deleted', targetType: 'role', targetId: name });",
    replace: '',
  },
  {
    ...role,
    file: 'src/services/roles/grant-permission.ts',
    title: 'A permission that is granted or revoked is not recorded.',
    find: "await audit.record(tx, caller, { action, targetType: 'role', targetId: input.role, detail });",
    replace: '',
  },
  {
    ...permission,
    file: 'src/services/roles/create-permission.ts',
    title: 'A new or replaced permission is not recorded.',
    find: "await audit.record(tx, caller, { action, targetType: 'permission', targetId: name });",
    replace: '',
  },
  {
    ...permission,
    file: 'src/services/roles/delete-permission.ts',
    title: 'A deleted permission is not recorded.',
    find: "await audit.record(tx, caller, { action: 'permission.deleted', targetType: 'permission', targetId: name });",
    replace: '',
  },
  {
    ...user,
    file: 'src/services/users/assign-role.ts',
    title: 'A role that is assigned or unassigned is not recorded.',
    find: "await audit.record(tx, caller, { action, targetType: 'user', targetId: userId, detail: { role: name } });",
    replace: '',
  },
  {
    ...user,
    file: 'src/services/users/disable-user.ts',
    title: 'A disabled account is not recorded.',
    find: "await deps.audit.record(em, caller, { action: 'user.disabled', targetType: 'user', targetId: id });",
    replace: '',
  },
  {
    file: 'src/services/sessions/session.service.ts',
    title: 'The end of one session is not recorded.',
    find: "action: 'session.revoked',",
    replace: "action: 'session',",
    tests: ['graphql/history.test.ts', 'graphql/sessions.test.ts'],
  },
  {
    file: 'src/services/sessions/session.service.ts',
    title: 'The end of all sessions is not recorded.',
    find: "action: 'sessions.revoked',",
    replace: "action: 'session',",
    tests: ['graphql/history.test.ts', 'graphql/sessions.test.ts'],
  },
  {
    file: 'src/services/sessions/session-revocation.ts',
    title: 'The replay of a token is not recorded.',
    find: "action: 'session.reuse-detected',",
    replace: "action: 'session',",
    tests: ['graphql/refresh.test.ts'],
    only: 'later it ends the session',
  },
  {
    file: 'src/services/users/change-password.ts',
    title: 'A changed password is not recorded.',
    find: "await deps.audit.record(em, caller, { action: 'password.changed', targetType: 'user', targetId: userId });",
    replace: '',
    tests: ['graphql/passwords.test.ts'],
    only: 'is in the audit log',
  },
  {
    file: 'src/services/users/change-password.ts',
    title: 'The owner gets no mail about a changed password.',
    find: "await deps.mails.addNotice(em, { notice: 'password-changed', to: [email] }, caller);",
    replace: '',
    tests: history,
    only: 'about a password that they or an administrator changed',
  },
  {
    file: 'src/services/users/update-user.ts',
    title: 'The former address gets no mail about a new one.',
    find: 'to: [formerEmail, email]',
    replace: 'to: [email]',
    tests: history,
    only: 'about a new e-mail address',
  },
  {
    file: 'src/services/auth/login.ts',
    title: 'The login history gives another reason for a disabled account.',
    find: "userId: account.id, outcome: 'disabled' }",
    replace: "userId: account.id, outcome: 'wrong-password' }",
    tests: ['graphql/login.test.ts'],
    only: 'is in the history with its reason',
  },
  {
    file: 'src/services/auth/login.ts',
    title: 'The login history does not name the account of a wrong password.',
    find: "userId: account.id, outcome: 'wrong-password' }",
    replace: "userId: null, outcome: 'wrong-password' }",
    tests: ['graphql/history.test.ts', 'graphql/login-effects.test.ts'],
  },
  {
    file: 'src/graphql/server/execute.ts',
    title: 'Refused access is not in the security history.',
    find: "  ['FORBIDDEN', 'access.denied'],\n",
    replace: '',
    tests: history,
    only: 'a missing scope, over GraphQL and REST',
  },
  {
    file: 'src/graphql/server/execute.ts',
    title: 'Requests without a token are in the security history.',
    find: "if (!kind || params.reason === 'missing') return;",
    replace: 'if (!kind) return;',
    tests: history,
    only: 'and not a request without one',
  },
  {
    file: 'src/services/users/confirm-password.ts',
    title: 'A wrong current password is not in the security history.',
    find: "refusals.record(caller, { kind: 'password.wrong-current', operation: 'confirm' });",
    replace: '',
    tests: history,
    only: 'a wrong current password',
  },
  {
    file: 'src/services/audit/refusal-log.ts',
    title: 'A flood of refusals is a row for each.',
    find: 'if (before) await this.add(before, entry.count);',
    replace: 'if (before && !entry.account) await this.add(before, entry.count);',
    tests: history,
  },
];
