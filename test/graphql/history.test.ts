import {
  AuditEventsDocument,
  ChangePasswordDocument,
  CreateRoleDocument,
  DeleteUserDocument,
  DisableUserDocument,
  EnableUserDocument,
  IntrospectDocument,
  LoginAttemptsDocument,
  LoginDocument,
  LogoutDocument,
  RequestEmailVerificationDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
  RevokeSessionDocument,
  UpdateUserDocument,
  VerifyEmailDocument,
} from '../../src/rest/generated/operations';
import { type SmtpTestServer, startSmtpServer } from '../fakes/smtp/smtp';
import { ADMIN, PASSWORD, startApp, type TestApp } from '../support/app';
import { eventually } from '../support/eventually';
import { forbidden, refused } from '../support/graphql-client';
import { NOBODY } from '../support/minimal-operation';
import { describeWithRedis } from '../support/redis';
import { lookInto, refresh, refreshed } from '../support/sessions';
import { compatToken } from '../support/tokens';

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const ID = expect.stringMatching(/^\d+$/);

describe('the login history', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  const attempts = async (variables: object, token: string) =>
    (await app.gql(LoginAttemptsDocument, { allUsers: false, ...variables }, token)).body;
  const outcomes = (body: Awaited<ReturnType<typeof attempts>>) =>
    body.data!.loginAttempts!.nodes.map(({ outcome }) => outcome);

  test('shows users their own logins, the newest first', async () => {
    const user = await app.user({ email: 'history@example.org' });
    const headers = { 'user-agent': 'Probe/1.0' };
    await app.gql(LoginDocument, { input: { username: 'HISTORY@example.org', password: 'wrong' } }, headers);
    const described = { id: ID, at: TIME, userId: user.id, channel: 'graphql', address: '127.0.0.1' };
    expect(await attempts({}, user.token)).toEqual({
      data: {
        loginAttempts: {
          nodes: [
            { ...described, identifier: 'HISTORY@example.org', userAgent: 'Probe/1.0', outcome: 'wrong-password' },
            { ...described, identifier: user.username, userAgent: 'node', outcome: 'ok' },
          ],
          pageInfo: {
            hasNextPage: false,
            hasPreviousPage: false,
            startCursor: expect.any(String),
            endCursor: expect.any(String),
          },
        },
      },
    });
  });

  test('gives pages that fit together, whatever is added meanwhile', async () => {
    const user = await app.user();
    for (let i = 0; i < 6; i++)
      await app.outcome(LoginDocument, { input: { username: user.username, password: `wrong ${i}` } });
    const all = (await attempts({}, user.token)).data!.loginAttempts!.nodes.map(({ id }) => id);
    expect(all).toHaveLength(7);
    const seen: string[] = [];
    let after: string | null | undefined;
    do {
      const { nodes, pageInfo } = (await attempts({ first: 3, after }, user.token)).data!.loginAttempts!;
      seen.push(...nodes.map(({ id }) => id));
      expect(nodes.length).toBe(pageInfo.hasNextPage ? 3 : 1);
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
      await app.outcome(LoginDocument, { input: { username: user.username, password: 'in between' } });
    } while (after);
    expect(seen).toEqual(all);
  });

  test('of other users and of unknown names needs READ_LOGIN_ATTEMPTS', async () => {
    const [user, reader] = [await app.user(), await app.user({ permissions: ['READ_LOGIN_ATTEMPTS'] })];
    await app.outcome(LoginDocument, { input: { username: 'nobody-here', password: 'x' } });
    expect(await attempts({ userId: reader.id }, user.token)).toEqual(
      forbidden('loginAttempts', 'READ_LOGIN_ATTEMPTS'),
    );
    expect(await attempts({ allUsers: true }, user.token)).toEqual(forbidden('loginAttempts', 'READ_LOGIN_ATTEMPTS'));
    expect(outcomes(await attempts({ userId: user.id }, reader.token))).toEqual(['ok']);
    expect(outcomes(await attempts({ userId: NOBODY }, reader.token))).toEqual([]);
    const allUsers = (await attempts({ allUsers: true, first: 1 }, reader.token)).data!.loginAttempts!.nodes;
    expect(allUsers).toEqual([
      {
        id: ID,
        at: TIME,
        identifier: 'nobody-here',
        userId: null,
        channel: 'graphql',
        address: '127.0.0.1',
        userAgent: 'node',
        outcome: 'unknown-user',
      },
    ]);
  });

  test.each([
    ['a page of 1001', { first: 1001 }],
    ['a page of -1', { first: -1 }],
    ['a cursor that is none', { after: 'garbage' }],
    ['a cursor with SQL', { after: Buffer.from("at:1' or '1'='1").toString('base64url') }],
  ])('%s is refused', async (_what, variables) => {
    const { token } = await app.user();
    expect((await attempts(variables, token)).errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  });
});

describe('the audit log', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  const events = async (variables: object, token: string) =>
    (await app.gql(AuditEventsDocument, variables, token)).body;
  const about = async (targetId: string) =>
    (await events({ filter: { targetId } }, await app.admin())).data!.auditEvents!.nodes.map(
      ({ action, actorName, detail }) => ({
        action,
        actorName,
        detail,
      }),
    );

  test('takes READ_AUDIT_LOG, whatever the filter', async () => {
    const [user, reader] = [await app.user(), await app.user({ permissions: ['READ_AUDIT_LOG'] })];
    for (const variables of [{}, { filter: { actorId: user.id } }, { filter: { targetId: user.id } }])
      expect(await events(variables, user.token)).toEqual(forbidden('auditEvents', 'READ_AUDIT_LOG'));
    expect((await events({ first: 1 }, reader.token)).errors).toBeUndefined();
  });

  test('names actor, action, target, time and address', async () => {
    const { me } = await app.data<{ me: { id: string } }>('{ me { id } }', {}, await app.admin());
    const user = await app.user();
    await app.gql(
      DisableUserDocument,
      { input: { id: user.id } },
      { authorization: `Bearer ${await app.admin()}`, 'user-agent': 'Console/2' },
    );
    const body = await events({ filter: { targetId: user.id, action: 'user.disabled' } }, await app.admin());
    expect(body).toEqual({
      data: {
        auditEvents: {
          nodes: [
            {
              id: ID,
              at: TIME,
              action: 'user.disabled',
              actorId: me.id,
              actorName: ADMIN.username,
              targetType: 'user',
              targetId: user.id,
              address: '127.0.0.1',
              userAgent: 'Console/2',
              detail: {},
            },
          ],
          pageInfo: {
            hasNextPage: false,
            hasPreviousPage: false,
            startCursor: expect.any(String),
            endCursor: expect.any(String),
          },
        },
      },
    });
  });

  test('holds the life of an account and of its sessions, also when they are gone', async () => {
    const user = await app.user();
    const [second, third] = [await app.login(user.username), await app.login(user.username)];
    await app.data(LogoutDocument, { input: { token: second.refreshToken } }, second.accessToken);
    await app.data(RevokeSessionDocument, { input: { id: third.sessionId } }, user.token);
    await refreshed(app, user.tokens.refreshToken);
    app.clock.advance(30);
    await refresh(app, user.tokens.refreshToken);
    const { accessToken } = await app.login(user.username);
    await app.data(
      ChangePasswordDocument,
      { input: { currentPassword: PASSWORD, newPassword: 'the next one' } },
      accessToken,
    );
    await app.data(EnableUserDocument, { input: { id: user.id } }, await app.admin()); // changes nothing
    await app.data(DeleteUserDocument, { input: { id: user.id } }, await app.admin());
    expect(await about(user.id)).toEqual([
      { action: 'user.deleted', actorName: ADMIN.username, detail: { username: user.username } },
      { action: 'password.changed', actorName: user.username, detail: {} },
      { action: 'user.created', actorName: ADMIN.username, detail: { username: user.username, roles: [] } },
    ]);
    const detail = { user: user.id };
    expect(await about(second.sessionId)).toEqual([{ action: 'session.logout', actorName: user.username, detail }]);
    expect(await about(third.sessionId)).toEqual([{ action: 'session.revoked', actorName: user.username, detail }]);
    expect(await about(user.tokens.sessionId)).toEqual([{ action: 'session.reuse-detected', actorName: null, detail }]);
  });

  test('has an event for what changes rights', async () => {
    const name = await app.role(['READ_USERS']);
    expect(await about(name)).toEqual([expect.objectContaining({ action: 'role.created', actorName: ADMIN.username })]);
    const user = await app.user();
    await app.data(
      'mutation($i: UserRoleInput!) { assignRole(input: $i) { user { id } } }',
      { i: { userId: user.id, role: name } },
      await app.admin(),
    );
    expect((await about(user.id))[0]).toEqual({
      action: 'user.role-assigned',
      actorName: ADMIN.username,
      detail: { role: name },
    });
  });

  test('distinguishes a deleted account from a name that never had one', async () => {
    expect(await events({ filter: { actorId: 'no id' } }, await app.admin())).toEqual(
      refused('auditEvents', 'USER_NOT_FOUND', 'No such user'),
    );
    expect((await events({ filter: { targetId: 'no\0thing' } }, await app.admin())).data).toEqual({
      auditEvents: {
        nodes: [],
        pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
      },
    });
  });
});

describeWithRedis('no credential', (redis) => {
  let smtp: SmtpTestServer;
  let app: TestApp;
  beforeAll(async () => {
    smtp = await startSmtpServer();
    app = await startApp({ env: { SMTP_URL: smtp.url, REDIS_URL: redis.url, LOGIN_RATE_LIMIT: '5/60' } });
  });
  afterAll(async () => {
    await app.close();
    await smtp.close();
  });

  test('is in any table, in Redis, in a log line or in an answer of the histories, after everything that takes one', async () => {
    const secrets = new Map<string, string>();
    const keep = (what: string, secret: string) => {
      secrets.set(what, secret);
      return secret;
    };
    const email = 'secretive@example.org';
    const create = { username: 'secretive', email, password: keep('first password', 'Erstes-Kennwort-1') };
    await app.data('mutation($i: CreateUserInput!) { createUser(input: $i) { user { id } } }', { i: create });
    const log = async (password: string) => app.gql(LoginDocument, { input: { username: email, password } });
    await log(keep('mistyped password', 'Erstes-Kennwort-l'));
    await app.gql(LoginDocument, {
      input: { username: 'who-is-this', password: keep('password of nobody', 'Fremdes-Kennwort-9') },
    });
    const tokens = (await log(create.password)).body.data!.login!.tokens;
    keep('access token', tokens.accessToken);
    keep('refresh token', tokens.refreshToken!);
    const next = await refreshed(app, tokens.refreshToken!);
    keep('second access token', next.accessToken);
    keep('second refresh token', next.refreshToken);
    await app.gql(IntrospectDocument, { input: { token: next.accessToken } }, next.accessToken);
    await refresh(app, keep('garbage that was sent as a token', 'eyJhbGciOiJIUzUxMiJ9.garbage-garbage-garbage.xyz'));

    const mailsTo = () => smtp.received.filter(({ recipients }) => recipients.includes(email));
    await app.data(RequestEmailVerificationDocument, {}, next.accessToken);
    await eventually('the verification', () => mailsTo().length === 1);
    const verification = mailsTo()[0]!.text;
    const linkToken = keep('link token', /token=([\w-]+)/.exec(verification)![1]!);
    keep('verification code', /^ *(\d{6})$/m.exec(verification)![1]!);
    await app.data(VerifyEmailDocument, { input: { linkToken } });
    await app.data(RequestPasswordResetDocument, { input: { email } });
    await eventually('the code', () => mailsTo().length === 2);
    const code = keep('reset code', /^ *(\d{6})$/m.exec(mailsTo()[1]!.text)![1]!);
    const newPassword = keep('second password', 'Zweites-Kennwort-2');
    await app.data(ResetPasswordDocument, { input: { email, code, newPassword } });
    const again = (await log(newPassword)).body.data!.login!;
    keep('third access token', again.tokens.accessToken);
    const change = { currentPassword: newPassword, newPassword: keep('third password', 'Drittes-Kennwort-3') };
    await app.data(ChangePasswordDocument, { input: change }, again.tokens.accessToken);
    await app.data(
      UpdateUserDocument,
      { input: { id: again.user.id, password: keep('password by an administrator', 'Viertes-Kennwort-4') } },
      await app.admin(),
    );
    const identity = await compatToken({ subject: 'secretive', userId: again.user.id, issuedAt: app.clock.seconds });
    await app.data(LogoutDocument, { input: { token: keep('compat token', identity) } });
    await app.data(
      CreateRoleDocument,
      { input: { name: 'NOTHING', permissions: [], ifExists: 'REFUSE' } },
      await app.admin(),
    );

    const places = new Map<string, string>();
    const tables = await app.sql<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public'`,
    );
    expect(tables.length).toBeGreaterThan(12);
    for (const { name } of tables)
      places.set(`table ${name}`, JSON.stringify(await app.sql(`select * from "${name}"`)));
    places.set(
      'Redis',
      await lookInto(redis.url, async (client) => {
        const found: string[] = [];
        for (const key of await client.keys('*'))
          found.push(key, ((await client.type(key)) === 'string' && (await client.get(key))) || '');
        return JSON.stringify(found);
      }),
    );
    places.set('log', JSON.stringify(app.logs));
    const admin = await app.admin();
    places.set('auditEvents', JSON.stringify(await app.data(AuditEventsDocument, { first: 1000 }, admin)));
    places.set(
      'loginAttempts',
      JSON.stringify(await app.data(LoginAttemptsDocument, { allUsers: true, first: 1000 }, admin)),
    );

    const found: string[] = [];
    for (const [place, content] of places) {
      for (const [what, secret] of secrets) {
        // six digits alone may be part of any number
        const pattern = /^\d{6}$/.test(secret) ? `"${secret}"` : secret;
        if (content.includes(pattern)) found.push(`${what} in ${place}`);
        const signature = secret.split('.')[2];
        if (signature && signature.length > 40 && content.includes(signature))
          found.push(`signature of ${what} in ${place}`);
      }
    }
    expect(found).toEqual([]);
  });
});
