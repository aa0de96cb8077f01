import { LoginDocument } from '../../src/rest/generated/operations';
import { startSmtpServer } from '../fakes/smtp/smtp';
import { PASSWORD, startApp, type TestApp } from '../support/app';
import { eventually } from '../support/eventually';

let app: TestApp;
let limited: TestApp;
let smtp: Awaited<ReturnType<typeof startSmtpServer>>;
beforeAll(async () => {
  smtp = await startSmtpServer();
  app = await startApp({ env: { SMTP_URL: smtp.url, TRUST_PROXY: '1' } });
  limited = await startApp({ env: { TRUST_PROXY: '1', LOGIN_RATE_LIMIT: '5/60' } });
});
afterAll(async () => {
  await app.close();
  await smtp.close();
});

const from = (address: string) => ({ 'x-forwarded-for': address });

async function events(action: string, address: string) {
  const { auditEvents } = await app.data<{ auditEvents: { nodes: Record<string, unknown>[] } }>(
    'query ($filter: AuditFilterInput) { auditEvents(filter: $filter) { nodes { action actorName address count detail } } }',
    { filter: { action } },
    await app.admin(),
  );
  return auditEvents.nodes.filter((node) => node.address === address);
}

const ownHistory = async (token: string) =>
  (
    await app.data<{ loginAttempts: { nodes: { outcome: string; count: number; address: string }[] } }>(
      '{ loginAttempts { nodes { outcome count address } } }',
      {},
      token,
    )
  ).loginAttempts.nodes.filter(({ outcome }) => outcome !== 'ok');

describe('refused requests are in the security history', () => {
  test('wrong codes: a flood is one row with a count, for administrators and for the owner', async () => {
    const address = '203.0.113.7';
    const email = 'guessed@example.org';
    const user = await app.user({ email });
    await app.data('mutation { requestPasswordReset(input: {email: "guessed@example.org"}) { ok } }', {});
    await eventually('the mail', () => smtp.received.length > 0);
    const code = /^ *(\d{6})$/m.exec(smtp.received[0]!.text)![1]!;
    const wrong = code === '000000' ? '000001' : '000000';
    for (let i = 0; i < 4; i++)
      await app.gql(
        'mutation ($input: CheckPasswordResetCodeInput!) { checkPasswordResetCode(input: $input) { valid } }',
        { input: { email, code: wrong } },
        from(address),
      );
    await eventually('the count', async () => (await events('code.rejected', address))[0]?.count === 4);
    expect(await events('code.rejected', address)).toEqual([
      {
        action: 'code.rejected',
        actorName: email,
        address,
        count: 4,
        detail: { operation: 'reset-password', channel: 'graphql' },
      },
    ]);
    expect(await ownHistory(user.token)).toEqual([{ outcome: 'wrong-code', count: 4, address }]);
  });
});

describe('refused requests of a caller', () => {
  const ask = (query: string, token: string | null, address: string) =>
    app.gql(query, {}, { ...from(address), ...(token && { authorization: `Bearer ${token}` }) });
  const eventOf = async (action: string, address: string) => {
    await eventually(action, async () => (await events(action, address)).length > 0);
    return (await events(action, address))[0];
  };

  test('a missing scope, over GraphQL and REST', async () => {
    const user = await app.user();
    for (let i = 0; i < 3; i++) await ask('{ a: users { nodes { id } } }', user.token, '203.0.113.8');
    await fetch(`${app.origin}/identity/roles`, {
      headers: { ...from('203.0.113.9'), authorization: `Bearer ${user.token}` },
    });
    expect(await eventOf('access.denied', '203.0.113.8')).toMatchObject({
      actorName: user.username,
      count: 3,
      detail: { operation: 'users', channel: 'graphql', needs: 'READ_USERS' },
    });
    expect(await ownHistory(user.token)).toContainEqual({
      outcome: 'access-denied',
      count: 3,
      address: '203.0.113.8',
    });
  });

  test('what follows is added to the row that is there', async () => {
    const user = await app.user();
    const address = '203.0.113.20';
    for (const count of [1, 2]) {
      await ask('{ users { nodes { id } } }', user.token, address);
      await eventually('the count', async () => (await events('access.denied', address))[0]?.count === count);
    }
    expect(await events('access.denied', address)).toHaveLength(1);
  });

  test('a token that is not valid, and not a request without one', async () => {
    await ask('{ me { id } }', 'garbage', '203.0.113.10');
    await ask('{ me { id } }', null, '203.0.113.11');
    expect(await eventOf('token.rejected', '203.0.113.10')).toMatchObject({ actorName: null, count: 1 });
    expect(await events('token.rejected', '203.0.113.11')).toEqual([]);
  });

  test('a wrong current password', async () => {
    const user = await app.user();
    const input = 'currentPassword: "wrong one", newPassword: "another password"';
    await ask(`mutation { changePassword(input: { ${input} }) { ok } }`, user.token, '203.0.113.12');
    expect(await eventOf('password.wrong-current', '203.0.113.12')).toMatchObject({ actorName: user.username });
  });

  test('logins at an account that a limit refuses, also for its owner', async () => {
    const user = await limited.user();
    const login = 'mutation ($input: LoginInput!) { login(input: $input) { user { id } } }';
    for (let i = 0; i < 8; i++)
      await limited.gql(login, { input: { username: user.username, password: 'wrong one' } }, from('203.0.113.14'));
    await eventually('the refusals', async () => {
      const { loginAttempts } = await limited.data<{ loginAttempts: { nodes: { outcome: string; count: number }[] } }>(
        '{ loginAttempts { nodes { outcome count } } }',
        {},
        user.token,
      );
      return loginAttempts.nodes.find(({ outcome }) => outcome === 'rate-limited')?.count === 3;
    });
  });

  test('a request that a limit refuses', async () => {
    for (let i = 0; i < 62; i++)
      await ask(`mutation { requestPasswordReset(input: {email: "u${i}@example.org"}) { ok } }`, null, '203.0.113.13');
    expect(await eventOf('limit.exceeded', '203.0.113.13')).toMatchObject({
      count: 2,
      detail: { operation: 'requestPasswordReset' },
    });
  });
});

describe('a mail informs the owner', () => {
  const subjects = (to: string) =>
    smtp.received.filter(({ recipients }) => recipients.includes(to)).map(({ subject }) => subject);
  const english = { 'accept-language': 'en' };
  const change = (input: object, token: string) =>
    app.gql(
      'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }',
      { input },
      {
        ...english,
        authorization: `Bearer ${token}`,
      },
    );

  test('about a password that they or an administrator changed', async () => {
    const email = 'owner@example.org';
    const user = await app.user({ email });
    await app.gql(
      'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { ok } }',
      { input: { currentPassword: PASSWORD, newPassword: 'another password' } },
      { ...english, authorization: `Bearer ${user.token}` },
    );
    await eventually('the first notice', () => subjects(email).length === 1);
    await change({ id: user.id, password: 'by an administrator' }, await app.admin());
    await eventually('the second notice', () => subjects(email).length === 2);
    expect(subjects(email)).toEqual(['Your password was changed', 'Your password was changed']);
  });

  test('about a new e-mail address, at the old one and at the new one', async () => {
    const [old, moved] = ['old@example.org', 'moved@example.org'];
    const user = await app.user({ email: old });
    await change({ id: user.id, email: moved }, await app.admin());
    await eventually('both notices', () => subjects(old).length === 1 && subjects(moved).length === 1);
    expect(subjects(old)).toEqual(['The e-mail address of your account was changed']);
  });

  test('about a login from a network that the account has not used', async () => {
    const email = 'travels@example.org';
    const { username } = await app.user({ email });
    const login = (address: string) =>
      app.gql(LoginDocument, { input: { username, password: PASSWORD } }, { ...english, 'x-forwarded-for': address });
    await login('203.0.113.20');
    await eventually('the notice', () => subjects(email).length === 1);
    await login('203.0.113.20');
    await login('203.0.113.21');
    await eventually('the second notice', () => subjects(email).length === 2);
    expect(subjects(email)).toEqual(Array(2).fill('A new device has signed in to your account'));
  });
});
